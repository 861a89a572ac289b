"""A scenario: what would be otherwise, as a list of changes in the order in which they are made.

The changes are values; what they do to a study's lists and roads is done where those are read.
A facility that is closed is off the lists, so that adding one and closing it again is nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal, TypeAlias

from care_map.values import Datum

__all__ = [
    "KINDS",
    "AddFacility",
    "AddLift",
    "AddRoad",
    "Cell",
    "Change",
    "ChangeCircle",
    "ChangeElders",
    "ChangeProfile",
    "CloseFacility",
    "CloseRoad",
    "EnlargeFacility",
    "MobileStops",
    "MoveFacility",
    "Scenario",
]

Cell: TypeAlias = str | int | float | bool
LiftKind = Literal["lift", "escalator"]


@dataclass(frozen=True, slots=True)
class AddFacility:
    """A facility that is not in the lists.

    Parameters
    ----------
    facility_id, name
        Its id, which no other has, and its name.
    roles
        Types, at least one.
    lon, lat
        Its place in degrees of `datum`; None for one whose place is not known.
    datum
        Datum of the place.
    stage
        Stage; only what operates covers anybody.
    columns
        Other columns of :data:`care_map.schema.FACILITIES`, lists as text joined with ``;``.
    services
        Service → capacity that it gives.
    cost_yuan
        What it costs, None where that is not known.
    year
        Year in which a plan builds it.
    """

    facility_id: str
    name: str
    roles: tuple[str, ...]
    lon: float | None = None
    lat: float | None = None
    datum: Datum = "wgs84"
    stage: str = "operating"
    columns: Mapping[str, Cell] = field(default_factory=dict)
    services: Mapping[str, float] = field(default_factory=dict)
    cost_yuan: float | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class CloseFacility:
    """A facility that is there no more."""

    facility_id: str
    cost_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class MoveFacility:
    """A facility that stands elsewhere: longitude and latitude in degrees of `datum`."""

    facility_id: str
    lon: float
    lat: float
    datum: Datum = "wgs84"
    cost_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class EnlargeFacility:
    """A facility of another size, stage or kind.

    Parameters
    ----------
    facility_id
        Which.
    columns
        Column of :data:`care_map.schema.FACILITIES` → its new value (``beds``, ``stage`` …).
    services
        Service → its new capacity; one that it did not give is added.
    cost_yuan
        What that costs.
    """

    facility_id: str
    columns: Mapping[str, Cell] = field(default_factory=dict)
    services: Mapping[str, float] = field(default_factory=dict)
    cost_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class ChangeCircle:
    """Other minutes, another profile or more facility types for a circle.

    Parameters
    ----------
    circle
        Id of the circle.
    setting
        ``"urban"`` or ``"rural"``; every setting that has a rule without it.
    minutes, profile
        What the rule has instead.
    accept
        Facility types that will do as well for each part of the circle.
    """

    circle: str
    setting: Literal["urban", "rural"] | None = None
    minutes: float | None = None
    profile: str | None = None
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    """Other speeds for everybody who travels by a profile; it keeps its name.

    Parameters
    ----------
    profile
        Name of the profile.
    walk_speed_mps
        Walking speed, m/s.
    speed_factor
        Factor on all speeds of the profile, of cars and bicycles too.
    stairs_factor
        Time on stairs over the time on level ground.
    """

    profile: str
    walk_speed_mps: float | None = None
    speed_factor: float | None = None
    stairs_factor: float | None = None


@dataclass(frozen=True, slots=True)
class AddRoad:
    """A road or path that is not there yet; it meets the roads at its two ends.

    Parameters
    ----------
    line
        Places in degrees of `datum`, at least two.
    highway
        Class as in OSM (``footway``, ``residential``, ``steps`` …).
    oneway
        Whether cars may go in the drawing direction only.
    bridge
        Whether it is a bridge.
    name
        Its name.
    """

    line: tuple[tuple[float, float], ...]
    highway: str = "residential"
    oneway: bool = False
    bridge: bool = False
    name: str = ""
    datum: Datum = "wgs84"
    cost_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class CloseRoad:
    """Roads that cannot be used: those of a name, or the one that is nearest to a place."""

    name: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: Datum = "wgs84"
    cost_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class AddLift:
    """A lift or an escalator beside the stairs that are nearest to a place.

    Parameters
    ----------
    lon, lat
        A place on the stairs, in degrees of `datum`.
    form
        ``"lift"`` takes the profile's seconds from end to end, ``"escalator"`` its speed.
    """

    lon: float
    lat: float
    datum: Datum = "wgs84"
    form: LiftKind = "lift"
    cost_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class ChangeElders:
    """Elders of another year.

    Parameters
    ----------
    units
        Ids of units, with all units in them; the whole study without any.
    factor
        Their elders over those of the list.
    elders
        Number of elders instead, shared out as the elders of the list are. One of the two.
    age_from, age_to, group
        Only elders of these ages (both included), or of this group; the others stay.
    year
        The year that is meant.
    """

    units: tuple[str, ...] = ()
    factor: float | None = None
    elders: int | None = None
    age_from: int | None = None
    age_to: int | None = None
    group: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class MobileStops:
    """Stops of a mobile service (流动养老服务): as few as bring each uncovered village to a walk.

    It is settled by :func:`care_map.with_mobile_stops`, which puts facilities in its place.

    Parameters
    ----------
    circle
        Circle whose uncovered elders are meant.
    minutes
        Longest walk to a stop.
    profile
        Who walks.
    counts
        Whether a stop covers the elders of the circle; otherwise they are served and uncovered.
    """

    circle: str
    minutes: float = 15.0
    profile: str = "elder"
    counts: bool = False


Change: TypeAlias = (
    AddFacility
    | CloseFacility
    | MoveFacility
    | EnlargeFacility
    | ChangeCircle
    | ChangeProfile
    | AddRoad
    | CloseRoad
    | AddLift
    | ChangeElders
    | MobileStops
)

KINDS: Mapping[str, type[Change]] = {
    "profile": ChangeProfile,
    "circle": ChangeCircle,
    "road": AddRoad,
    "close_road": CloseRoad,
    "lift": AddLift,
    "add": AddFacility,
    "move": MoveFacility,
    "enlarge": EnlargeFacility,
    "close": CloseFacility,
    "elders": ChangeElders,
    "mobile_stops": MobileStops,
}
"""Name of a change in a file → what it is, in the order in which a file's changes are made."""

_NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What would be otherwise.

    Parameters
    ----------
    name
        Its name, said on every output.
    changes
        In the order in which they are made.
    note
        What it is about.
    source
        File that it was read from, for messages; empty for one made in code.

    Examples
    --------
    >>> station = AddFacility("N1", "new", ("community_station",), 108.4, 30.8, cost_yuan=2e5)
    >>> plan = Scenario("one more", (station,))
    >>> plan.cost_yuan, plan.then(CloseFacility("N1")).record()["changes"][1]
    (200000.0, {'kind': 'close', 'facility_id': 'N1'})
    """

    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""
    source: str = ""

    @property
    def cost_yuan(self) -> float | None:
        """Sum of the costs that are given, None where none is."""
        costs = [cost for change in self.changes if (cost := _cost(change)) is not None]
        return sum(costs) if costs else None

    @property
    def added(self) -> tuple[AddFacility, ...]:
        """The facilities that are added and not closed again."""
        there: dict[str, AddFacility] = {}
        for change in self.changes:
            if isinstance(change, AddFacility):
                there[change.facility_id] = change
            elif isinstance(change, CloseFacility):
                there.pop(change.facility_id, None)
        return tuple(there.values())

    @property
    def changes_roads(self) -> bool:
        """Whether any change is one of the roads."""
        return any(isinstance(change, AddRoad | CloseRoad | AddLift) for change in self.changes)

    def keyed(self) -> Iterator[tuple[str, Change]]:
        """Yield the changes, each after its key as a file has it: ``add[2]``."""
        count: dict[str, int] = {}
        for change in self.changes:
            name = _NAMES[type(change)]
            count[name] = count.get(name, 0) + 1
            yield f"{name}[{count[name]}]", change

    def then(self, *more: Change) -> "Scenario":
        """Return the scenario with further changes."""
        return replace(self, changes=(*self.changes, *more))

    def record(self) -> dict[str, object]:
        """Return the scenario as JSON values, what is as it would be anyway left out."""
        changes = [{"kind": _NAMES[type(change)], **_plain(change)} for change in self.changes]
        return {"name": self.name, "note": self.note, "source": self.source, "changes": changes}


def _cost(change: Change) -> float | None:
    cost = getattr(change, "cost_yuan", None)
    return None if cost is None else float(cost)


def _plain(change: Change) -> dict[str, object]:
    given: dict[str, object] = {}
    for one in fields(change):
        value = getattr(change, one.name)
        if value is None or value in ((), "") or (isinstance(value, Mapping) and not value):
            continue
        if isinstance(value, tuple):
            value = [list(part) if isinstance(part, tuple) else part for part in value]
        given[one.name] = dict(value) if isinstance(value, Mapping) else value
    return {name: value for name, value in given.items() if value != _default(change, name)}


def _default(change: Change, name: str) -> object:
    return next(one.default for one in fields(change) if one.name == name)
