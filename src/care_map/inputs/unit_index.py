"""Finding a unit by code, by name or by place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from care_map.inputs.place_names import PlaceNames, normal_place
from care_map.inputs.texts import each_different
from care_map.vocabulary import LEVELS

__all__ = ["UnitIndex", "canonical_code", "same_place"]

_CODE_DIGITS = 12
_SHORT_CODES = (6, 9)
_QUALITY = {"community": "village", "town": "town"}


def canonical_code(code: str) -> str:
    """Return a code in the form in which codes are compared: 6 and 9 digits padded to 12.

    Examples
    --------
    >>> canonical_code("500101001"), canonical_code("63000020-011")
    ('500101001000', '63000020-011')
    """
    text = code.strip()
    short = text.isascii() and text.isdigit() and len(text) in _SHORT_CODES
    return text.ljust(_CODE_DIGITS, "0") if short else text


def same_place(name: str, other: str) -> bool:
    """Tell whether two names mean one unit: equal, or one begins or ends the other.

    Examples
    --------
    >>> same_place("松山", "松山區"), same_place("万州区高笋塘街道", "高笋塘街道")
    (True, True)
    >>> same_place("台北", "臺北市"), same_place("高笋塘街道", "太白街道")
    (True, False)
    """
    return _same(normal_place(name), normal_place(other))


def _same(name: str, other: str) -> bool:
    one, two = sorted((name, other), key=len)
    return bool(one) and (two.startswith(one) or two.endswith(one))


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """Units, ready to be looked up.

    Parameters
    ----------
    units
        The table of units in the metric CRS; see :class:`care_map.inputs.tables.Inputs`.

    Examples
    --------
    >>> square = shapely.box(0, 0, 1, 1)
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["1"], "name": ["a"], "level": ["town"], "parent_id": [""],
    ...      "setting": ["urban"]}, geometry=[square])
    >>> UnitIndex(units).lowest(np.array([shapely.Point(0.5, 0.5), None], dtype=object)).tolist()
    ['1', '']
    """

    units: gpd.GeoDataFrame
    ids: NDArray[np.object_] = field(init=False)
    codes: Mapping[str, str] = field(init=False)
    names: Mapping[str, str] = field(init=False)
    levels: Mapping[str, str] = field(init=False)
    parents: Mapping[str, str] = field(init=False)
    settings: Mapping[str, str] = field(init=False)
    places: PlaceNames = field(init=False)

    def __post_init__(self) -> None:
        """Make the lookups."""
        ids = self.units["unit_id"].to_numpy(dtype=object)
        columns = {
            name: dict(zip(ids, self.units[name], strict=True))
            for name in ("name", "level", "parent_id", "setting")
        }
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "codes", {canonical_code(unit): unit for unit in reversed(ids)})
        object.__setattr__(self, "names", columns["name"])
        object.__setattr__(self, "levels", columns["level"])
        object.__setattr__(self, "parents", columns["parent_id"])
        object.__setattr__(self, "settings", columns["setting"])
        places = PlaceNames(self.names, self.levels, self.parents)
        object.__setattr__(self, "places", places)

    @property
    def empty(self) -> bool:
        """Whether there is no unit at all."""
        return not len(self.ids)

    @property
    def has_polygons(self) -> bool:
        """Whether any unit has a polygon."""
        return bool(self.units.geometry.notna().any())

    def by_code(self, code: str) -> str:
        """Return the id of the unit with that code, padded or not; "" if there is none."""
        return self.codes.get(canonical_code(code), "")

    def chain(self, unit_id: str) -> tuple[str, ...]:
        """Return a unit and what it lies in, from itself upwards."""
        found: list[str] = []
        while unit_id in self.names and unit_id not in found:
            found.append(unit_id)
            unit_id = self.parents[unit_id]
        return tuple(found)

    def setting_of(self, unit_id: str) -> str:
        """Return the setting of a unit or of its nearest ancestor that has one."""
        settings = (self.settings[unit] for unit in self.chain(unit_id))
        return next((setting for setting in settings if setting), "")

    def name_at(self, unit_id: str, level: str) -> str:
        """Return the name of the unit's ancestor (or itself) of a level, "" if none."""
        chain = self.chain(unit_id)
        return next((self.names[unit] for unit in chain if self.levels[unit] == level), "")

    def town_of(self, unit_id: str) -> str:
        """Return the id of the town that a unit is or lies in, "" if none."""
        return next((unit for unit in self.chain(unit_id) if self.levels[unit] == "town"), "")

    def full_name(self, unit_id: str) -> str:
        """Return the names of a unit and of what it lies in, from above."""
        return "".join(self.names[unit] for unit in reversed(self.chain(unit_id)))

    def by_name(self, town: str, community: str) -> str:
        """Return the one unit of these names, the lowest that is named; "" if not unique."""
        return self.places.meaning(town, community).unit

    def points_of(
        self, units: NDArray[np.object_]
    ) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Return the point that stands for each unit, and how exact it is.

        Parameters
        ----------
        units
            Ids, "" for none.

        Returns
        -------
        Two arrays
            A point inside the unit's polygon, for a village without one inside its town's; and
            ``"village"`` or ``"town"``. None and ``"none"`` where there is no such polygon.
        """
        which, different = pd.factorize(units)
        polygons = dict(zip(self.ids, self.units.geometry.to_numpy(), strict=True))
        points = np.full(len(different), None, dtype=object)
        qualities = np.full(len(different), "none", dtype=object)
        for at, code in enumerate(different):
            for unit in reversed(self.chain(code)):
                quality = _QUALITY.get(self.levels[unit])
                if quality and polygons[unit] is not None:
                    points[at] = shapely.point_on_surface(polygons[unit])
                    qualities[at] = quality
        return points[which], qualities[which]

    def lowest(self, points: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the id of the lowest unit that each point is in; on a line, the lowest id.

        Parameters
        ----------
        points
            Points in the units' CRS, or None.

        Returns
        -------
        numpy.ndarray
            Ids, "" where there is none.
        """
        found = np.full(len(points), "", dtype=object)
        # A tree of points and prepared polygons: seconds less than the other way about.
        tree = shapely.STRtree(points)
        for level in LEVELS:
            best = np.full(len(points), "", dtype=object)
            at_level = self.units[(self.units["level"] == level) & self.units.geometry.notna()]
            at_level = at_level.sort_values("unit_id", ascending=False)
            polygons = at_level.geometry.to_numpy()
            shapely.prepare(polygons)
            unit, point = tree.query(polygons, predicate="intersects")
            order = np.argsort(unit, kind="stable")
            best[point[order]] = at_level["unit_id"].to_numpy(dtype=object)[unit[order]]
            found = np.where(best == "", found, best)
        return found

    def contradicted(self, unit_id: str, *, town: str, community: str) -> str:
        """Return the first label that names another unit than `unit_id` lies in, "" if none."""
        labels = {"town_name": ("town", town), "community_name": ("community", community)}
        for column, (level, label) in labels.items():
            name = self.name_at(unit_id, level)
            if label and name and not same_place(label, name):
                return column
        return ""

    def ids_contradict(self, given: str, found: str) -> bool:
        """Tell whether two units are neither the same nor one inside the other."""
        return given not in self.chain(found) and found not in self.chain(given)

    def lower(self, given: str, found: str) -> str:
        """Return the lower of two units, one of which lies in the other."""
        return given if found in self.chain(given) else found

    def levels_of(self, units: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the level of each unit, "" where there is none."""
        return each_different(units, lambda unit: self.levels.get(unit, ""))

    def settings_of(self, units: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return :meth:`setting_of` of each unit."""
        return each_different(units, self.setting_of)
