"""Real lists written in other datums: declared rightly nothing changes, wrongly `check` says so."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from inputs.test_inputs_real import LISTS, VILLAGES

from care_map.assessment import Assessment, assess
from care_map.config import DemandSource, FacilitySource, Study, UnitSource, read_study
from care_map.datum_review import review_datums
from care_map.diagnostics.datum_check import datum_check
from care_map.diagnostics.datum_evidence import HYPOTHESES
from care_map.inputs.datum import from_wgs84, to_wgs84
from care_map.inputs.load import read_inputs
from care_map.messages import catalogue
from care_map.study_network import read_ground
from care_map.values import Circle, CircleRule
from care_map.workflows.check import check

UNITS = {"unit_id": "V_ID", "name": "VILLAGE", "parent_id": "TOWN_ID", "parent_name": "TOWN"}
DEMAND = {
    "demand_id": "V_ID",
    "elders": "A65UP_CNT",
    "town_name": "TOWN",
    "community_name": "VILLAGE",
}
# The other four lists state one of twelve districts only, which are kilometres wide.
WITH_VILLAGES = [name for name, (columns, _) in LISTS.items() if "community_name" in columns]
COARSE = [name for name in LISTS if name not in WITH_VILLAGES]
FAR = [(written, declared) for written in HYPOTHESES for declared in HYPOTHESES]
WRONG = [(written, declared) for written, declared in FAR if written != declared]


def rewritten(path, target, datum, *, lon="lon", lat="lat", encoding="utf-8-sig"):
    """Write a list again with its coordinates in another datum and every digit."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding)
    table = table.drop(columns="WKT", errors="ignore")
    given = (table[lon] != "") & (table[lat] != "")
    moved = from_wgs84(
        table.loc[given, lon].astype(float), table.loc[given, lat].astype(float), datum=datum
    )
    for column, values in zip((lon, lat), moved, strict=True):
        table.loc[given, column] = [repr(float(value)) for value in values]
    table.to_csv(target, index=False, encoding=encoding)


@pytest.fixture(scope="module")
def taipei(shared_data, tmp_path_factory):
    """Return a folder with Taipei's lists in each datum, by datum."""
    root = tmp_path_factory.mktemp("taipei")
    shutil.copy(shared_data / "taipei" / VILLAGES, root / VILLAGES)
    for datum in HYPOTHESES:
        (root / datum).mkdir()
        for name in LISTS:
            rewritten(shared_data / "taipei" / name, root / datum / name, datum)
    return root


def taipei_study(root, names, *, written, declared):
    rule = CircleRule("straight_line", 15.0)
    types = ("community_station", "town_centre", "care_home")
    circle = Circle("elder_care_15", "", (types,), {"urban": rule, "rural": rule})
    return Study(
        root=root,
        name="臺北市",
        units=(UnitSource(path=VILLAGES, level="community", columns=UNITS),),
        demand=(DemandSource(path=VILLAGES, elder_age=65, columns=DEMAND),),
        facilities=tuple(
            FacilitySource(
                path=Path(written) / name,
                datum=declared,
                columns=LISTS[name][0],
                values={"roles": LISTS[name][1]},
            )
            for name in names
        ),
        circles=(circle,),
        setting="urban",
    )


@pytest.fixture(scope="module")
def demo_in(demo_study, tmp_path_factory):
    """Return the demonstration study with its lists in a datum, by datum."""

    def write(datum):
        folder = tmp_path_factory.mktemp(datum)
        shutil.copytree(demo_study.parent, folder, dirs_exist_ok=True)
        elders = folder / "elders.csv"
        rewritten(elders, elders, datum, lon="经度", lat="纬度")
        book = folder / "facilities" / "facilities.xlsx"
        sheet = folder / "facilities" / "facilities.csv"
        pd.read_excel(book, dtype=str, keep_default_na=False, engine="calamine").to_csv(
            sheet, index=False, encoding="utf-8-sig"
        )
        rewritten(sheet, sheet, datum, lon="经度", lat="纬度")
        text = (folder / "study.toml").read_text(encoding="utf-8")
        text = text.replace("facilities.xlsx", "facilities.csv")
        (folder / "study.toml").write_text(text, encoding="utf-8")
        return folder / "study.toml"

    return {datum: write(datum) for datum in HYPOTHESES}


@pytest.fixture(scope="module")
def demo_network(demo_study, demo_result):
    network, _ = read_ground(read_study(demo_study)).network(demo_result.crs)
    return network


def declared_as(study, *, facilities="wgs84", demand="wgs84"):
    kinds = {"facilities": facilities, "demand": demand}
    changed = {
        kind: tuple(s.model_copy(update={"datum": datum}) for s in getattr(study, kind))
        for kind, datum in kinds.items()
    }
    return study.model_copy(update=changed)


# Declared rightly


def assert_same(one: Assessment, other: Assessment):
    """Points to a millimetre, coverage to the elder, minutes to a millionth."""
    for table in ("facilities", "demand"):
        a, b = getattr(one, table).geometry, getattr(other, table).geometry
        assert (a.isna() == b.isna()).all()
        apart_m = shapely.distance(a[a.notna()].to_numpy(), b[b.notna()].to_numpy())
        assert len(apart_m) > 200
        assert apart_m.max() < 1e-3
    for table, key in (("coverage_by_unit", "unit_id"), ("access", "demand_id")):
        a, b = getattr(one, table), getattr(other, table)
        assert len(a) == len(b) > 0
        assert (a[key] == b[key]).all()
        for column in a.columns:
            if column.startswith("facility_id"):
                # Of two facilities in one house either may be a hair's breadth nearer.
                where = one.facilities.set_index("facility_id").geometry.get_coordinates()
                here, there = (where.reindex(table[column]).to_numpy() for table in (a, b))
                np.testing.assert_allclose(here, there, atol=1e-3, equal_nan=True)
            elif pd.api.types.is_float_dtype(a[column]):
                np.testing.assert_allclose(a[column], b[column], atol=1e-5, equal_nan=True)
            else:
                assert a[column].equals(b[column]), (table, column)


def conversions(result):
    return [p for p in result.problems if p.code == "datum_converted"]


@pytest.mark.real_data
def test_taipei_written_in_any_datum_gives_the_same_coverage(taipei):
    results = {
        datum: assess(taipei_study(taipei, LISTS, written=datum, declared=datum))
        for datum in HYPOTHESES
    }
    for datum in ("gcj02", "bd09"):
        assert_same(results["wgs84"], results[datum])
        # Nothing is converted without a word: a counted finding for each list.
        found = conversions(results[datum])
        assert [p.count for p in found] == [505, 291, 94, 50, 63, 41]
    assert conversions(results["wgs84"]) == []


def test_the_district_written_in_other_datums_gives_the_same_coverage(
    demo_in, demo_result, tmp_path
):
    # Each list in a datum of its own: one assessment answers for both.
    study = declared_as(read_study(demo_in["gcj02"]), facilities="gcj02", demand="bd09")
    shutil.copy(demo_in["bd09"].with_name("elders.csv"), tmp_path)
    (elders,) = study.demand
    elders = elders.model_copy(update={"path": tmp_path / "elders.csv"})
    result = assess(study.model_copy(update={"demand": (elders,)}))
    assert_same(demo_result, result)
    files = demo_in["gcj02"].with_name("facilities") / "facilities.csv", elders.path
    located = [int(pd.read_csv(file)["经度"].notna().sum()) for file in files]
    assert [p.count for p in conversions(result)] == located
    assert not any(p.code == "datum_contradicts" for p in result.problems)


# Declared wrongly


def told(problem):
    return dataclasses.asdict(problem)["values"]


def found_by_check(study, file):
    return {p.code: p for p in check(study) if p.source == file and p.code.startswith("datum_")}


@pytest.mark.real_data
@pytest.mark.parametrize("name", WITH_VILLAGES)
@pytest.mark.parametrize(("written", "declared"), FAR)
def test_check_names_the_right_datum_of_a_list_of_taipei(taipei, name, written, declared):
    study = taipei_study(taipei, [name], written=written, declared=declared)
    found = found_by_check(study, f"{written}/{name}")
    if written == declared:
        assert "datum_contradicts" not in found
        assert "datum_agrees" in found
        return
    problem = found["datum_contradicts"]
    assert problem.severity == "warning"
    assert told(problem)["code"] == written
    assert told(problem)["or_else"] == ""
    assert f'datum = "{written}"' in problem.advice(catalogue("en"))
    assert 400 < told(problem)["shift"] < 1200
    # Without roads there is no full search, and no guess instead.
    assert "datum_flips_unknown" in found
    assert "datum_flips" not in found


@pytest.mark.real_data
def test_lists_with_coarse_labels_are_never_named_wrongly(taipei):
    """They may leave it open, alone or beside another reading, but never name a third."""
    named = 0
    for written in HYPOTHESES:
        inputs = read_inputs(taipei_study(taipei, COARSE, written=written, declared=written))
        for sample in inputs.samples[:-1]:
            for declared in HYPOTHESES:
                raw = from_wgs84(sample.lon, sample.lat, datum=written)
                lon, lat = to_wgs84(*raw, datum=declared)
                one = dataclasses.replace(sample, lon=lon, lat=lat, datum=declared)
                (verdict,) = datum_check([one], units=inputs.units)
                if written == declared:
                    assert verdict.outcome in ("agrees", "cannot_tell")
                elif verdict.outcome == "contradicts":
                    assert written in (verdict.better, *verdict.also_possible)
                    named += verdict.better == written
    assert named >= 14


@pytest.mark.parametrize("written", HYPOTHESES)
def test_the_right_datum_of_each_list_of_the_district_is_named(demo_in, demo_network, written):
    """Both lists under every declaration, alike and unlike, with units and roads as they are."""
    for number, declared in enumerate(HYPOTHESES):
        other = HYPOTHESES[(number + 1) % len(HYPOTHESES)]
        study = declared_as(read_study(demo_in[written]), facilities=declared, demand=other)
        lists = review_datums(study, read_inputs(study), demo_network)
        verdicts = {verdict.kind: verdict for verdict in lists}
        assert verdicts["units"].outcome == "agrees"
        for kind, datum in (("facilities", declared), ("demand", other)):
            verdict = verdicts[kind]
            assert (verdict.points, verdict.declared) == (min(1000, verdict.places), datum)
            expected = ("agrees", None) if written == datum else ("contradicts", written)
            assert (verdict.outcome, verdict.better) == expected
            assert verdict.also_possible == ()


def test_check_counts_whose_coverage_would_flip(demo_in, demo_result):
    """Against two assessments, each made from its own study, row by row."""
    study = declared_as(read_study(demo_in["gcj02"]), facilities="gcj02", demand="wgs84")
    found = found_by_check(study, "elders.csv")
    assert told(found["datum_contradicts"])["code"] == "gcj02"
    wrong = assess(study)
    official = {circle.id: circle.variants[0].profile for circle in study.circles}
    statuses = []
    for result in (wrong, demo_result):
        rows = result.access[result.access["profile"] == result.access["circle"].map(official)]
        statuses.append(rows.set_index(["demand_id", "circle"])["status"])
    elders = demo_result.demand.set_index("demand_id")["elders"]
    changed, by_circle = set(), {}
    for key in set(statuses[0].index) | set(statuses[1].index):
        before, after = (status.get(key, "outside") for status in statuses)
        if before != after:
            changed.add(key[0])
            by_circle[key[1]] = by_circle.get(key[1], 0) + int(elders[key[0]])
    flips = found["datum_flips"]
    assert flips.count == sum(int(elders[row]) for row in changed) > 1000
    for circle in study.circles:
        title = circle.title or catalogue("zh").label("circle", circle.id)
        assert f"{title} {by_circle[circle.id]} (" in told(flips)["circles"]
    # A check says when it searched, and how long that took.
    assert told(found["datum_searched"])["seconds"] > 0
    # A run finds the same, and warns.
    same = [p for p in wrong.problems if p.code in ("datum_contradicts", "datum_flips")]
    assert same == [found["datum_contradicts"], flips]
    assert {p.severity for p in same} == {"warning"}


def test_a_datum_that_agrees_costs_no_search(demo_study):
    codes = [p.code for p in check(demo_study)]
    assert codes.count("datum_agrees") == 4
    assert not {"datum_contradicts", "datum_flips", "datum_searched"} & set(codes)
