"""Two runs side by side: by hand, sums, nothing against itself, periods, folders, what differs."""

import json

import openpyxl
import pandas as pd
import pytest
from small_study import CARE, COUNTRY, EAST, ELDERS, TOWN, WEST, degrees, write_study

import care_map as cm
from care_map.comparison.lots import match_units
from care_map.errors import InputError, OutputError
from care_map.schema import COMPARISON_TABLES

HOSTILE = "新<img src=x onerror=alert(1)>`${alert(2)}`</script>{{7*7}}"
COUNTS = ("elders", "covered", "uncovered", "undetermined")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compared")


@pytest.fixture(scope="module")
def before(folder):
    return cm.assess(cm.read_study(write_study(folder)))


@pytest.fixture(scope="module")
def after(before):
    """One station opens for five elders of 乙镇, another closes on three of 甲街道."""
    added = cm.AddFacility("N1", HOSTILE, ("community_station",), *degrees(5000, 0), cost_yuan=1e5)
    scenario = cm.Scenario("一开一关", (added, cm.CloseFacility("F1")))
    return cm.assess(cm.with_scenario(before.study, scenario))


@pytest.fixture(scope="module")
def found(before, after):
    return cm.compare(before, after)


def rows(table, **where):
    """Return the rows of a table that have some values."""
    for name, value in where.items():
        table = table[table[name] == value]
    return table


def test_winners_and_losers_by_town(found):
    standard = rows(found.winners, profile_after="standard", group="all").set_index("units_after")
    figures = standard[["newly_covered", "newly_uncovered", "net"]]
    assert figures.loc["all"].tolist() == [5, 3, 2]
    assert figures.loc[COUNTRY].tolist() == [5, 0, 5]
    assert figures.loc[TOWN].tolist() == [0, 3, -3]
    assert (found.winners["basis"] == "elders").all()
    aged = rows(found.winners, profile_after="standard", group="aged_80", units_after=TOWN)
    assert aged["newly_uncovered"].tolist() == [1]


def test_what_an_elder_more_costs(found):
    first = found.summary["circles"][0]
    assert (first["newly_covered"], first["cost_per_newly_covered_yuan"]) == (5, 20_000.0)
    assert found.summary["cost_yuan"] == 1e5
    assert found.summary["basis"] == "elders"


def test_differences_are_those_of_the_tables_and_sum_up(found, before, after):
    table = found.coverage
    for name in COUNTS:
        assert (table[f"{name}_after"] - table[f"{name}_before"] == table[f"{name}_more"]).all()
    keys = ["circle", "profile_after", "group"]
    whole = rows(table, level="all", setting="all").set_index(keys)
    for level in ("town", "community"):
        parts = rows(table, level=level, setting="all").groupby(keys)
        for name in COUNTS:
            for side in ("before", "after", "more"):
                column = f"{name}_{side}"
                assert (parts[column].sum().reindex(whole.index) == whole[column]).all()
    for side, result in (("before", before), ("after", after)):
        own = rows(result.coverage_by_unit, level="all", setting="all")
        own = own.set_index(["circle", "profile", "group"])
        assert (own["covered"] == whole[f"covered_{side}"].reindex(own.index)).all()
    won = rows(found.winners, level="all").set_index(keys)
    assert (won["net"] == whole["covered_more"].reindex(won.index)).all()
    towns = rows(found.winners, level="town").groupby(keys)["net"].sum()
    assert (towns == won["net"].reindex(towns.index)).all()


def test_a_run_against_itself_is_all_nothing(before):
    same = cm.compare(before, before)
    more = [name for name in same.coverage if name.endswith("_more")]
    assert not same.coverage[more].fillna(0).to_numpy(dtype=float).any()
    assert same.winners[["newly_covered", "newly_uncovered", "came", "left"]].sum().sum() == 0
    assert len(same.facilities) == 0
    assert set(same.gaps["change"]) == {"same"}
    assert same.problems == ()


def test_gaps_and_facilities(found):
    gaps = found.gaps.set_index("name")
    closed = gaps[gaps["change"] == "closed"]
    assert closed["elders_before"].tolist() == [5]
    changes = dict(zip(found.facilities["facility_id"], found.facilities["change"], strict=True))
    assert changes == {"N1": "new", "F1": "closed"}


def test_moved_and_changed_facilities(before):
    scenario = cm.Scenario(
        "x",
        (
            cm.MoveFacility("F1", *degrees(700, 0)),
            cm.EnlargeFacility("F2", {"beds": 9, "stage": "operating"}),
        ),
    )
    table = cm.compare(before, cm.assess(cm.with_scenario(before.study, scenario))).facilities
    table = table.set_index("facility_id")
    assert table["change"].to_dict() == {"F1": "moved", "F2": "changed"}
    assert table.loc["F1", "metres"] == pytest.approx(200, rel=5e-3)
    assert table.loc["F2", ["stage_before", "stage_after"]].tolist() == ["finished", "operating"]


def test_folders_give_the_same(folder, before, after, found):
    runs = [cm.write_outputs(one, folder / name) for one, name in ((before, "a"), (after, "b"))]
    again = cm.compare(*runs)
    for table in COMPARISON_TABLES:
        one, two = (getattr(each.found, table.name) for each in (found, again))
        pd.testing.assert_frame_equal(one, two, check_dtype=False)
    assert again.summary == found.summary
    assert again.problems == found.problems


def test_the_files(folder, found):
    target = found.save(folder / "files")
    assert json.loads((target / "summary.json").read_text("utf-8")) == json.loads(
        json.dumps(found.summary)
    )
    book = openpyxl.load_workbook(target / "compare.xlsx")
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert HOSTILE in cells
    assert not [cell for cell in cells if isinstance(cell, str) and cell.startswith("=")]
    for table in COMPARISON_TABLES:
        frame = pd.read_parquet(target / "tables" / f"{table.name}.parquet")
        assert list(frame) == table.names
        assert len(frame) == len(getattr(found.found, table.name))
    page = (target / "map.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert 'src="http' not in page
    # The same again, byte for byte.
    first = {file.name: file.read_bytes() for file in target.rglob("*") if file.is_file()}
    found.save(target)
    assert first == {file.name: file.read_bytes() for file in target.rglob("*") if file.is_file()}
    (folder / "run").mkdir()
    (folder / "run" / "manifest.json").write_text('{"program": "care-map"}')
    with pytest.raises(OutputError):
        found.save(folder / "run")


def test_english_outputs_hold_no_chinese_but_data(folder, found):
    target = found.save(folder / "english", language="en")
    book = openpyxl.load_workbook(target / "compare.xlsx")
    titles = [sheet.title for sheet in book]
    assert not [c for title in titles for c in title if "\u4e00" <= c <= "\u9fff"]
    issues = (target / "issues.csv").read_text(encoding="utf-8-sig")
    assert not [c for c in issues.replace("一开一关", "") if "\u4e00" <= c <= "\u9fff"]


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({"circles": (CARE.replace("minutes = 15", "minutes = 20"),)}, {"compare_circle"}),
        (
            {"circles": (CARE.replace('"care"', '"tea"'),)},
            {"compare_circle_new", "compare_circle_gone"},
        ),
        ({"header": 'data = "proxy"'}, {"compare_data"}),
        ({"header": "as_of = 2024-01-01"}, {"compare_day"}),
        ({"more": "[limits]\naccess_urban_m = 300"}, {"compare_limits"}),
        ({"elders": [(f"z{i}", n, x, y, g) for i, n, x, y, g in ELDERS]}, {"compare_not_followed"}),
    ],
)
def test_what_differs_is_said(tmp_path, before, more, codes):
    other = cm.assess(cm.read_study(write_study(tmp_path, **more)))
    found = cm.compare(before, other)
    assert codes <= {problem.code for problem in found.problems}
    for problem in found.problems:
        for language in ("zh", "en"):
            assert problem.line(cm.messages.catalogue(language))


def test_without_ids_the_differences_of_counts_are_told(tmp_path, before):
    elders = [(f"z{i}", n, x, y, g) for i, n, x, y, g in ELDERS]
    file = write_study(tmp_path, elders=elders)
    study = cm.with_scenario(
        cm.read_study(file),
        cm.Scenario("x", (cm.AddFacility("N1", "站", ("community_station",), *degrees(5000, 0)),)),
    )
    found = cm.compare(before, cm.assess(study))
    table = rows(found.winners, profile_after="standard", group="all").set_index("units_after")
    assert set(table["basis"]) == {"net"}
    assert table.loc[COUNTRY, ["newly_covered", "newly_uncovered"]].tolist() == [5, 0]
    assert table.loc["all", "net"] == 5
    assert found.summary["basis"] == "net"
    # A page without squares says so.
    assert "compare" in found.map().get_root().render()


def test_another_speed_is_said(before):
    scenario = cm.Scenario("x", (cm.ChangeProfile("standard", walk_speed_mps=1.1),))
    found = cm.compare(before, cm.assess(cm.with_scenario(before.study, scenario)))
    told = {(problem.code, problem.value) for problem in found.problems}
    assert ("compare_profile", "standard") in told


def test_another_profile_stands_beside_the_official_one(before):
    scenario = cm.Scenario("x", (cm.ChangeCircle("care", profile="aged_80"),))
    found = cm.compare(before, cm.assess(cm.with_scenario(before.study, scenario)))
    pairs = found.found.pairs["care"]
    assert ("standard", "aged_80") in pairs
    assert ("elder", None) in pairs


def units(**names):
    frame = pd.DataFrame({"unit_id": list(names), "name": list(names.values())})
    return frame.assign(level="town", parent_id="")


def test_units_that_were_merged_and_renamed():
    old, new = units(a="甲镇", b="乙镇", c="丙镇"), units(d="甲乙镇", e="丙镇")
    links = pd.DataFrame(
        {
            "from_unit": ["a", "b"],
            "to_unit": ["d", "d"],
            "from_name": ["甲镇", "乙镇"],
            "to_name": ["甲乙镇", "甲乙镇"],
            "share": [1.0, 1.0],
            "since": ["", ""],
        }
    )
    lots = match_units(old, new, links=links)
    assert (("a", "b"), ("d",)) in lots.units
    assert (("c",), ("e",)) in lots.units
    alone = match_units(old, new)
    assert (("a",), ()) in alone.units
    assert ((), ("d",)) in alone.units


def test_periods_with_other_units(tmp_path, before):
    """The two communities of 甲街道 become one: their counts are compared together."""
    file = write_study(tmp_path)
    table = file.with_name("units.csv")
    lines = table.read_text(encoding="utf-8").splitlines()
    merged = "500101001009"
    kept = [line for line in lines if not line.startswith((WEST, EAST))]
    ring = [degrees(x, y) for x, y in ((0, -1000), (3000, -1000), (3000, 1000), (0, 1000))]
    wkt = ",".join(f"{lon!r} {lat!r}" for lon, lat in [*ring, ring[0]])
    kept.append(f'{merged},中社区,community,{TOWN},"POLYGON(({wkt}))"')
    table.write_text("\n".join([*kept, ""]), encoding="utf-8")
    crosswalk = tmp_path / "crosswalk.csv"
    crosswalk.write_text(
        f"原区划代码,原名称,现区划代码,现名称\n{WEST},西社区,{merged},中社区\n"
        f"{EAST},东社区,{merged},中社区\n",
        encoding="utf-8",
    )
    found = cm.compare(before, cm.assess(cm.read_study(file)), crosswalk=crosswalk)
    row = rows(found.coverage, units_after=merged, group="all", setting="all").iloc[0]
    assert set(row["units_before"].split(";")) == {WEST, EAST}
    assert (row["elders_before"], row["elders_more"], row["covered_more"]) == (10, 0, 0)
    assert "compare_units_joined" in {problem.code for problem in found.problems}
    assert set(found.winners["basis"]) == {"elders"}
    assert not found.winners["net"].any()


@pytest.mark.parametrize("name", ["missing", "empty", "foreign", "broken"])
def test_what_is_no_run(tmp_path, before, name):
    folder = tmp_path / name
    if name != "missing":
        folder.mkdir()
    if name == "foreign":
        (folder / "manifest.json").write_text('{"program": "other"}')
    if name == "broken":
        (folder / "manifest.json").write_text('{"program": "care-map"}')
    with pytest.raises(InputError):
        cm.compare(before, folder)
