"""Who may use which way, by mode, from its tags (DOMAIN §4, `docs/travel-time.md`)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.values import Mode

__all__ = ["allowed_directions", "car_class", "tag"]

Bools = NDArray[np.bool_]

_MOTORWAYS = ("motorway", "motorway_link")
_BUS_ONLY = ("busway",)
_FOOT_MEANT = ("yes", "designated", "permissive")
_FOOT_NO = ("no", "private")
_FOOT_YES = (*_FOOT_MEANT, "official", "destination", "customers")
_ACCESS_NO = ("no", "private")
_VEHICLE_NO = ("no", "private", "agricultural", "forestry", "agricultural;forestry", "emergency")
_CAR_TAGS = ("motorcar", "motor_vehicle", "vehicle", "access")
_CYCLE_TAGS = ("bicycle", "vehicle", "access")
_CYCLE_NO = (*_VEHICLE_NO, "dismount", "use_sidepath")
_CYCLE_MEANT = ("yes", "designated", "permissive")
_NEVER_BY_CYCLE = (*_MOTORWAYS, "steps", "elevator")
_BY_CYCLE_IF_MEANT = ("footway", "pedestrian", "corridor", "bridleway", *_BUS_ONLY)
_FORWARD_ONLY = ("yes", "true", "1")
_BACKWARD_ONLY = ("-1", "reverse")
_ONEWAY_JUNCTIONS = ("roundabout", "circular")
_CAR_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "track",
)
_LINKS = ("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link")


def allowed_directions(ways: pd.DataFrame, mode: Mode) -> tuple[Bools, Bools]:
    """Tell in which directions each way may be used.

    Parameters
    ----------
    ways
        Tags as text.
    mode
        Foot, car or cycle.

    Returns
    -------
    In drawing direction, against it; ``(n_ways,)`` each.
    """
    if mode == "foot":
        allowed = _foot_allowed(ways)
        return allowed, allowed
    if mode == "car":
        return _directed(ways, _car_allowed(ways), tag(ways, "oneway"))
    oneway = tag(ways, "oneway_bicycle")
    return _directed(ways, _cycle_allowed(ways), oneway.where(oneway != "", tag(ways, "oneway")))


def car_class(ways: pd.DataFrame) -> "pd.Series[str]":
    """Return the class whose speed applies to a car, empty where no car may go."""
    highway = tag(ways, "highway")
    base = highway.where(~highway.isin(_LINKS), highway.str.removesuffix("_link"))
    return base.where(base.isin(_CAR_CLASSES), "")


def tag(ways: pd.DataFrame, name: str) -> "pd.Series[str]":
    """Return a tag as text, empty where the source does not have it."""
    if name in ways.columns:
        return ways[name].astype(str)
    return pd.Series("", index=ways.index)


def _foot_allowed(ways: pd.DataFrame) -> Bools:
    highway, foot = tag(ways, "highway"), tag(ways, "foot")
    never = highway.isin(_MOTORWAYS) | (tag(ways, "motorroad") == "yes") | foot.isin(_FOOT_NO)
    never |= highway.isin(_BUS_ONLY) & ~foot.isin(_FOOT_MEANT)
    open_to_all = ~tag(ways, "access").isin(_ACCESS_NO)
    return (~never & (foot.isin(_FOOT_YES) | open_to_all)).to_numpy(dtype=bool)


def _car_allowed(ways: pd.DataFrame) -> "pd.Series[bool]":
    return (car_class(ways) != "") & ~_first_of(ways, _CAR_TAGS).isin(_VEHICLE_NO)


def _cycle_allowed(ways: pd.DataFrame) -> "pd.Series[bool]":
    highway, bicycle = tag(ways, "highway"), tag(ways, "bicycle")
    never = highway.isin(_NEVER_BY_CYCLE) | (tag(ways, "motorroad") == "yes")
    never |= highway.isin(_BY_CYCLE_IF_MEANT) & ~bicycle.isin(_CYCLE_MEANT)
    return ~never & ~_first_of(ways, _CYCLE_TAGS).isin(_CYCLE_NO)


def _first_of(ways: pd.DataFrame, names: tuple[str, ...]) -> "pd.Series[str]":
    """Return the value of the first of some tags that a way has."""
    value = pd.Series("", index=ways.index)
    for name in names:
        value = value.where(value != "", tag(ways, name))
    return value


def _directed(
    ways: pd.DataFrame, allowed: "pd.Series[bool]", oneway: "pd.Series[str]"
) -> tuple[Bools, Bools]:
    silent = ~oneway.isin((*_FORWARD_ONLY, *_BACKWARD_ONLY, "no"))
    implied = tag(ways, "highway").isin(_MOTORWAYS)
    implied |= tag(ways, "junction").isin(_ONEWAY_JUNCTIONS)
    forward = allowed & ~oneway.isin(_BACKWARD_ONLY)
    backward = allowed & ~(oneway.isin(_FORWARD_ONLY) | (silent & implied))
    return forward.to_numpy(dtype=bool), backward.to_numpy(dtype=bool)
