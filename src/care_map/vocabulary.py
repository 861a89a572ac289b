"""The closed lists of the field: facility types, stages, groups, services, levels, settings.

Codes are the names of DOMAIN §1 and stand in every table; their Chinese and English labels are
in the message catalogues (``facility_type.*``, ``stage.*``, ``group.*`` …).
"""

from collections.abc import Mapping
from typing import Literal, get_args

__all__ = [
    "CARE_TYPES",
    "FACILITY_TYPES",
    "LEVELS",
    "LEVEL_OF_KIND",
    "LOCATION_QUALITIES",
    "MEAL_TYPES",
    "MEDICAL_TYPES",
    "OPERATOR_KINDS",
    "ORIGINS",
    "OWNERSHIPS",
    "PRIORITY_GROUPS",
    "RESIDENCES",
    "SERVICES",
    "SETTINGS",
    "STAGES",
    "STAGE_DATES",
    "STRENGTHS",
    "UNIT_KINDS",
    "VERDICTS",
    "VOCABULARIES",
    "Level",
    "Setting",
    "Stage",
    "Status",
    "UnitKind",
    "Verdict",
]

Level = Literal["district", "town", "community"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Levels of units, largest first."""

Setting = Literal["urban", "rural"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)

Stage = Literal["planned", "siting", "building", "finished", "accepted", "operating", "suspended"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""Stages of a facility in their order; only ``operating`` gives coverage."""
STAGE_DATES = tuple(f"{stage}_date" for stage in STAGES)
"""Columns with the day of each stage."""

Status = Literal["covered", "uncovered", "undetermined"]

CARE_TYPES = (
    "street_centre",
    "town_centre",
    "community_station",
    "village_point",
    "village_station",
    "estate_point",
    "care_home",
    "district_care_centre",
)
MEAL_TYPES = ("meal_point", "central_kitchen", "meal_provider")
MEDICAL_TYPES = (
    "hospital",
    "community_health_centre",
    "township_health_centre",
    "village_clinic",
    "clinic",
    "nursing_home",
    "pharmacy",
)
FACILITY_TYPES = (*CARE_TYPES, *MEAL_TYPES, *MEDICAL_TYPES, "community_centre", "mobile_stop")
"""All facility types. ``clinic``, ``nursing_home`` (medical), ``pharmacy`` and
``community_centre`` are needed for open data and for lists from elsewhere than Chongqing. A
``mobile_stop`` is where a mobile service (流动养老服务) comes to: no circle counts it unless it is
named."""

PRIORITY_GROUPS = (
    "aged_80",
    "living_alone",
    "empty_nest",
    "left_behind",
    "no_kin",
    "disabled",
    "semi_disabled",
    "dementia",
    "bereaved",
    "special_family",
    "destitute_scattered",
    "destitute_central",
    "low_income",
    "hardship",
    "severe_disability",
)

SERVICES = (
    "meals",
    "bathing",
    "cleaning",
    "medical",
    "emergency",
    "mobility",
    "recreation",
    "rehabilitation",
    "respite",
    "day_care",
    "health",
    "education",
    "companionship",
    "housekeeping",
    "escort",
    "aids",
    "rescue",
)

UnitKind = Literal["street", "town", "community", "village"]
UNIT_KINDS: tuple[UnitKind, ...] = get_args(UnitKind)
LEVEL_OF_KIND: Mapping[str, Level] = {
    "street": "town",
    "town": "town",
    "community": "community",
    "village": "community",
}
"""Kind of a unit → level that it stands on."""
"""Kinds of units that notices tell apart: streets and towns, communities and villages."""

RESIDENCES = ("resident", "registered", "away")
"""Where elders live: here without being registered here, registered and here, registered here and
living elsewhere."""

OPERATOR_KINDS = ("public", "public_private", "private_aided", "private")
OWNERSHIPS = ("public", "private")

STRENGTHS = ("must", "principle", "conditional", "aim", "support")
"""How binding the words of a notice are."""

Verdict = Literal[
    "pass", "fail", "unknown", "not_applicable", "indicator", "depends", "source_conflict"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

LOCATION_QUALITIES = ("point", "building", "village", "town", "none")
ORIGINS = ("record", "place", "unit", "raster", "building")

VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "level": LEVELS,
    "setting": SETTINGS,
    "stage": STAGES,
    "facility_type": FACILITY_TYPES,
    "group": PRIORITY_GROUPS,
    "service": SERVICES,
    "location_quality": LOCATION_QUALITIES,
    "origin": ORIGINS,
    "unit_kind": UNIT_KINDS,
    "residence": RESIDENCES,
    "operator_kind": OPERATOR_KINDS,
    "ownership": OWNERSHIPS,
    "strength": STRENGTHS,
    "verdict": VERDICTS,
}
"""Each list of codes by the name that its labels have in the message catalogues."""
