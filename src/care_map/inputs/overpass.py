"""Roads of an area from an Overpass server, through osmnx (extra ``overpass``).

Nothing is kept on disk and no other server is asked: osmnx's cache folder and its DNS over HTTPS
are off, and its settings, which belong to the whole process, are put back afterwards. For the
same reason two threads must not ask at once.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import shapely
from shapely import MultiPolygon, Polygon

from care_map.errors import InputError, Problem
from care_map.inputs.graphs import roads_from_graph
from care_map.inputs.osm_roads import ROAD_CLASSES, ROAD_TAGS
from care_map.inputs.tables import RoadTable

if TYPE_CHECKING:
    import networkx as nx
    from requests import Response

__all__ = ["roads_from_overpass"]

Bounds = tuple[float, float, float, float]

_WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)
_REVERSED = ("-1", "reverse", "T")
_TURNED = {"yes": "-1", "-1": "yes"}
_REMARK = b'"remark"'
_SHOWN_CHARACTERS = 200


class _IncompleteError(Exception):
    """The server stopped before it was done and sent what it had."""


def roads_from_overpass(
    area: Polygon | MultiPolygon | Bounds, *, url: str | None = None, timeout_s: float = 180.0
) -> tuple[RoadTable, tuple[Problem, ...]]:
    """Ask an Overpass server for the roads of an area.

    Parameters
    ----------
    area
        Polygon in degrees WGS84, or west, south, east, north.
    url
        Base address of the server, for example ``https://overpass-api.de/api``; osmnx's own
        default without one. Only there does osmnx ask first whether a slot is free.
    timeout_s
        How long the server may take.

    Returns
    -------
    RoadTable
        Roads of :data:`care_map.inputs.osm_roads.ROAD_CLASSES` as in an extract; barriers are
        None.
    tuple of Problem
        What was left out.

    Raises
    ------
    InputError
        The area is none, osmnx is not installed, or the server cannot be reached, refuses, takes
        too long, stops halfway, answers nonsense or knows no road there.
    """
    source = url or "Overpass"
    polygon = _polygon(area, source)
    try:
        osmnx = import_module("osmnx")
    except ImportError:
        raise _error(source, "overpass_not_installed") from None
    with _settings(osmnx, url=url, timeout_s=timeout_s), _answering(osmnx, source):
        graph = osmnx.graph_from_polygon(
            polygon,
            simplify=False,
            retain_all=True,
            truncate_by_edge=True,
            custom_filter=f'["highway"~"^({"|".join(sorted(ROAD_CLASSES))})$"]',
        )
    if not graph.number_of_edges():
        raise _error(source, "overpass_empty")
    return roads_from_graph(_as_drawn(graph), source=source)


def _error(source: str, code: str, **values: object) -> InputError:
    return InputError([Problem(code, source=source, values=values)])


def _polygon(area: Polygon | MultiPolygon | Bounds, source: str) -> Polygon | MultiPolygon:
    polygon = area if isinstance(area, Polygon | MultiPolygon) else shapely.box(*area)
    inside = polygon.is_valid and not polygon.is_empty and polygon.area > 0
    if not (inside and _WORLD.covers(polygon)):
        raise _error(source, "overpass_area")
    return polygon


def _as_drawn(graph: "nx.MultiDiGraph[int]") -> "nx.MultiDiGraph[int]":
    """Say one-way streets against their drawing direction as osmnx has turned them: ahead."""
    for _, _, tags in graph.edges(data=True):
        tags.setdefault("oneway", "")
        if tags["oneway"] in _REVERSED:
            tags["oneway"] = "yes"
            cycle = tags.get("oneway:bicycle", "")
            tags["oneway:bicycle"] = _TURNED.get(cycle, cycle)
    return graph


@contextmanager
def _settings(osmnx: ModuleType, *, url: str | None, timeout_s: float) -> Iterator[None]:
    settings = osmnx.settings
    wanted: Mapping[str, object] = {
        "use_cache": False,
        "doh_url_template": None,
        "overpass_url": url or settings.overpass_url,
        "overpass_rate_limit": url is None,
        "requests_timeout": timeout_s,
        # Busy servers are an error to be told, where osmnx would wait and ask again for ever.
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": _check}},
        "useful_tags_way": list(ROAD_TAGS),
        # Each way once, with its own tag, and not an edge a direction.
        "all_oneway": True,
        "cache_only_mode": False,
        "log_file": False,
        "log_console": False,
    }
    before = {name: getattr(settings, name) for name in wanted}
    resolve = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        # osmnx pins the server's address for the whole process.
        socket.getaddrinfo = resolve


def _check(response: "Response", *_: object, **__: object) -> None:
    """Stop at refusals, and at answers that Overpass cut short with a remark."""
    # Read to its end: a connection that is dropped halfway stays open.
    content = response.content
    response.raise_for_status()
    if _REMARK in content[-2000:]:
        remark = str(response.json().get("remark", ""))
        if "error" in remark:
            raise _IncompleteError(remark)


@contextmanager
def _answering(osmnx: ModuleType, source: str) -> Iterator[None]:
    """Turn what osmnx and requests raise into problems of the server."""
    refusals = import_module("requests").exceptions
    errors = import_module("osmnx._errors")
    try:
        yield
    except _IncompleteError as error:
        raise _error(source, "overpass_incomplete", detail=_short(error)) from None
    except refusals.Timeout:
        raise _error(source, "overpass_timeout", seconds=osmnx.settings.requests_timeout) from None
    except refusals.HTTPError as error:
        raise _error(source, "overpass_refused", detail=_short(error)) from None
    except refusals.JSONDecodeError as error:
        raise _error(source, "overpass_answer", detail=_short(error)) from None
    except refusals.RequestException as error:
        raise _error(source, "overpass_unreachable", detail=_short(error)) from None
    except errors.InsufficientResponseError as error:
        if error.__cause__ is None:
            raise _error(source, "overpass_empty") from None
        raise _error(source, "overpass_answer", detail=_short(error)) from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _error(source, "overpass_answer", detail=_short(error)) from None


def _short(error: Exception) -> str:
    return str(error)[:_SHOWN_CHARACTERS]
