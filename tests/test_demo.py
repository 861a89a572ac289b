"""The demonstration district: the same each time, whole, and wrong where it says so."""

import itertools
import zipfile
from collections import Counter
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from care_map.config import read_study
from care_map.demo import write_demo
from care_map.messages import catalogue
from care_map.schema import DEMAND, FACILITIES
from care_map.vocabulary import CARE_TYPES, FACILITY_TYPES, PRIORITY_GROUPS, STAGES

rasterio = pytest.importorskip("rasterio")

COMMITTED = Path(__file__).parents[1] / "data"
METRIC = Transformer.from_crs("EPSG:4326", "EPSG:4545", always_xy=True)
LIMIT_S = 900.0
NO_WALKING = {"motorway", "motorway_link"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo") / "study").parent


@pytest.fixture(scope="module")
def elders(folder):
    return pd.read_csv(folder / "elders.csv", dtype={"区划代码": str}, keep_default_na=False)


@pytest.fixture(scope="module")
def facilities(folder):
    path = folder / "facilities" / "facilities.xlsx"
    return pd.read_excel(path, dtype={"区划代码": str}, engine="openpyxl")


@pytest.fixture(scope="module")
def units(folder):
    return gpd.read_file(folder / "boundaries" / "units.gpkg", engine="pyogrio")


@pytest.fixture(scope="module")
def gaps(folder):
    table = pd.read_csv(folder / "planted_gaps.csv", dtype=str, keep_default_na=False)
    return table.set_index("cause")


@pytest.fixture(scope="module")
def roads(folder):
    return read_osm(folder / "roads.osm.pbf")


def read_osm(path):
    """Return places of nodes by id, and ways as (id, nodes, tags), in the file's order."""
    places, ways = {}, []
    for item in osmium.FileProcessor(str(path)):
        if item.is_node():
            places[item.id] = (item.location.lon, item.location.lat)
        elif item.is_way():
            ways.append((item.id, [node.ref for node in item.nodes], dict(item.tags)))
    return places, ways


def files(folder):
    return sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and "outputs" not in path.relative_to(folder).parts
    )


def content(path):
    """Return what a file says, whatever library packed it."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return {name: book.read(name) for name in book.namelist()}
    if path.suffix == ".gpkg":
        table = gpd.read_file(path, engine="pyogrio")
        return table.drop(columns="geometry").to_dict("list"), table.geometry.to_wkb().tolist()
    if path.suffix == ".tif":
        with rasterio.open(path) as file:
            return file.read(1).tobytes(), file.transform, file.crs
    return read_osm(path) if path.suffix == ".pbf" else path.read_bytes()


# --- the files ------------------------------------------------------------------------------


def test_same_seed_same_bytes_whatever_stood_there(tmp_path, folder):
    twice = write_demo(tmp_path / "twice", seed=7).parent
    assert (twice / "elders.csv").read_bytes() != (folder / "elders.csv").read_bytes()
    write_demo(twice)
    assert files(twice) == files(folder)
    for path in files(folder):
        assert (twice / path).read_bytes() == (folder / path).read_bytes(), path


def test_english_changes_the_sentences_and_not_the_data(folder, tmp_path):
    english = write_demo(tmp_path / "en", language="en").parent
    changed = {
        str(p) for p in files(folder) if (english / p).read_bytes() != (folder / p).read_bytes()
    }
    assert changed == {"README.md", "study.toml", "planted_gaps.csv"}
    study = read_study(english)
    assert study.language == "en"
    assert study.name.isascii()


def test_small_enough_to_keep_in_the_repository(folder):
    assert sum((folder / path).stat().st_size for path in files(folder)) < 3_000_000


def test_committed_folder_is_what_the_generator_writes(folder):
    assert files(COMMITTED) == files(folder)
    for path in files(folder):
        assert content(COMMITTED / path) == content(folder / path), path


def test_study_file_is_valid_and_says_synthetic(folder):
    study = read_study(folder)
    assert study.data == "synthetic"
    assert [circle.id for circle in study.circles] == ["elder_care_15", "meals_15", "medical"]
    assert set(study.circles[0].types) == set(CARE_TYPES)
    assert "合成" in (folder / "README.md").read_text(encoding="utf-8")


# --- the lists ------------------------------------------------------------------------------


def test_ids_are_unique(elders, facilities, units):
    for ids in (elders["编号"], facilities["设施编号"], units["unit_id"]):
        assert ids.is_unique
    assert facilities["设施名称"].is_unique
    assert units["name"].is_unique


def test_every_type_and_stage_is_there(facilities):
    texts = catalogue("zh")
    types = {role for cell in facilities["设施类型"] for role in cell.split("、")}
    # Stops of a mobile service are of scenarios.
    listed = set(FACILITY_TYPES) - {"mobile_stop"}
    assert types == {texts.label("facility_type", code) for code in listed}
    assert set(facilities["阶段"]) == {texts.label("stage", code) for code in STAGES}
    assert facilities["设施类型"].str.contains("、").any()


def test_headers_are_known(elders, facilities):
    assert set(facilities.columns) <= {column.zh for column in FACILITIES.columns}
    assert set(elders.columns) <= {column.zh for column in DEMAND.columns}


def test_each_stage_has_its_dates_in_order(facilities):
    texts = catalogue("zh")
    names = [FACILITIES.column(f"{stage}_date").zh for stage in STAGES]
    as_of = pd.Timestamp("2021-06-30")
    for number, stage in enumerate(STAGES):
        dates = facilities.loc[facilities["阶段"] == texts.label("stage", stage), names]
        assert dates.iloc[:, : number + 1].notna().all(axis=None)
        assert dates.iloc[:, number + 1 :].isna().all(axis=None)
        assert (dates.iloc[:, : number + 1].max(axis=1) <= as_of).all()
        for before, after in itertools.pairwise(names[: number + 1]):
            assert (dates[before] < dates[after]).all()


def test_list_has_what_real_lists_have(facilities, elders):
    assert facilities["经度"].isna().sum() == 7
    assert facilities["区划代码"].isna().sum() == 5  # in the neighbouring district
    assert facilities["电话"].str.startswith("000-").all()
    assert facilities["服务范围"].str.contains("、", na=False).any()
    centres = set(facilities["带站中心"].dropna())
    assert centres
    assert centres <= set(facilities["设施编号"])
    assert set(facilities["送餐上门"].dropna()) == {"是", "否"}
    assert 4000 <= len(elders) <= 6000
    assert 0.02 < (elders["经度"] == "").mean() < 0.04
    assert (elders["区划代码"] != "").all()


def test_elders_are_plausible(elders):
    texts = catalogue("zh")
    labels = {texts.label("group", code) for code in PRIORITY_GROUPS}
    assert {label for cell in elders["重点对象"] for label in cell.split("、") if label} == labels
    assert elders["年龄"].between(60, 100).all()
    oldest = elders["重点对象"].str.contains(texts.label("group", "aged_80"))
    assert (oldest == (elders["年龄"] >= 80)).all()
    assert 0.08 < oldest.mean() < 0.2
    assert set(elders["居住状况"]) == {"常住", "户籍在住", "外出"}
    assert not {"姓名", "电话", "身份证号"} & set(elders.columns)


def test_capacities_belong_to_facilities(folder, facilities):
    services = pd.read_csv(folder / "facilities" / "services.csv")
    assert set(services["设施编号"]) <= set(facilities["设施编号"])
    assert (services["能力"] > 0).all()


# --- the units ------------------------------------------------------------------------------


def test_communities_tile_the_district(units):
    metric = units.to_crs("EPSG:4545")
    level = dict(list(metric.groupby("level")))
    assert (len(level["district"]), len(level["town"])) == (1, 22)
    assert 120 <= len(level["community"]) <= 160
    assert metric.is_valid.all()
    for name in ("town", "community"):
        assert shapely.coverage_is_valid(level[name].geometry.array)
        whole = shapely.union_all(level[name].geometry.array)
        beside = whole.symmetric_difference(level["district"].geometry.iloc[0])
        assert beside.area < 1.0
    for town in level["town"].itertuples():
        parts = level["community"].loc[lambda t, code=town.unit_id: t["parent_id"] == code]
        assert parts.area.sum() == pytest.approx(town.geometry.area, rel=1e-6)
        assert parts["population"].sum() == town.population


def test_codes_follow_the_rules(units):
    assert units["unit_id"].str.fullmatch(r"509901\d{6}").all()
    known = set(units["unit_id"])
    assert set(units["parent_id"]) - {""} <= known
    communities = units[units["level"] == "community"]
    assert (communities["parent_id"] == communities["unit_id"].str[:9] + "000").all()
    last = communities["unit_id"].str[9:].astype(int)
    assert ((last >= 200) == (communities["setting"] == "rural")).all()
    assert ((last >= 200) == communities["name"].str.endswith("村")).all()


def test_points_lie_in_the_units_they_name(units, elders, facilities):
    communities = units[units["level"] == "community"].to_crs("EPSG:4545").set_index("unit_id")
    for table in (elders, facilities):
        known = table[
            pd.to_numeric(table["经度"], errors="coerce").notna() & table["区划代码"].notna()
        ]
        x, y = METRIC.transform(known["经度"].astype(float), known["纬度"].astype(float))
        areas = communities.geometry.loc[known["区划代码"]].to_numpy()
        assert (shapely.distance(areas, shapely.points(x, y)) < 0.5).all()


# --- the roads ------------------------------------------------------------------------------


def test_roads_have_every_difficulty(roads):
    _, ways = roads
    tags = [tags for _, _, tags in ways]
    kinds = Counter(tag.get("highway", "") for tag in tags)
    assert set(kinds) > {
        "motorway", "motorway_link", "primary", "secondary", "tertiary", "unclassified",
        "residential", "pedestrian", "footway", "steps", "track", "path", "service",
    }  # fmt: skip
    assert all(t["incline"] in {"up", "down"} for t in tags if t.get("highway") == "steps")
    assert sum("bridge" in t and t["layer"] == "1" for t in tags) >= 3
    assert any(t.get("highway") == "motorway" and "bridge" in t for t in tags)
    assert any(t.get("tunnel") == "yes" and t["layer"] == "-1" for t in tags)
    for pair in (
        {"foot": "no"}, {"access": "private"}, {"oneway": "yes"}, {"oneway": "-1"},
        {"railway": "rail"}, {"waterway": "river"}, {"natural": "water"}, {"maxspeed": "60"},
    ):  # fmt: skip
        assert any(pair.items() <= t.items() for t in tags), pair


def test_roads_loop_and_run_in_parallel(roads):
    _, ways = roads
    rings = [nodes for _, nodes, tags in ways if "highway" in tags and nodes[0] == nodes[-1]]
    assert rings
    ends = Counter(
        frozenset((nodes[0], nodes[-1]))
        for _, nodes, tags in ways
        if "highway" in tags and nodes[0] != nodes[-1]
    )
    assert max(ends.values()) > 1


def test_file_is_in_order_and_whole(folder):
    last = {"n": 0, "w": 0}
    seen = set()
    for item in osmium.FileProcessor(str(folder / "roads.osm.pbf")):
        kind = item.type_str()
        assert item.id > last[kind]
        last[kind] = item.id
        if kind == "n":
            assert not last["w"]
            seen.add(item.id)
        else:
            assert {node.ref for node in item.nodes} <= seen
            assert len(item.nodes) >= 2


# --- the planted gaps -----------------------------------------------------------------------


class Walk:
    """Walking times by networkx over the raw ways: nothing merged, points on nearest edges."""

    def __init__(self, roads, *, stairs=3.0):
        places, ways = roads
        x, y = METRIC.transform(*np.array(list(places.values())).T)
        self.at = dict(zip(places, zip(x.tolist(), y.tolist(), strict=True), strict=True))
        self.graph = nx.MultiGraph()
        for _, nodes, tags in ways:
            kind = tags.get("highway", "")
            if kind and kind not in NO_WALKING and tags.get("foot") != "no":
                factor = stairs if kind == "steps" else 1.0
                for a, b in itertools.pairwise(nodes):
                    away = float(np.hypot(*np.subtract(self.at[a], self.at[b])))
                    self.graph.add_edge(a, b, s=factor * away, factor=factor)
        self.parts = [set(part) for part in nx.connected_components(self.graph)]
        main = max(self.parts, key=len)
        self.edges = [edge for edge in self.graph.edges(data=True) if edge[0] in main]
        lines = [shapely.LineString([self.at[a], self.at[b]]) for a, b, _ in self.edges]
        self.tree = shapely.STRtree(lines)

    def snap(self, points):
        """Return for each point the metres to the nearest edge and its two ends in seconds."""
        points = shapely.points(points)
        (_, edge), away = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        out = []
        for point, number, leg in zip(points, edge, away, strict=True):
            a, b, data = self.edges[number]
            part = self.tree.geometries[number].project(point) * data["factor"]
            out.append((leg, {a: leg + part, b: leg + data["s"] - part}))
        return out

    def seconds(self, homes, stations):
        """Return seconds from each home to the nearest station."""
        for number, (_, ends) in enumerate(self.snap(stations)):
            for node, cost in ends.items():
                self.graph.add_edge("any", ("station", number), s=0.0)
                self.graph.add_edge(("station", number), node, s=float(cost))
        reach = nx.single_source_dijkstra_path_length(self.graph, "any", weight="s")
        self.graph.remove_nodes_from(["any", *(("station", n) for n in range(len(stations)))])
        return np.array(
            [min(c + reach.get(n, np.inf) for n, c in ends.items()) for _, ends in self.snap(homes)]
        )


@pytest.fixture(scope="module")
def walk(roads):
    return Walk(roads)


@pytest.fixture(scope="module")
def stations(facilities):
    """Return metric points of the district's operating care facilities, by id."""
    texts = catalogue("zh")
    care = {texts.label("facility_type", code) for code in CARE_TYPES}
    kept = facilities[
        facilities["设施类型"].map(lambda cell: bool(care & set(cell.split("、"))))
        & (facilities["阶段"] == texts.label("stage", "operating"))
        & facilities["经度"].notna()
        & facilities["区划代码"].notna()
    ]
    x, y = METRIC.transform(kept["经度"], kept["纬度"])
    return pd.DataFrame({"x": x, "y": y}, index=kept["设施编号"])


def people(elders, gap):
    """Return metric points of the elders of a gap: those of its unit near it."""
    theirs = elders[(elders["区划代码"] == gap["unit_id"]) & (elders["经度"] != "")]
    x, y = METRIC.transform(theirs["经度"].astype(float), theirs["纬度"].astype(float))
    middle = METRIC.transform(float(gap["lon"]), float(gap["lat"]))
    points = np.column_stack([x, y])
    return points[np.hypot(*(points - middle).T) < 420]


def test_gap_list_is_complete(gaps, elders, units):
    assert set(gaps.index) == {"far_bank", "hill", "stairs", "no_road", "not_operating", "full"}
    assert gaps["gap_id"].is_unique
    assert set(gaps["unit_id"]) <= set(units["unit_id"])
    for _, gap in gaps.iterrows():
        assert len(people(elders, gap)) == int(gap["elders"])


def test_far_bank_is_near_and_far(walk, gaps, elders, stations):
    homes = people(elders, gaps.loc["far_bank"])
    own = stations.loc[gaps.loc["far_bank", "facility_id"]].to_numpy()
    assert (1.3 * np.hypot(*(homes - own).T) < LIMIT_S).all()
    assert (walk.seconds(homes, stations.to_numpy()) > 1.5 * LIMIT_S).all()


def test_stairs_alone_are_too_slow(roads, walk, gaps, elders, stations):
    homes = people(elders, gaps.loc["stairs"])
    assert (walk.seconds(homes, stations.to_numpy()) > LIMIT_S).all()
    assert (Walk(roads, stairs=1.0).seconds(homes, stations.to_numpy()) < LIMIT_S).all()


def test_hill_is_too_steep_and_not_too_far(folder, walk, gaps, elders, stations):
    gap = gaps.loc["hill"]
    homes = people(elders, gap)
    flat = walk.seconds(homes, stations.to_numpy())
    assert ((flat > 11 * 60) & (flat < 14.5 * 60)).all()
    # One even road: the mean grade of the climb tells the time, from DOMAIN 4's table.
    lon, lat = METRIC.transform(*stations.loc[gap["facility_id"]], direction="INVERSE")
    with rasterio.open(folder / "dem.tif") as dem:
        foot, top = (
            float(h[0]) for h in dem.sample([(float(gap["lon"]), float(gap["lat"])), (lon, lat)])
        )
    climb = flat.min() - 30
    grade = (top - foot) / climb
    assert 0.05 < grade < 0.10
    uphill = np.interp(grade, [0.0, 0.05, 0.10], [1.0, 1.33, 1.83])
    assert ((flat - climb + climb * uphill > 17 * 60) & (climb * uphill < 21 * 60)).all()


def test_village_without_a_road_is_beyond_the_limit(walk, gaps, elders):
    homes = people(elders, gaps.loc["no_road"])
    assert all(leg > 500 for leg, _ in walk.snap(homes))


def test_station_that_does_not_operate_is_the_only_one(walk, gaps, elders, facilities, stations):
    gap = gaps.loc["not_operating"]
    homes = people(elders, gap)
    assert (walk.seconds(homes, stations.to_numpy()) > LIMIT_S).all()
    built = facilities.set_index("设施编号").loc[gap["facility_id"]]
    assert built["阶段"] == catalogue("zh").label("stage", "accepted")
    point = np.array([METRIC.transform(built["经度"], built["纬度"])])
    assert (walk.seconds(homes, point) < LIMIT_S).all()


def test_full_station_is_the_only_one_and_too_small(folder, walk, gaps, elders, stations):
    gap = gaps.loc["full"]
    homes = people(elders, gap)
    own = stations.loc[[gap["facility_id"]]].to_numpy()
    others = stations.drop(gap["facility_id"]).to_numpy()
    assert (walk.seconds(homes, own) < LIMIT_S).all()
    assert (walk.seconds(homes, others) > LIMIT_S).all()
    services = pd.read_csv(folder / "facilities" / "services.csv")
    places = services[
        (services["设施编号"] == gap["facility_id"]) & (services["服务"] == "日间照料")
    ]
    assert places["能力"].tolist() == [6]
    assert int(gap["elders"]) > 5 * 6


def test_an_island_of_roads_is_shorter_than_two_kilometres(walk):
    small = min(walk.parts, key=len)
    length = sum(d["s"] for _, _, d in walk.graph.subgraph(small).edges(data=True))
    assert len(walk.parts) == 2
    assert 500 < length < 2000


def test_about_two_thirds_are_covered(walk, elders, stations, facilities):
    known = elders[elders["经度"] != ""]
    homes = np.column_stack(
        METRIC.transform(known["经度"].astype(float), known["纬度"].astype(float))
    )
    covered = walk.seconds(homes, stations.to_numpy()) <= LIMIT_S
    assert 0.55 < covered.mean() < 0.80
    beyond = facilities[facilities["区划代码"].isna()]
    outside = np.column_stack(METRIC.transform(beyond["经度"], beyond["纬度"]))
    near = walk.seconds(homes, outside) <= LIMIT_S
    assert (near & ~covered).sum() > 10  # served only from outside
