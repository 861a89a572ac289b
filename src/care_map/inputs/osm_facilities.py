"""Facilities from OSM tags, by one table of tags and one of Chinese names.

======================================================================  ===================
tags                                                                    type
======================================================================  ===================
amenity=nursing_home; social_facility=nursing_home                      care_home
social_facility=assisted_living or group_home, for seniors              care_home
amenity=social_facility of any other kind, for seniors                  community_station
amenity=social_centre or community_centre, for seniors                  community_station
amenity=social_centre or community_centre, for nobody or all            community_centre
amenity=hospital; healthcare=hospital                                   hospital
amenity=clinic or doctors; healthcare=clinic, centre or doctor          clinic
amenity=pharmacy; healthcare=pharmacy                                   pharmacy
======================================================================  ===================

"For seniors" is ``social_facility:for`` or ``community_centre:for`` (or ``community_centre``
itself) with senior, seniors, elderly or aged in its list. Clinics of specialities that are no
general medicine (:data:`NO_GENERAL_MEDICINE`), centres for children, and what is disused or
abandoned are left out. A Chinese name then says more than the tags (:data:`TYPE_BY_NAME`).
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from care_map.errors import Problem
from care_map.inputs.osm import NAME_KEYS, OsmExtract, parse_number, pick_name
from care_map.messages import Language, catalogue
from care_map.vocabulary import CARE_TYPES

__all__ = [
    "GUARD_M",
    "NO_GENERAL_MEDICINE",
    "TYPE_BY_NAME",
    "TYPE_BY_TAGS",
    "facilities_from_osm",
    "facility_type",
]

Tags = Mapping[str, str]

GUARD_M = 20_000.0
"""Facilities within this distance outside the study area are kept: 25 minutes at 48 km/h. They
belong to no unit of the study, and who is served by them is served from outside."""

NO_GENERAL_MEDICINE = frozenset(
    (
        "acupuncture",
        "aesthetic",
        "alternative",
        "cosmetic",
        "dentistry",
        "dermatology",
        "fertility",
        "herbalism",
        "homeopathy",
        "hypnosis",
        "laser_eye_surgery",
        "orthodontics",
        "osteopathy",
        "plastic_surgery",
        "veterinary",
    )
)
_SENIORS = frozenset(("senior", "seniors", "elderly", "aged", "elder", "elders"))
_NOT_ELDERS = frozenset(("child", "children", "juvenile", "youth", "student", "students"))
_HOMES = frozenset(("assisted_living", "group_home"))
_CENTRES = frozenset(("social_centre", "community_centre"))
_CLINICS = frozenset(("clinic", "centre", "doctor"))


def _listed(tags: Tags, *keys: str) -> set[str]:
    values = (value.strip() for key in keys for value in tags.get(key, "").split(";"))
    return {value for value in values if value}


def _for_seniors(tags: Tags) -> bool:
    keys = ("social_facility:for", "community_centre:for", "community_centre")
    return bool(_listed(tags, *keys) & _SENIORS)


def _for_others(tags: Tags) -> bool:
    found = _listed(tags, "social_facility:for", "community_centre:for")
    return bool(found) and found <= _NOT_ELDERS


def _general(tags: Tags) -> bool:
    found = _listed(tags, "healthcare:speciality")
    return not found or not found <= NO_GENERAL_MEDICINE


TYPE_BY_TAGS: tuple[tuple[str, Callable[[Tags], bool]], ...] = (
    (
        "care_home",
        lambda tags: (
            (tags.get("amenity") == "nursing_home" or tags.get("social_facility") == "nursing_home")
            and not _for_others(tags)
        ),
    ),
    (
        "care_home",
        lambda tags: tags.get("social_facility") in _HOMES and _for_seniors(tags),
    ),
    (
        "community_station",
        lambda tags: (
            (
                tags.get("amenity") in (*_CENTRES, "social_facility")
                or bool(tags.get("social_facility"))
            )
            and _for_seniors(tags)
        ),
    ),
    (
        "community_centre",
        lambda tags: tags.get("amenity") in _CENTRES and not _for_others(tags),
    ),
    ("hospital", lambda tags: "hospital" in (tags.get("amenity"), tags.get("healthcare"))),
    (
        "clinic",
        lambda tags: (
            (tags.get("amenity") in ("clinic", "doctors") or tags.get("healthcare") in _CLINICS)
            and _general(tags)
        ),
    ),
    ("pharmacy", lambda tags: "pharmacy" in (tags.get("amenity"), tags.get("healthcare"))),
)
"""Type of a facility and the test of its tags; the first that fits counts."""

TYPE_BY_NAME: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("community_health_centre", re.compile(r"社区卫生服务(中心|站)")),
    ("township_health_centre", re.compile(r"卫生院")),
    ("village_clinic", re.compile(r"卫生(室|所)")),
    ("street_centre", re.compile(r"街道.*养老服务中心")),
    ("town_centre", re.compile(r"[镇乡].*养老服务中心")),
    ("village_point", re.compile(r"互助养老(服务)?点|幸福院")),
    ("community_station", re.compile(r"养老服务(站|中心)|居家养老|日间照料")),
    ("care_home", re.compile(r"敬老院|养老院|福利院|老年公寓|养老公寓|护理院")),
)
"""Chinese names that say more exactly what an element of the table above is."""


def facility_type(tags: Tags) -> str:
    """Return the type of facility that tags stand for, empty if none.

    Parameters
    ----------
    tags
        Tags of an OSM element.

    Returns
    -------
    str
        A code of :data:`care_map.vocabulary.FACILITY_TYPES`.

    Examples
    --------
    >>> facility_type({"amenity": "nursing_home"})
    'care_home'
    >>> facility_type({"amenity": "social_facility", "social_facility": "day_care",
    ...                "social_facility:for": "senior;disabled"})
    'community_station'
    >>> facility_type({"amenity": "clinic", "name": "石桥村卫生室"})
    'village_clinic'
    >>> facility_type({"amenity": "school"})
    ''
    """
    if "yes" in (tags.get("disused"), tags.get("abandoned")):
        return ""
    found = next((kind for kind, test in TYPE_BY_TAGS if test(tags)), "")
    if not found or found == "pharmacy":
        return found
    names = " ".join(tags.get(key, "") for key in NAME_KEYS)
    return next((kind for kind, pattern in TYPE_BY_NAME if pattern.search(names)), found)


def facilities_from_osm(
    extract: OsmExtract, area: BaseGeometry, *, language: Language = "zh", file: str = ""
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Make the facilities of a study from tags.

    Parameters
    ----------
    extract
        The scanned extract.
    area
        Study area in EPSG:4326; facilities up to :data:`GUARD_M` outside are kept too.
    language
        Which names are preferred.
    file
        Where the table will be written, for messages.

    Returns
    -------
    geopandas.GeoDataFrame
        ``facility_id`` (n, w or r and OSM's number), ``name, roles, stage, address, phone,
        hours, operator, beds`` (Int64) and ``step_free`` (text yes, no or nothing); points in
        EPSG:4326.
    tuple of Problem
        Types by count, names that are missing, what counts as one.
    """
    records = extract.pois.drop(columns="geometry").to_dict("records")
    types = pd.Series([facility_type(record) for record in records], dtype="str")
    near = _near(extract, area)
    chosen = (types != "") & near
    doubled = _doubled(extract, types.where(chosen, ""))
    rows = np.flatnonzero(chosen & ~doubled)
    rows = rows[np.argsort(extract.pois["osm_id"].to_numpy()[rows], kind="stable")]
    kept = [(records[row], types.iloc[row]) for row in rows]
    frame = _table(kept, extract.pois.geometry.iloc[rows], language)
    inside = extract.pois.geometry.iloc[rows].intersects(area)
    unnamed = sum(not pick_name(record, language) for record, _ in kept)
    problems = _problems(extract, frame["roles"], inside.to_numpy(), language, file)
    if unnamed:
        problems.append(_info("osm_facility_unnamed", extract, count=unnamed, file=file))
    if doubled.any():
        problems.append(_info("osm_facility_doubled", extract, count=int(doubled.sum()), file=file))
    return frame, tuple(problems)


def _info(code: str, extract: OsmExtract, *, count: int, file: str, **values: object) -> Problem:
    fields = {"file": file, **values}
    return Problem(code, severity="info", source=extract.path.name, count=count, values=fields)


def _near(extract: OsmExtract, area: BaseGeometry) -> np.ndarray:
    metric = gpd.GeoSeries([area], crs=4326).to_crs(extract.crs).iloc[0]
    points = extract.pois.geometry.to_crs(extract.crs)
    return np.asarray(shapely.dwithin(points.array, metric, GUARD_M))


def _doubled(extract: OsmExtract, types: pd.Series) -> pd.Series:
    """Tell which nodes stand in an area of the same type: one facility, drawn twice."""
    doubled = pd.Series(data=False, index=types.index)
    is_node = extract.pois["osm_id"].str.startswith("n")
    for kind in set(types) - {""}:
        nodes = np.flatnonzero((types == kind) & is_node)
        areas = np.flatnonzero((types == kind) & ~is_node)
        if len(nodes) and len(areas):
            tree = shapely.STRtree(extract.poi_areas.iloc[areas].to_numpy())
            hit, _ = tree.query(extract.pois.geometry.iloc[nodes].to_numpy(), predicate="within")
            doubled.iloc[nodes[np.unique(hit)]] = True
    return doubled


def _table(
    kept: list[tuple[Tags, str]], points: gpd.GeoSeries, language: Language
) -> gpd.GeoDataFrame:
    texts = catalogue(language)
    ids = [record["osm_id"] for record, _ in kept]
    names = [
        pick_name(record, language)
        or texts.text(
            "osm.unnamed", type=texts.label("facility_type", kind), id=record["osm_id"][1:]
        )
        for record, kind in kept
    ]
    beds = [parse_number(_first(record, "beds", "capacity:beds")) for record, _ in kept]
    columns: dict[str, list[str]] = {
        "facility_id": ids,
        "name": names,
        "roles": [kind for _, kind in kept],
        "stage": ["operating"] * len(kept),
        "address": [_address(record) for record, _ in kept],
        "phone": [_first(record, "phone", "contact:phone") for record, _ in kept],
        "hours": [record.get("opening_hours", "") for record, _ in kept],
        "operator": [record.get("operator", "") for record, _ in kept],
        "step_free": [_step_free(record) for record, _ in kept],
    }
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    frame["beds"] = pd.Series(beds, dtype="float64").round().astype("Int64")
    return gpd.GeoDataFrame(frame, geometry=points.reset_index(drop=True))


def _first(tags: Tags, *keys: str) -> str:
    return next((tags[key] for key in keys if tags.get(key)), "")


def _address(tags: Tags) -> str:
    if tags.get("addr:full"):
        return tags["addr:full"]
    street = " ".join(filter(None, (tags.get("addr:street"), tags.get("addr:housenumber"))))
    return ", ".join(filter(None, (street, tags.get("addr:city"))))


def _step_free(tags: Tags) -> str:
    value = tags.get("wheelchair", "")
    return value if value in ("yes", "no") else ""


def _problems(
    extract: OsmExtract, roles: pd.Series, inside: np.ndarray, language: Language, file: str
) -> list[Problem]:
    source = extract.path.name
    here = roles[inside]
    problems: list[Problem] = []
    if here.empty:
        problems.append(Problem("osm_facility_none", severity="warning", source=source))
    elif not here.isin(CARE_TYPES).any():
        problems.append(
            Problem("osm_facility_no_care", severity="warning", source=source, count=len(here))
        )
    if len(here):
        texts = catalogue(language)
        counts = sorted(Counter(here).items(), key=lambda entry: (-entry[1], entry[0]))
        types = ", ".join(f"{texts.label('facility_type', kind)} {n}" for kind, n in counts)
        problems.append(
            _info("osm_facility_mapping", extract, count=len(here), file=file, types=types)
        )
    beyond = len(roles) - len(here)
    if beyond:
        distance = round(GUARD_M / 1000)
        problems.append(
            _info("osm_facility_beyond", extract, count=beyond, file=file, distance_km=distance)
        )
    return problems
