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
    from care_map.errors import CareMapError, InputError, NotBuiltError, OutputError, Problem
    from care_map.inputs.datum import (
        bd09_to_gcj02,
        bd09_to_wgs84,
        gcj02_to_bd09,
        gcj02_to_wgs84,
        wgs84_to_bd09,
        wgs84_to_gcj02,
    )
    from care_map.network.road_network import RoadNetwork
    from care_map.routing.routes import Route
    from care_map.values import PROFILES, Circle, CircleRule, Limits, Profile
    from care_map.workflows.check import check
    from care_map.workflows.demo import run_demo
    from care_map.workflows.new import new
    from care_map.workflows.places import isochrone, read_network, route
    from care_map.workflows.run import Run, replay, run, write_outputs
    from care_map.workflows.start import start
    from care_map.workflows.travel import travel_times

__all__ = [
    "PROFILES",
    "Assessment",
    "CareMapError",
    "Circle",
    "CircleRule",
    "InputError",
    "Limits",
    "NotBuiltError",
    "OutputError",
    "Problem",
    "Profile",
    "RoadNetwork",
    "Route",
    "Run",
    "Study",
    "assess",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "check",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "isochrone",
    "new",
    "read_network",
    "read_study",
    "replay",
    "route",
    "run",
    "run_demo",
    "start",
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
    "InputError": "care_map.errors",
    "Limits": "care_map.values",
    "NotBuiltError": "care_map.errors",
    "OutputError": "care_map.errors",
    "PROFILES": "care_map.values",
    "Problem": "care_map.errors",
    "Profile": "care_map.values",
    "RoadNetwork": "care_map.network.road_network",
    "Route": "care_map.routing.routes",
    "Run": "care_map.workflows.run",
    "Study": "care_map.config",
    "assess": "care_map.assessment",
    "bd09_to_gcj02": "care_map.inputs.datum",
    "bd09_to_wgs84": "care_map.inputs.datum",
    "check": "care_map.workflows.check",
    "gcj02_to_bd09": "care_map.inputs.datum",
    "gcj02_to_wgs84": "care_map.inputs.datum",
    "isochrone": "care_map.workflows.places",
    "new": "care_map.workflows.new",
    "read_network": "care_map.workflows.places",
    "read_study": "care_map.config",
    "replay": "care_map.workflows.run",
    "route": "care_map.workflows.places",
    "run": "care_map.workflows.run",
    "run_demo": "care_map.workflows.demo",
    "start": "care_map.workflows.start",
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
