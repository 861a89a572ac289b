"""Units of a study from the administrative boundaries of an OSM extract.

OSM's levels mean other things in each country, so the level that stands for towns is chosen:
the deepest level up to 8 (a municipality nearly everywhere, 乡镇街道 in China) that has two or
more areas whose boundaries close and that together hold more than half of the roads; where no
such level has, the first one below 8. An area whose boundary does not close is listed by name
and left out. Without any level, the extent of the roads is the only unit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from care_map.errors import InputError, Problem, Severity
from care_map.inputs.crs import LONLAT
from care_map.inputs.osm import NAME_KEYS, OsmExtract, pick_name
from care_map.messages import Language, catalogue

__all__ = ["RURAL_PLACES", "URBAN_PLACES", "OsmUnits", "units_from_osm"]

URBAN_PLACES = frozenset(("city", "town", "borough", "suburb", "quarter"))
RURAL_PLACES = frozenset(("village", "hamlet", "isolated_dwelling", "farm"))
"""Place nodes that make a unit urban, or rural if it has no urban one (proxy)."""

_SETTING_BY_SUFFIX: Mapping[str, str] = {
    "街道": "urban",
    "镇": "rural",
    "鎮": "rural",
    "乡": "rural",
    "鄉": "rural",
    "苏木": "rural",
}
_TOWN_LEVEL = 8
_MIN_UNITS = 2
_MIN_ROAD_SHARE = 0.5
_WHOLE_SHARE = 0.9
_COVERED_SHARE = 0.99
_OWN_SHARE = 0.5
_PARTIAL_SHARE = 0.05
_SAMPLE = 20_000
_LISTED_NAMES = 30


@dataclass(frozen=True, slots=True)
class OsmUnits:
    """Units and the area that they stand for.

    Parameters
    ----------
    units
        ``unit_id, name, level, parent_id, setting, population`` (NaN if unknown); polygon in
        EPSG:4326. The district first, then its towns; one district alone if there are none.
    area
        Area of the study in EPSG:4326.
    problems
        The choices made, and areas that do not close.
    """

    units: gpd.GeoDataFrame
    area: BaseGeometry
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """Name of the district."""
        return str(self.units["name"].iloc[0])


def units_from_osm(
    extract: OsmExtract, *, language: Language = "zh", place: str | None = None
) -> OsmUnits:
    """Make the units of a study from administrative boundaries.

    Parameters
    ----------
    extract
        The scanned extract.
    language
        Which names are preferred.
    place
        Name of the area that is the district; without it, all units of the extract are one.

    Returns
    -------
    OsmUnits

    Raises
    ------
    InputError
        No closed area has the name of `place`; those that there are are listed.
    """
    admin = _named(extract.admin, language)
    closed = admin[admin["closed"]]
    sample = _road_sample(extract)
    chosen = _find_place(extract, admin, place, sample) if place is not None else None
    within = None if chosen is None else closed.geometry.loc[chosen]
    level = _town_level(closed, sample, within, above=_level_of(closed, chosen))
    towns = closed.iloc[:0] if level is None else _of_level(closed, level, within)
    problems = list(_admin_problems(extract, admin, level, len(towns)))
    if chosen is None:
        chosen = _around(extract, closed, towns) if len(towns) else _single(closed, sample)
    district = _district(extract, closed, towns, chosen, language)
    units = gpd.GeoDataFrame(pd.concat([district, _towns(towns, district)], ignore_index=True))
    units["setting"], findings = _settings(extract, units, admin, language)
    problems += [*findings, *_partial(extract, units)]
    if chosen is None and not len(towns):
        name = units["name"].iloc[0]
        problems.append(_problem("unit_hull", extract, "warning", name=name))
    return OsmUnits(units, units.geometry.iloc[0], tuple(problems))


def _problem(
    code: str, extract: OsmExtract, severity: Severity = "info", *, count: int = 1, **values: object
) -> Problem:
    return Problem(code, severity=severity, source=extract.path.name, count=count, values=values)


def _named(admin: gpd.GeoDataFrame, language: Language) -> gpd.GeoDataFrame:
    """Add the name to show; areas without any are called by their id."""
    records = admin[list(NAME_KEYS)].to_dict("records")
    names = [pick_name(record, language) for record in records]
    shown = [name or osm_id for name, osm_id in zip(names, admin["osm_id"], strict=True)]
    return admin.assign(shown=pd.Series(shown, index=admin.index, dtype="str"))


def _road_sample(extract: OsmExtract) -> NDArray[np.float64]:
    """Return up to 20,000 vertices of roads, evenly taken: enough to compare shares."""
    step = max(1, len(extract.roads.lon) // _SAMPLE)
    return np.column_stack([extract.roads.lon[::step], extract.roads.lat[::step]])


def _held(area: BaseGeometry, sample: NDArray[np.float64]) -> NDArray[np.bool_]:
    shapely.prepare(area)
    return np.asarray(shapely.intersects_xy(area, sample[:, 0], sample[:, 1]))


def _find_place(
    extract: OsmExtract, admin: gpd.GeoDataFrame, place: str, sample: NDArray[np.float64]
) -> int:
    """Return the index of the area of that name; of several the highest level."""
    wanted = place.strip().casefold()
    spelled = admin[[*NAME_KEYS, "shown"]].apply(lambda column: column.str.casefold())
    fits = (spelled == wanted).any(axis=1)
    found = admin[fits & admin["closed"]]
    if found.empty:
        raise InputError(_unknown_place(extract, admin, fits, place))
    index = found.sort_values(["admin_level", "osm_id"]).index[0]
    if not _held(found.geometry.loc[index], sample).any():
        problem = Problem("osm_place_outside", source=extract.path.name, values={"name": place})
        raise InputError([problem])
    return int(index)


def _unknown_place(
    extract: OsmExtract, admin: gpd.GeoDataFrame, fits: pd.Series, place: str
) -> list[Problem]:
    source = extract.path.name
    names = sorted(set(admin.loc[admin["closed"], "shown"]))
    if names:
        known = ", ".join(names[:_LISTED_NAMES]) + (" …" if len(names) > _LISTED_NAMES else "")
        problem = Problem("osm_place_unknown", source=source, value=place, values={"known": known})
    else:
        problem = Problem("osm_place_none", source=source, value=place)
    return [problem, *(_not_closed(extract, row) for row in _records(admin[fits]))]


def _records(admin: gpd.GeoDataFrame) -> list[dict[str, object]]:
    return [dict(row) for row in admin[["osm_id", "shown", "admin_level"]].to_dict("records")]


def _not_closed(extract: OsmExtract, row: Mapping[str, object]) -> Problem:
    return _problem(
        "admin_not_closed",
        extract,
        "warning",
        name=row["shown"],
        level=row["admin_level"],
        id=str(row["osm_id"])[1:],
    )


def _level_of(closed: gpd.GeoDataFrame, chosen: int | None) -> int:
    return 0 if chosen is None else int(closed["admin_level"].loc[chosen])


def _of_level(
    closed: gpd.GeoDataFrame, level: int, within: BaseGeometry | None
) -> gpd.GeoDataFrame:
    """Return the areas of a level, inside the place if there is one, in a fixed order."""
    areas = closed[closed["admin_level"] == level]
    if within is not None:
        areas = areas[areas.geometry.representative_point().within(within)]
    return areas.sort_values("osm_id")


def _town_level(
    closed: gpd.GeoDataFrame,
    sample: NDArray[np.float64],
    within: BaseGeometry | None,
    *,
    above: int,
) -> int | None:
    """Choose the level that stands for towns, None if no level does."""
    if within is not None:
        sample = sample[_held(within, sample)]
    levels = sorted({int(level) for level in closed["admin_level"] if level > above})
    upper = [level for level in reversed(levels) if level <= _TOWN_LEVEL]
    for level in (*upper, *(level for level in levels if level > _TOWN_LEVEL)):
        areas = _of_level(closed, level, within)
        if len(areas) < _MIN_UNITS:
            continue
        held = np.zeros(len(sample), dtype=bool)
        for area in areas.geometry:
            held |= _held(area, sample)
        if held.mean() > _MIN_ROAD_SHARE:
            return level
    return None


def _around(extract: OsmExtract, closed: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> int | None:
    """Return the index of the smallest closed area that holds all towns, None without one."""
    above = closed[closed["admin_level"] < towns["admin_level"].min()].to_crs(extract.crs)
    together = towns.geometry.to_crs(extract.crs).union_all()
    for index in above.assign(size=above.area).sort_values("size").index:
        shared = above.geometry.loc[index].intersection(together).area
        if shared >= _COVERED_SHARE * together.area:
            return int(index)
    return None


def _single(closed: gpd.GeoDataFrame, sample: NDArray[np.float64]) -> int | None:
    """Return the index of the deepest area that holds nearly all roads, None without one."""
    for index in closed.sort_values(["admin_level", "osm_id"], ascending=[False, True]).index:
        if _held(closed.geometry.loc[index], sample).mean() > _WHOLE_SHARE:
            return int(index)
    return None


def _district(
    extract: OsmExtract,
    closed: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame,
    chosen: int | None,
    language: Language,
) -> gpd.GeoDataFrame:
    name, unit_id, population = extract.name, "osm", float("nan")
    if chosen is not None:
        row = closed.loc[chosen]
        name, unit_id, population = row["shown"], row["osm_id"], row["population"]
        area = row.geometry
    elif len(towns):
        area = towns.geometry.union_all()
    else:
        name = catalogue(language).text("osm.hull_name", name=extract.name)
        area = extract.hull
    return _unit_table([unit_id], [name], [population], [area], level="district", parent_id="")


def _towns(towns: gpd.GeoDataFrame, district: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return _unit_table(
        towns["osm_id"],
        towns["shown"],
        towns["population"],
        towns.geometry,
        level="town",
        parent_id=str(district["unit_id"].iloc[0]),
    )


def _unit_table(
    unit_id: Iterable[str],
    name: Iterable[str],
    population: Iterable[float],
    geometry: Iterable[BaseGeometry],
    **same: str,
) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "unit_id": pd.Series(list(unit_id), dtype="str"),
            "name": pd.Series(list(name), dtype="str"),
            "population": pd.Series(list(population), dtype="float64"),
        },
        geometry=gpd.GeoSeries(list(geometry), crs=LONLAT),
    )
    for column, value in same.items():
        frame[column] = pd.Series(value, index=frame.index, dtype="str")
    return frame


def _admin_problems(
    extract: OsmExtract, admin: gpd.GeoDataFrame, level: int | None, n_towns: int
) -> Iterator[Problem]:
    if level is not None:
        yield _problem("osm_unit_level", extract, count=n_towns, level=level)
    is_open = ~admin["closed"]
    # A neighbour beyond the extract shares a border with it, and little else is known of it.
    same = is_open & (admin["admin_level"] == (level or 0))
    same &= admin["known_share"] >= _OWN_SHARE
    for row in _records(admin[same]):
        yield _not_closed(extract, row)
    other = sorted(admin.loc[is_open & ~same, "shown"])
    if other:
        names = ", ".join(other[:_LISTED_NAMES]) + (" …" if len(other) > _LISTED_NAMES else "")
        yield _problem("admin_not_closed_other", extract, count=len(other), names=names)


def _settings(
    extract: OsmExtract, units: gpd.GeoDataFrame, admin: gpd.GeoDataFrame, language: Language
) -> tuple[pd.Series, list[Problem]]:
    """Return the setting of each unit and, unit by unit, what it rests on."""
    texts = catalogue(language)
    spelled = {row["osm_id"]: [row[key] for key in NAME_KEYS] for row in admin.to_dict("records")}
    towns = units.geometry[units["level"] == "town"].union_all() if len(units) > 1 else None
    settings: list[str] = []
    problems: list[Problem] = []
    for row in units.itertuples():
        area = row.geometry
        if row.level == "district" and towns is not None:
            area = area.difference(towns)  # its towns have settings of their own
        inside = extract.places["place"][extract.places.within(area)]
        setting, key, count = _setting(spelled.get(row.unit_id, []), inside)
        settings.append(setting)
        if setting:
            basis = texts.text(key, count=count)
            label = texts.label("setting", setting)
            fields = {"name": row.name, "setting": label, "basis": basis}
            problems.append(_problem("osm_unit_setting", extract, **fields))
        elif row.level == "town" or towns is None:
            problems.append(_problem("osm_unit_setting_unknown", extract, "warning", name=row.name))
    return pd.Series(settings, index=units.index, dtype="str"), problems


def _setting(names: Iterable[str], places: pd.Series) -> tuple[str, str, int]:
    """Return setting, key of its basis and number of places."""
    for name in names:
        for suffix, setting in _SETTING_BY_SUFFIX.items():
            if name.endswith(suffix):
                return setting, "osm.basis_name", 0
    n_urban, n_rural = (int(places.isin(kinds).sum()) for kinds in (URBAN_PLACES, RURAL_PLACES))
    if n_urban:
        return "urban", "osm.basis_city", n_urban
    return ("rural", "osm.basis_village", n_rural) if n_rural else ("", "", 0)


def _partial(extract: OsmExtract, units: gpd.GeoDataFrame) -> Iterator[Problem]:
    """List units that reach beyond the roads: no road there is no finding about the place."""
    metric = units.geometry.to_crs(extract.crs)
    hull = gpd.GeoSeries([extract.hull], crs=LONLAT).to_crs(extract.crs).iloc[0]
    beyond = 1.0 - metric.intersection(hull).area / metric.area
    for name, share in zip(units["name"], beyond, strict=True):
        if share > _PARTIAL_SHARE:
            yield _problem(
                "osm_unit_partial", extract, "warning", name=name, percent=round(share * 100)
            )
