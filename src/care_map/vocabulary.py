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
    "LOCATION_QUALITIES",
    "MEAL_TYPES",
    "MEDICAL_TYPES",
    "ORIGINS",
    "PRIORITY_GROUPS",
    "SERVICES",
    "SETTINGS",
    "STAGES",
    "VOCABULARIES",
    "Level",
    "Setting",
    "Stage",
    "Status",
]

Level = Literal["district", "town", "community"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Levels of units, largest first."""

Setting = Literal["urban", "rural"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)

Stage = Literal["planned", "siting", "building", "finished", "accepted", "operating", "suspended"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""Stages of a facility in their order; only ``operating`` gives coverage."""

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
FACILITY_TYPES = (*CARE_TYPES, *MEAL_TYPES, *MEDICAL_TYPES, "community_centre")
"""All facility types. ``clinic``, ``nursing_home`` (medical), ``pharmacy`` and
``community_centre`` are needed for open data and for lists from elsewhere than Chongqing."""

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
}
"""Each list of codes by the name that its labels have in the message catalogues."""
