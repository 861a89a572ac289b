"""开州's ledger and units against annexes 4 and 5, read from the notice by this test itself."""

import datetime as dt
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from conftest import missing

from care_map.packs.reader import read_pack

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
TYPES = ("street_centre", "town_centre", "community_station", "village_point")
YEARS = (
    *(("street_centre", year) for year in (2019, 2020, None)),
    *(("town_centre", year) for year in (2019, 2020, 2021, 2022, None)),
    *(("community_station", year) for year in (2019, 2020, None)),
    *(("village_point", year) for year in (2019, 2020, 2021, 2022, None)),
)
"""Columns of annex 4 after the town; None is 小计."""

MODES = (
    ("street_centre", "依托敬老院改扩建"),
    ("street_centre", "依托闲置资产改扩建"),
    ("street_centre", "社会资本改扩建"),
    ("street_centre", "征地新建"),
    ("street_centre", None),
    ("town_centre", "依托敬老院改扩建"),
    ("town_centre", "依托闲置资产改扩建"),
    ("town_centre", "依托医院改扩建"),
    ("town_centre", "依托文化服务中心改扩建"),
    ("town_centre", "征地新建"),
    ("town_centre", None),
    ("community_station", "依托敬老院改扩建"),
    ("community_station", "依托闲置资产改扩建"),
    ("community_station", "社会资本建设"),
    ("community_station", "依托便民服务中心改扩建"),
    ("community_station", "征地新建"),
    ("community_station", None),
    ("village_point", "依托便民服务中心"),
)
"""Columns of annex 5 after number and town."""


def annexes():
    files = sorted(SEEDS.glob("004_*.txt"))
    if not files:
        missing("the notice of kaizhou in ../shared/seeds")
    text = files[0].read_text(encoding="utf-8")
    after = text.split("\n附件4\n")[1]
    return after.split("\n附件5\n")


def table_rows(annex):
    """Return the cells of each row: a tab begins a cell, an empty line ends a row."""
    for block in annex.split("\n\n"):
        yield ["".join(cell.split()) for cell in block.split("\t")[1:]]


def figure(cell):
    found = re.match(r"\d+", cell)
    return int(found[0]) if found else 0


@cache
def annex_4():
    """Return {town: {(type, year): number}}, the row of totals as 合计."""
    rows = [cells for cells in table_rows(annexes()[0]) if len(cells) == 1 + len(YEARS)]
    return {
        cells[0]: dict(zip(YEARS, map(figure, cells[1:]), strict=True))
        for cells in rows
        if cells[0]
    }


@cache
def annex_5():
    """Return {town: {(type, mode): number}}."""
    rows = [cells for cells in table_rows(annexes()[1]) if len(cells) == 2 + len(MODES)]
    return {cells[1]: dict(zip(MODES, map(figure, cells[2:]), strict=True)) for cells in rows}


@cache
def pack():
    return read_pack("kaizhou")


def totals(table):
    return table["合计"]


@pytest.mark.parametrize("annex", [annex_4, annex_5])
def test_each_annex_has_forty_rows_that_add_up_to_its_totals(annex):
    table = annex()
    towns = [town for town in table if town != "合计"]
    assert len(towns) == 40
    for key, total in totals(table).items():
        assert sum(table[town][key] for town in towns) == total, key


@pytest.mark.parametrize("annex", [annex_4, annex_5])
def test_subtotals_of_each_row_are_the_sums_of_its_cells(annex):
    for town, row in annex().items():
        for role in TYPES[:-1]:
            cells = [number for (one, key), number in row.items() if one == role and key]
            assert sum(cells) == row[role, None], (town, role)


def test_both_annexes_agree_in_every_town_and_type():
    assert list(annex_4()) == list(annex_5())
    for town, row in annex_4().items():
        other = annex_5()[town]
        for role in TYPES[:-1]:
            assert row[role, None] == other[role, None], (town, role)
        assert row["village_point", None] == other["village_point", "依托便民服务中心"], town


def test_totals_and_what_is_due_first():
    row = totals(annex_4())
    assert [row[role, None] for role in TYPES] == [7, 33, 89, 424]
    assert [row[role, 2019] for role in TYPES] == [4, 12, 39, 311]
    assert row["community_station", None] == 109 + 6 - 25 - 1
    assert row["village_point", None] == 426 - 2


def test_the_ledger_is_annex_4_cell_by_cell():
    ledger = {(t.town, t.role, t.year): t.target for t in pack().target}
    assert len(ledger) == len(pack().target)
    cells = {
        (town, role, year): number
        for town, row in annex_4().items()
        for (role, year), number in row.items()
        if year and number and town != "合计"
    }
    assert ledger == cells


def test_clauses_of_annex_4_are_its_columns():
    row = totals(annex_4())
    columns = [key for key, number in row.items() if key[1] and number]
    clauses = [clause for clause in pack().clause if clause.row == 23]
    asked = [(clause.rule.roles[0], clause.rule.years[0]) for clause in clauses]
    assert asked == columns
    for clause, column in zip(clauses, columns, strict=True):
        assert clause.rule.years == (column[1], column[1])
        assert clause.deadline == dt.date(column[1], 12, 31)
        assert clause.title.endswith(f"{column[1]}年{row[column]}个")


def modes_of(text):
    """Return how many are built in which way, by what the ledger says of a town and type."""
    parts = [re.fullmatch(r"(.+?)(?:(\d+)个)?", part) for part in text.split("；")]
    return {part[1]: part[2] and int(part[2]) for part in parts}


def test_the_ledger_says_how_each_is_built_as_annex_5_does():
    built = {(t.town, t.role): t.build_mode for t in pack().target}
    for (town, role), text in built.items():
        row = annex_5()[town]
        wanted = {mode: n for (one, mode), n in row.items() if one == role and mode and n}
        said = modes_of(text)
        if len(wanted) == 1:
            assert said == dict.fromkeys(wanted), (town, role)
        else:
            assert said == wanted, (town, role)
    same = {(t.town, t.role, t.build_mode) for t in pack().target}
    assert len(same) == len(built)


@pytest.mark.parametrize("role", TYPES)
def test_clauses_of_annex_5_ask_for_its_totals(role):
    rules = [clause.rule for clause in pack().clause if clause.row == 24]
    names = {"community_station": "station"}
    asked = {
        rule.of.all[1].is_: rule.at_least
        for rule in rules
        if rule.of.all[0].named == names.get(role, role)
    }
    row = totals(annex_5())
    assert asked == {mode: n for (one, mode), n in row.items() if one == role and mode and n}


def test_notes_stand_at_their_rows():
    notes = {(t.town, t.role): t.note for t in pack().target}
    assert "6个站" in notes["大进镇", "community_station"]
    assert "4个" in notes["大进镇", "community_station"]
    assert "福泉社区" in notes["大德镇", "community_station"]
    for role in TYPES[1:]:
        assert "暂计入2019年" in notes["五通乡", role]
    assert "暂计入2020年" in notes["镇安镇", "community_station"]
    assert "五保家园" in notes["关面乡", "town_centre"]


def test_units_are_the_forty_towns_with_their_villages():
    units = {unit.name: unit for unit in pack().unit}
    assert list(units) == [town for town in annex_4() if town != "合计"]
    assert Counter(unit.kind for unit in units.values()) == {"street": 7, "town": 33}
    assert all(name.endswith("街道") == (unit.kind == "street") for name, unit in units.items())
    # Two villages of 大进镇 have a station instead of a point; no other village goes without.
    points = {town: row["village_point", None] for town, row in annex_4().items()}
    more = {name: unit.villages - points[name] for name, unit in units.items()}
    assert {name: n for name, n in more.items() if n} == {"大进镇": 2}
    assert sum(unit.villages for unit in units.values()) == 426
    # How many communities a town has the notice does not say.
    assert all(unit.communities is None for unit in units.values())


def test_no_name_or_telephone_of_a_person_is_in_the_pack():
    folder = Path(__file__).parents[2] / "src" / "care_map" / "packs"
    listed = (SEEDS / "004_0ba8fc999a353ef6.txt").read_text(encoding="utf-8")
    annex_1 = listed.split("\n 附件1\n")[1].split("\n附件2\n")[0]
    people = re.findall(r"([\u4e00-\u9fff])[\s　]*([\u4e00-\u9fff]{1,2})[ 　]{2,}\S*区", annex_1)
    names = {"".join(parts) for parts in people}
    assert len(names) > 30
    for name in ("kaizhou.toml", "kaizhou_ledger.csv", "kaizhou_units.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not [person for person in names if person in text]
        assert not re.search(r"1[3-9]\d{9}|\d{3,4}-\d{7,8}", text)
