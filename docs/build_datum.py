"""Fill the table of rates in ``docs/datum.md``: how often the datum check is right on real lists.

``python docs/build_datum.py`` reads the open data in ``../shared/data`` (another folder: as the
first argument) and renews the table in place; a test makes two of its rows again.
"""

import dataclasses
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from care_map.config import FacilitySource, Study, UnitSource, read_study
from care_map.diagnostics.datum_check import datum_check
from care_map.diagnostics.datum_evidence import HYPOTHESES
from care_map.inputs.datum import from_wgs84, to_wgs84
from care_map.inputs.load import read_inputs
from care_map.inputs.osm import scan_extract
from care_map.inputs.osm_buildings import read_footprints
from care_map.inputs.tables import Inputs, PointSample
from care_map.study_network import read_ground

__all__ = ["PAGE", "SOURCES", "Case", "row_of"]

PAGE = Path(__file__).with_name("datum.md")
DATA = Path(__file__).parents[2] / "shared" / "data"
DEMONSTRATION = Path(__file__).parents[1] / "data" / "study.toml"
_BLOCK = re.compile(r"(<!-- rates: begin -->\n).*?(<!-- rates: end -->)", re.DOTALL)
_HEAD = (
    "| data | n | moved by, m | false alarms | wrong names | misses |\n|---|---|---|---|---|---|\n"
)
_VILLAGES = "113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson"
_VILLAGE_COLUMNS = {
    "unit_id": "V_ID",
    "name": "VILLAGE",
    "parent_id": "TOWN_ID",
    "parent_name": "TOWN",
}
_STATIONS = "114年度臺北市社區照顧關懷據點㇐覽表_coord.csv"
_STATION_COLUMNS = {"name": "據點名稱", "town_name": "行政區", "community_name": "里別"}
_HOMES = "臺北市老人福利機構名冊1140201_coord.csv"
_HOME_COLUMNS = {"name": "機構名稱", "town_name": "區域別"}
_CHINESE_CRS = CRS.from_epsg(4545)
_SOMEWHERE = (108.4, 30.8)
_WRONG_SHARE = 0.1
_AMENITIES = (
    *("hospital", "clinic", "doctors", "pharmacy", "social_facility", "community_centre"),
    *("nursing_home", "townhall", "place_of_worship", "school", "kindergarten"),
    *("restaurant", "cafe", "bank"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A list whose true datum is known, and what it can be compared with.

    Parameters
    ----------
    name
        As the table calls it.
    sample
        Its points, rightly read.
    units
        Polygons of the units that rows state; without rows where none are used.
    roads, buildings
        Lines and footprints, None without.
    draws
        Number of places and standard deviation of the move in metres, for each row.
    repeats
        How often places are drawn anew.
    """

    name: str
    sample: PointSample
    units: gpd.GeoDataFrame
    roads: np.ndarray | None
    buildings: np.ndarray | None
    draws: Sequence[tuple[int, int]]
    repeats: int = 20


def row_of(case: Case, n: int, moved_m: int) -> str:
    """Return a row of the table: random places, moved, written in each datum, declared as each."""
    rng = np.random.default_rng([n, moved_m])
    drawn = [_moved(_taken(case.sample, n, rng), moved_m, rng) for _ in range(case.repeats)]
    trials = [(one, true, said) for one in drawn for true in HYPOTHESES for said in HYPOTHESES]
    verdicts = datum_check(
        [_declared(*trial) for trial in trials],
        units=case.units,
        roads=case.roads,
        buildings=case.buildings,
    )
    alarms, names, misses = [], [], []
    for (_, true, said), verdict in zip(trials, verdicts, strict=True):
        contradicts = verdict.outcome == "contradicts"
        if true == said:
            alarms.append(contradicts)
        else:
            names.append(contradicts and verdict.better != true)
            misses.append(not (contradicts and verdict.better == true))
    rates = " | ".join(f"{np.mean(one):.1%}" for one in (alarms, names, misses))
    return f"| {case.name} | {min(n, len(case.sample.lon))} | {moved_m} | {rates} |\n"


def _taken(sample: PointSample, n: int, rng: np.random.Generator) -> PointSample:
    which = rng.choice(len(sample.lon), min(n, len(sample.lon)), replace=False)
    parts = {name: getattr(sample, name)[which] for name in ("lon", "lat", "unit_id", "exact")}
    return dataclasses.replace(sample, **parts)


def _moved(sample: PointSample, moved_m: int, rng: np.random.Generator) -> PointSample:
    turn, far_m = rng.uniform(0, 2 * np.pi, len(sample.lon)), rng.normal(0, 1, len(sample.lon))
    far_deg = far_m * moved_m / 111_195
    lon = sample.lon + far_deg * np.cos(turn) / np.cos(np.radians(sample.lat))
    return dataclasses.replace(sample, lon=lon, lat=sample.lat + far_deg * np.sin(turn))


def _declared(sample: PointSample, true: str, said: str) -> PointSample:
    """Return what a list written in one datum and read as another is."""
    written = from_wgs84(sample.lon, sample.lat, datum=true)
    lon, lat = to_wgs84(*written, datum=said)
    return dataclasses.replace(sample, lon=lon, lat=lat, datum=said)


def taipei(folder: Path) -> Iterator[Case]:
    """Yield the lists of Taipei, with villages and with districts as their labels."""
    lists = ((_STATIONS, _STATION_COLUMNS), (_HOMES, _HOME_COLUMNS))
    study = Study(
        root=folder / "taipei",
        name="taipei",
        units=(UnitSource(path=Path(_VILLAGES), level="community", columns=_VILLAGE_COLUMNS),),
        facilities=tuple(
            FacilitySource(path=Path(name), columns=columns, values={"roles": "care_home"})
            for name, columns in lists
        ),
        setting="urban",
    )
    inputs = read_inputs(study)
    stations, homes = (one for one in inputs.samples if one.kind == "facilities")
    draws = ((20, 0), (20, 100), (20, 200), (50, 200), (200, 200))
    yield Case("Taipei, care stations, villages stated", stations, inputs.units, None, None, draws)
    draws = ((20, 0), (50, 100), (50, 200), (87, 100))
    name = "Taipei, care homes, one of 12 districts stated"
    yield Case(name, homes, inputs.units, None, None, draws)


def beijing(folder: Path) -> Iterator[Case]:
    """Yield points anywhere in the towns of Beijing, one in ten with another town's label."""
    columns = {"unit_id": "code", "parent_id": "parentCode", "parent_name": "district"}
    source = UnitSource(path=Path("beijing_343_towns.geojson"), columns=columns)
    inputs = read_inputs(Study(root=folder / "beijing_towns", name="beijing", units=(source,)))
    towns = inputs.units[inputs.units["level"] == "town"].reset_index(drop=True)
    rng = np.random.default_rng(3)
    town = rng.choice(len(towns), 1500)
    places = towns.geometry[town].sample_points(1, rng=rng).reset_index(drop=True)
    stated = towns["unit_id"].to_numpy(dtype=object)[town]
    wrong = rng.random(len(stated)) < _WRONG_SHARE
    stated[wrong] = rng.choice(towns["unit_id"].to_numpy(dtype=object), wrong.sum())
    sample = _sample(places.to_numpy(), inputs.crs, stated)
    name = "Beijing, points anywhere in 343 towns, one label in ten wrong"
    draws = ((50, 0), (50, 100), (200, 200))
    yield Case(name, sample, inputs.units, None, None, draws, 10)


def demonstration(_: Path) -> Iterator[Case]:
    """Yield the synthetic elders of the demonstration, with and without their units."""
    study = read_study(DEMONSTRATION)
    ground = read_ground(study)
    inputs: Inputs = read_inputs(study, extent=ground.reading.extent)
    network, _problems = ground.network(inputs.crs)
    roads = None if network is None else network.lines()
    elders = next(one for one in inputs.samples if one.kind == "demand")
    nowhere = inputs.units.iloc[:0]
    name = "demonstration (synthetic), elders, "
    draws = ((20, 50), (50, 50), (50, 200))
    yield Case(f"{name}units and roads", elders, inputs.units, roads, None, draws)
    draws = ((20, 0), (50, 50), (200, 50), (200, 200))
    yield Case(f"{name}roads alone", elders, nowhere, roads, None, draws)


def cities(folder: Path) -> Iterator[Case]:
    """Yield facilities of Andorra and Helsinki, moved with their roads to Chongqing."""
    nowhere = gpd.GeoDataFrame({"unit_id": []}, geometry=gpd.GeoSeries([], crs=_CHINESE_CRS))
    for name, draws in (
        ("Andorra", ((20, 0), (20, 50), (70, 50))),
        ("Helsinki", ((20, 20), (50, 50))),
    ):
        file = folder / name.lower() / f"{name.lower()}.osm.pbf"
        extract = scan_extract(file)
        move = _mover(extract.crs, extract.hull.centroid)
        of_way = np.repeat(np.arange(len(extract.roads.ways)), np.diff(extract.roads.offsets))
        vertices = np.column_stack([extract.roads.lon, extract.roads.lat])
        roads = move(shapely.linestrings(vertices, indices=of_way))
        sites = extract.pois[extract.pois["amenity"].isin(_AMENITIES)]
        sample = _sample(move(sites.geometry.to_numpy()), _CHINESE_CRS, None)
        title = f"{name}, {len(sites)} facilities, roads"
        yield Case(f"{title} alone", sample, nowhere, roads, None, draws, 10)
        if name == "Helsinki":
            ground = move(read_footprints(file))
            yield Case(f"{title} and buildings", sample, nowhere, roads, ground, draws, 10)


def _mover(crs: CRS, centre: shapely.Point) -> Callable[[np.ndarray], np.ndarray]:
    """Return what moves geometries in degrees, in metres, to where the Chinese shifts apply."""
    to_metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    goal = Transformer.from_crs("EPSG:4326", _CHINESE_CRS, always_xy=True).transform(*_SOMEWHERE)
    shift = np.subtract(goal, to_metres.transform(centre.x, centre.y))
    return lambda geometry: shapely.transform(
        geometry, lambda places: np.column_stack(to_metres.transform(*places.T)) + shift
    )


def _sample(places: np.ndarray, crs: CRS, stated: np.ndarray | None) -> PointSample:
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*shapely.get_coordinates(places).T)
    words = np.full(len(lon), "", dtype=object) if stated is None else stated
    exact = np.ones(len(lon), bool)
    return PointSample("facilities", "list", None, "wgs84", lon, lat, words, exact, len(lon))


SOURCES = (taipei, beijing, demonstration, cities)


def _fill(text: str, folder: Path) -> str:
    cases = (case for source in SOURCES for case in source(folder))
    rows = "".join(row_of(case, *draw) for case in cases for draw in case.draws)
    return _BLOCK.sub(lambda found: f"{found[1]}\n{_HEAD}{rows}\n{found[2]}", text)


if __name__ == "__main__":
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    PAGE.write_text(_fill(PAGE.read_text(encoding="utf-8"), data), encoding="utf-8")
