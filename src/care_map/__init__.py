"""Geospatial service coverage for an ageing society: who is inside which circle, who is not, why.

Examples
--------
>>> import care_map as cm
>>> lon, lat = cm.wgs84_to_gcj02(108.38, 30.81)
>>> round(float(lon), 4), round(float(lat), 4)
(108.3839, 30.8071)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from care_map.accessibility.equity import gini, lorenz, share_beyond
    from care_map.accessibility.floating_catchment import supply_ratio, two_step_fca
    from care_map.accessibility.overlap import coverage_times, loss_of_each
    from care_map.assessment import Assessment, assess
    from care_map.config import Study, read_study
    from care_map.decay import Decay, binary, gaussian, steps
    from care_map.diagnostics.path_completeness import path_completeness
    from care_map.errors import CareMapError, InputError, NotBuiltError, OutputError, Problem
    from care_map.inputs.crosswalk import Crosswalk
    from care_map.inputs.datum import (
        bd09_to_gcj02,
        bd09_to_wgs84,
        from_wgs84,
        gcj02_to_bd09,
        gcj02_to_wgs84,
        to_wgs84,
        wgs84_to_bd09,
        wgs84_to_gcj02,
    )
    from care_map.inputs.unit_figures import map_units, read_crosswalk
    from care_map.mobile_service import MobilePlan, mobile_stops
    from care_map.network.road_network import RoadNetwork
    from care_map.packs.reader import pack_names, read_pack
    from care_map.planning.assignment import Assignment, assign
    from care_map.planning.covering import lscp, mclp
    from care_map.planning.median import p_center, p_median
    from care_map.planning.options import Span
    from care_map.planning.phases import YearPlan, mclp_by_year
    from care_map.planning.plan import Limit, Plan
    from care_map.policy.periods import Period, PeriodChanges, compare_periods
    from care_map.routing.routes import Route
    from care_map.scenario_file import read_scenario
    from care_map.scenarios import (
        AddFacility,
        AddLift,
        AddRoad,
        ChangeCircle,
        ChangeElders,
        ChangeProfile,
        CloseFacility,
        CloseRoad,
        EnlargeFacility,
        MobileStops,
        MoveFacility,
        Scenario,
    )
    from care_map.siting.plan import SitingPlan
    from care_map.values import PROFILES, Circle, CircleRule, Delivery, Limits, Profile, Robustness
    from care_map.workflows.centres import CentrePlan, centres_with_stations
    from care_map.workflows.check import check
    from care_map.workflows.compare import Comparison, compare
    from care_map.workflows.demo import run_demo
    from care_map.workflows.networks import network_report
    from care_map.workflows.new import new
    from care_map.workflows.places import isochrone, read_network, route
    from care_map.workflows.returns import (
        MergedReturns,
        ReturnForms,
        merge_returns,
        new_returns,
    )
    from care_map.workflows.run import Run, replay, run, write_outputs
    from care_map.workflows.scenarios import with_mobile_stops, with_scenario, with_sites
    from care_map.workflows.site import frontier, site
    from care_map.workflows.start import start
    from care_map.workflows.travel import travel_times

__all__ = [
    "PROFILES",
    "AddFacility",
    "AddLift",
    "AddRoad",
    "Assessment",
    "Assignment",
    "CareMapError",
    "CentrePlan",
    "ChangeCircle",
    "ChangeElders",
    "ChangeProfile",
    "Circle",
    "CircleRule",
    "CloseFacility",
    "CloseRoad",
    "Comparison",
    "Crosswalk",
    "Decay",
    "Delivery",
    "EnlargeFacility",
    "InputError",
    "Limit",
    "Limits",
    "MergedReturns",
    "MobilePlan",
    "MobileStops",
    "MoveFacility",
    "NotBuiltError",
    "OutputError",
    "Period",
    "PeriodChanges",
    "Plan",
    "Problem",
    "Profile",
    "ReturnForms",
    "RoadNetwork",
    "Robustness",
    "Route",
    "Run",
    "Scenario",
    "SitingPlan",
    "Span",
    "Study",
    "YearPlan",
    "assess",
    "assign",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "binary",
    "centres_with_stations",
    "check",
    "compare",
    "compare_periods",
    "coverage_times",
    "from_wgs84",
    "frontier",
    "gaussian",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "gini",
    "isochrone",
    "lorenz",
    "loss_of_each",
    "lscp",
    "map_units",
    "mclp",
    "mclp_by_year",
    "merge_returns",
    "mobile_stops",
    "network_report",
    "new",
    "new_returns",
    "p_center",
    "p_median",
    "pack_names",
    "path_completeness",
    "read_crosswalk",
    "read_network",
    "read_pack",
    "read_scenario",
    "read_study",
    "replay",
    "route",
    "run",
    "run_demo",
    "share_beyond",
    "site",
    "start",
    "steps",
    "supply_ratio",
    "to_wgs84",
    "travel_times",
    "two_step_fca",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
    "with_mobile_stops",
    "with_scenario",
    "with_sites",
    "write_outputs",
]

# Names are fetched when they are asked for: `care-map --help` must not wait for numba and GDAL.
_HOME = {
    "Scenario": "care_map.scenarios",
    "AddFacility": "care_map.scenarios",
    "CloseFacility": "care_map.scenarios",
    "MoveFacility": "care_map.scenarios",
    "EnlargeFacility": "care_map.scenarios",
    "ChangeCircle": "care_map.scenarios",
    "ChangeProfile": "care_map.scenarios",
    "AddRoad": "care_map.scenarios",
    "CloseRoad": "care_map.scenarios",
    "AddLift": "care_map.scenarios",
    "ChangeElders": "care_map.scenarios",
    "MobileStops": "care_map.scenarios",
    "read_scenario": "care_map.scenario_file",
    "with_scenario": "care_map.workflows.scenarios",
    "with_sites": "care_map.workflows.scenarios",
    "with_mobile_stops": "care_map.workflows.scenarios",
    "mobile_stops": "care_map.mobile_service",
    "MobilePlan": "care_map.mobile_service",
    "compare": "care_map.workflows.compare",
    "Comparison": "care_map.workflows.compare",
    "centres_with_stations": "care_map.workflows.centres",
    "CentrePlan": "care_map.workflows.centres",
    "frontier": "care_map.workflows.site",
    "site": "care_map.workflows.site",
    "SitingPlan": "care_map.siting.plan",
    "Span": "care_map.planning.options",
    "YearPlan": "care_map.planning.phases",
    "mclp_by_year": "care_map.planning.phases",
    "assess": "care_map.assessment",
    "Assessment": "care_map.assessment",
    "assign": "care_map.planning.assignment",
    "Assignment": "care_map.planning.assignment",
    "bd09_to_gcj02": "care_map.inputs.datum",
    "bd09_to_wgs84": "care_map.inputs.datum",
    "binary": "care_map.decay",
    "CareMapError": "care_map.errors",
    "check": "care_map.workflows.check",
    "Circle": "care_map.values",
    "CircleRule": "care_map.values",
    "compare_periods": "care_map.policy.periods",
    "coverage_times": "care_map.accessibility.overlap",
    "Crosswalk": "care_map.inputs.crosswalk",
    "Decay": "care_map.decay",
    "Delivery": "care_map.values",
    "from_wgs84": "care_map.inputs.datum",
    "gaussian": "care_map.decay",
    "gcj02_to_bd09": "care_map.inputs.datum",
    "gcj02_to_wgs84": "care_map.inputs.datum",
    "gini": "care_map.accessibility.equity",
    "InputError": "care_map.errors",
    "isochrone": "care_map.workflows.places",
    "Limit": "care_map.planning.plan",
    "Limits": "care_map.values",
    "lorenz": "care_map.accessibility.equity",
    "loss_of_each": "care_map.accessibility.overlap",
    "lscp": "care_map.planning.covering",
    "map_units": "care_map.inputs.unit_figures",
    "mclp": "care_map.planning.covering",
    "merge_returns": "care_map.workflows.returns",
    "MergedReturns": "care_map.workflows.returns",
    "network_report": "care_map.workflows.networks",
    "new": "care_map.workflows.new",
    "new_returns": "care_map.workflows.returns",
    "NotBuiltError": "care_map.errors",
    "OutputError": "care_map.errors",
    "p_center": "care_map.planning.median",
    "p_median": "care_map.planning.median",
    "pack_names": "care_map.packs.reader",
    "path_completeness": "care_map.diagnostics.path_completeness",
    "Period": "care_map.policy.periods",
    "PeriodChanges": "care_map.policy.periods",
    "Plan": "care_map.planning.plan",
    "Problem": "care_map.errors",
    "Profile": "care_map.values",
    "PROFILES": "care_map.values",
    "read_crosswalk": "care_map.inputs.unit_figures",
    "read_network": "care_map.workflows.places",
    "read_pack": "care_map.packs.reader",
    "read_study": "care_map.config",
    "replay": "care_map.workflows.run",
    "ReturnForms": "care_map.workflows.returns",
    "RoadNetwork": "care_map.network.road_network",
    "Route": "care_map.routing.routes",
    "route": "care_map.workflows.places",
    "Robustness": "care_map.values",
    "Run": "care_map.workflows.run",
    "run": "care_map.workflows.run",
    "run_demo": "care_map.workflows.demo",
    "share_beyond": "care_map.accessibility.equity",
    "start": "care_map.workflows.start",
    "steps": "care_map.decay",
    "Study": "care_map.config",
    "supply_ratio": "care_map.accessibility.floating_catchment",
    "to_wgs84": "care_map.inputs.datum",
    "travel_times": "care_map.workflows.travel",
    "two_step_fca": "care_map.accessibility.floating_catchment",
    "wgs84_to_bd09": "care_map.inputs.datum",
    "wgs84_to_gcj02": "care_map.inputs.datum",
    "write_outputs": "care_map.workflows.run",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
