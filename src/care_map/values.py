"""Frozen values that are handed down the house: profiles, circles, limits.

Every figure carries its source; one that is our own choice is labelled a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = [
    "CAR_SPEED_KPH",
    "DATUMS",
    "DEFAULT_LIMITS",
    "DEFAULT_ROBUSTNESS",
    "KPH_PER_MPS",
    "PROFILES",
    "URBAN_SPEED_KPH",
    "Circle",
    "CircleRule",
    "Datum",
    "Delivery",
    "Direction",
    "Limits",
    "Mode",
    "Profile",
    "Robustness",
    "Statement",
    "Variant",
]

Mode = Literal["foot", "car", "cycle", "straight"]
Slope = Literal["none", "din", "tobler"]
Direction = Literal["to", "from"]
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Exactness = Literal["point", "building", "village", "town"]
DATUMS: tuple[Datum, ...] = ("wgs84", "cgcs2000", "gcj02", "bd09")

KPH_PER_MPS = 3.6

CAR_SPEED_KPH: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 80.0,
        "trunk": 55.0,
        "primary": 45.0,
        "secondary": 38.0,
        "tertiary": 30.0,
        "unclassified": 20.0,
        "residential": 20.0,
        "road": 20.0,
        "living_street": 10.0,
        "service": 15.0,
        "track": 12.0,
    }
)
"""Driving in rural mountains, km/h by class; a link has the speed of its class. DOMAIN §4 gives
trunk to track (default); motorway, road, living_street and service are our own defaults."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How somebody travels.

    Parameters
    ----------
    name
        Code, also in the column ``profile`` of every table.
    mode
        ``"foot"``, ``"car"``, or ``"straight"`` (distance times `detour_factor`, no network).
    walk_speed_mps
        Walking speed on level ground, m/s; access legs are walked at it whatever the mode.
    source
        Where the figures come from.
    slope
        How a grade changes the time where elevation is known: ``"din"`` (uphill as DIN 33466,
        downhill Valhalla's edit of Tobler), ``"tobler"`` (Tobler scaled to 1 on the level), or
        ``"none"``.
    stairs_factor
        Time on stairs as a multiple of the time on level ground, None where stairs are no way.
    escalator_mps
        Speed on escalators, m/s.
    lift_s
        Seconds that a lift takes.
    max_grade
        Steepest grade that can be used, None for any.
    car_speed_kph
        Speed by road class, km/h, for cars.
    cycle_speed_mps
        Speed on a bicycle, m/s.
    overhead_s
        Seconds added to each trip over the network (to start and to park).
    detour_factor
        Length of a way over the straight line, for ``"straight"`` and for estimates beyond the
        access limit.
    beside
        Name of the profile whose figures stand beside this one's in every table.
    """

    name: str
    mode: Mode
    walk_speed_mps: float
    source: str
    slope: Slope = "none"
    stairs_factor: float | None = 3.0
    escalator_mps: float = 0.45
    lift_s: float = 90.0
    max_grade: float | None = None
    car_speed_kph: Mapping[str, float] = field(default_factory=dict)
    cycle_speed_mps: float = 0.0
    overhead_s: float = 0.0
    detour_factor: float = 1.3
    beside: str | None = None

    @property
    def approximate(self) -> bool:
        """Whether times are straight-line approximations."""
        return self.mode == "straight"


_ASHER = "default; 65+ in England 0.9 m/s men, 0.8 women (Asher et al. 2012)"
_GB_50180 = "default; GB 50180 implies 0.83-1.11 m/s"
_OTP = "stairs x3 (default; OpenTripPlanner's stairsTimeFactor)"
_DIN = "grades as DIN 33466 uphill, Valhalla's edit of Tobler downhill (default)"

URBAN_SPEED_KPH: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 80.0,
        "trunk": 50.0,
        "primary": 40.0,
        "secondary": 35.0,
        "tertiary": 30.0,
        "unclassified": 25.0,
        "residential": 20.0,
        "road": 20.0,
        "living_street": 10.0,
        "service": 10.0,
        "track": 10.0,
    }
)
"""Driving in town, km/h by class: our own defaults."""

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(
                "standard",
                "foot",
                1.0,
                f"{_GB_50180}; {_OTP}; {_DIN}",
                slope="din",
                beside="elder",
            ),
            Profile("elder", "foot", 0.85, f"{_ASHER}; {_OTP}; {_DIN}", slope="din"),
            Profile("aged_80", "foot", 0.70, f"default; {_OTP}; {_DIN}", slope="din"),
            Profile("frail", "foot", 0.60, f"default; {_OTP}; {_DIN}", slope="din"),
            Profile(
                "wheelchair",
                "foot",
                0.80,
                f"default; pushed, no stairs or escalators, grades up to 8%; {_DIN}",
                slope="din",
                stairs_factor=None,
                max_grade=0.08,
            ),
            Profile(
                "rural_drive",
                "car",
                1.0,
                "speeds by road class, 3 min to start and park (default)",
                car_speed_kph=CAR_SPEED_KPH,
                overhead_s=180.0,
            ),
            Profile(
                "urban_drive",
                "car",
                1.0,
                "speeds by road class, 3 min to start and park (default)",
                car_speed_kph=URBAN_SPEED_KPH,
                overhead_s=180.0,
            ),
            Profile(
                "cycle",
                "cycle",
                1.0,
                "delivery by bicycle, 15 km/h, no overhead (default)",
                cycle_speed_mps=15.0 / KPH_PER_MPS,
                stairs_factor=None,
            ),
            Profile(
                "straight_line",
                "straight",
                1.0,
                f"distance x 1.3 (default); {_GB_50180}",
                beside="straight_line_elder",
            ),
            Profile("straight_line_elder", "straight", 0.85, f"distance x 1.3 (default); {_ASHER}"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class CircleRule:
    """Within how many minutes a circle must be reached, and how.

    Parameters
    ----------
    profile
        Name of a profile.
    minutes
        Limit, itself inside the circle.
    """

    profile: str
    minutes: float

    @property
    def cutoff_s(self) -> float:
        """The limit in seconds."""
        return self.minutes * 60.0


def _beside(name: str) -> str:
    """Return the profile whose figures stand beside another's; a study's own has none."""
    return (PROFILES[name].beside if name in PROFILES else None) or name


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who is inside a circle because somebody comes to the home.

    Parameters
    ----------
    types
        Facility types; those of them count that deliver.
    profile
        Name of the profile of who comes.
    minutes
        Limit from the facility to the home, itself inside the circle.
    """

    types: tuple[str, ...]
    profile: str
    minutes: float

    @property
    def cutoff_s(self) -> float:
        """The limit in seconds."""
        return self.minutes * 60.0


@dataclass(frozen=True, slots=True)
class Circle:
    """What must be reached, by whom, how and within how many minutes.

    Parameters
    ----------
    id
        Code, also in the column ``circle`` of every table.
    title
        Title for people; empty for the catalogue's ``circle.<id>``.
    require
        Facility types: each group is a set of alternatives, and every group must be reached.
    rules
        Rule by setting, ``"urban"`` and ``"rural"``. An elder in a setting without a rule is
        outside the circle.
    direction
        ``"to"`` the facility, or ``"from"`` it (visits, rescue).
    delivery
        What counts as reached as well, for elders of all settings that have a rule; travelled
        from the facility whatever `direction` is.
    title_en
        Title in English; empty where `title` is all there is.
    cite, text
        Place in the notice that asks for the circle, and its words.
    assumptions
        What the notice leaves open and this circle assumes.
    """

    id: str
    title: str
    require: tuple[tuple[str, ...], ...]
    rules: Mapping[str, CircleRule]
    direction: Direction = "to"
    delivery: Delivery | None = None
    title_en: str = ""
    cite: str = ""
    text: str = ""
    assumptions: tuple[str, ...] = ()

    @property
    def variants(self) -> "tuple[Variant, ...]":
        """The official reading, and where the profiles have one, the reading beside it."""
        beside = {
            setting: CircleRule(_beside(rule.profile), rule.minutes)
            for setting, rule in self.rules.items()
        }
        readings = [self.rules] if beside == dict(self.rules) else [self.rules, beside]
        return tuple(Variant(rules, official=rules is self.rules) for rules in readings)

    @property
    def types(self) -> tuple[str, ...]:
        """All facility types that the circle names, each once."""
        delivering = self.delivery.types if self.delivery else ()
        required = (name for group in self.require for name in group)
        return tuple(dict.fromkeys([*required, *delivering]))

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of all profiles that the circle is read with, each once."""
        names = [rule.profile for variant in self.variants for rule in variant.rules.values()]
        return tuple(dict.fromkeys([*names, *([self.delivery.profile] if self.delivery else [])]))

    def title_in(self, language: str) -> str:
        """Return the title in a language as far as there is one, empty for the catalogue's."""
        return (self.title_en or self.title) if language == "en" else self.title


@dataclass(frozen=True, slots=True)
class Variant:
    """One reading of a circle: its rules with certain profiles.

    Parameters
    ----------
    rules
        Rule by setting.
    official
        Whether these are the circle's own profiles.
    """

    rules: Mapping[str, CircleRule]
    official: bool

    @property
    def profile(self) -> str:
        """Names of the profiles joined with ``+``, as in the column ``profile``."""
        return "+".join(dict.fromkeys(rule.profile for rule in self.rules.values()))

    def rule(self, setting: str) -> CircleRule | None:
        """Return the rule of a setting; of an unknown one only if all rules are the same."""
        if setting:
            return self.rules.get(setting)
        rules = set(self.rules.values())
        return rules.pop() if len(rules) == 1 and len(self.rules) > 1 else None


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults of the point-time function (DOMAIN §4); a study can change each.

    Parameters
    ----------
    access_urban_m, access_rural_m
        Longest access leg in metres, by the setting of the point's unit, urban if unknown.
    min_component_m
        Length in metres from which a connected part of the network is no island.
    gap_radius_m
        Uncovered points within this distance of each other's centre are one gap.
    station_elders
        Fewest elders of a gap for whom a station of their own is proposed; fewer are proposed a
        stop of a mobile service.
    coarsest_location
        Coarsest ``location_quality`` that decides on a circle: elders known less exactly are
        undetermined, facilities known less exactly have no usable point.
    """

    access_urban_m: float = 200.0
    access_rural_m: float = 500.0
    min_component_m: float = 2000.0
    gap_radius_m: float = 500.0
    station_elders: int = 30
    coarsest_location: Exactness = "village"


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Robustness:
    """What is drawn to see how firm figures are; each factor is uniform between its two ends.

    Parameters
    ----------
    draws
        How many times.
    seed
        Of the draws.
    speed_low, speed_high
        Factor on walking speeds: what GB 50180 implies, 0.83 to 1.11 m/s where a profile walks
        1.0 (default).
    snap_low, snap_high
        Factor on the access limit of elders (default).
    detour_low, detour_high
        Factor on detours (default); a detour stays at least 1.
    """

    draws: int = 100
    seed: int = 0
    speed_low: float = 0.83
    speed_high: float = 1.11
    snap_low: float = 0.75
    snap_high: float = 1.25
    detour_low: float = 0.85
    detour_high: float = 1.15


DEFAULT_ROBUSTNESS = Robustness()


@dataclass(frozen=True, slots=True)
class Statement:
    """One assumption or condition that is printed where its figures are printed.

    Parameters
    ----------
    code
        The catalogue has ``assumption.<code>``.
    values
        Fields of the template.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)
