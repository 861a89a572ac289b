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
    from care_map.assessment import Assessment, assess
    from care_map.config import Study, read_study
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
    from care_map.network.road_network import RoadNetwork
    from care_map.routing.routes import Route
    from care_map.values import PROFILES, Circle, CircleRule, Limits, Profile
    from care_map.workflows.check import check
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
    from care_map.workflows.start import start
    from care_map.workflows.travel import travel_times

__all__ = [
    "PROFILES",
    "Assessment",
    "CareMapError",
    "Circle",
    "CircleRule",
    "Crosswalk",
    "InputError",
    "Limits",
    "MergedReturns",
    "NotBuiltError",
    "OutputError",
    "Problem",
    "Profile",
    "ReturnForms",
    "RoadNetwork",
    "Route",
    "Run",
    "Study",
    "assess",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "check",
    "from_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "isochrone",
    "map_units",
    "merge_returns",
    "network_report",
    "new",
    "new_returns",
    "path_completeness",
    "read_crosswalk",
    "read_network",
    "read_study",
    "replay",
    "route",
    "run",
    "run_demo",
    "start",
    "to_wgs84",
    "travel_times",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
    "write_outputs",
]

# Names are fetched when they are asked for: `care-map --help` must not wait for numba and GDAL.
_HOME = {
    "Assessment": "care_map.assessment",
    "CareMapError": "care_map.errors",
    "Circle": "care_map.values",
    "CircleRule": "care_map.values",
    "Crosswalk": "care_map.inputs.crosswalk",
    "InputError": "care_map.errors",
    "Limits": "care_map.values",
    "MergedReturns": "care_map.workflows.returns",
    "NotBuiltError": "care_map.errors",
    "OutputError": "care_map.errors",
    "PROFILES": "care_map.values",
    "Problem": "care_map.errors",
    "Profile": "care_map.values",
    "ReturnForms": "care_map.workflows.returns",
    "RoadNetwork": "care_map.network.road_network",
    "Route": "care_map.routing.routes",
    "Run": "care_map.workflows.run",
    "Study": "care_map.config",
    "assess": "care_map.assessment",
    "bd09_to_gcj02": "care_map.inputs.datum",
    "bd09_to_wgs84": "care_map.inputs.datum",
    "check": "care_map.workflows.check",
    "from_wgs84": "care_map.inputs.datum",
    "gcj02_to_bd09": "care_map.inputs.datum",
    "gcj02_to_wgs84": "care_map.inputs.datum",
    "isochrone": "care_map.workflows.places",
    "map_units": "care_map.inputs.unit_figures",
    "merge_returns": "care_map.workflows.returns",
    "network_report": "care_map.workflows.networks",
    "new": "care_map.workflows.new",
    "path_completeness": "care_map.diagnostics.path_completeness",
    "new_returns": "care_map.workflows.returns",
    "read_crosswalk": "care_map.inputs.unit_figures",
    "read_network": "care_map.workflows.places",
    "read_study": "care_map.config",
    "replay": "care_map.workflows.run",
    "route": "care_map.workflows.places",
    "run": "care_map.workflows.run",
    "run_demo": "care_map.workflows.demo",
    "start": "care_map.workflows.start",
    "to_wgs84": "care_map.inputs.datum",
    "travel_times": "care_map.workflows.travel",
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
