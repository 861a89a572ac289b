"""The reader of packs: every problem of a pack at once, whatever is in its files."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import care_map
from care_map.config import read_study
from care_map.errors import InputError
from care_map.messages import LANGUAGES, catalogue
from care_map.packs import conditions
from care_map.packs.pack_problems import unknown_circles
from care_map.packs.reader import pack_files, pack_names, read_pack
from care_map.workflows.check import check

HEAD = """\
[pack]
id = "a"
name = "甲区"
name_en = "District A"
title = "甲区通知"
document = "甲府办〔2020〕1号"
issued = 2020-01-01
version = "1"
plan_from = 2020-01-01
plan_until = 2022-12-31

[condition.social]
field = "operator_kind"
one_of = ["public_private", "private"]

[[circle]]
id = "near"
title = "步行15分钟"
require = [["community_station"]]
profile = "standard"
minutes = 15
"""
CLAUSE = """\
[[clause]]
id = "a_1"
row = 1
cite = "一"
title = "服务站面积"
title_en = "Floor area"
text = ["不低于300平方米"]
kind = "F"
strength = "must"
"""
RULE = """\
[clause.rule]
formula = "share"
rows = "facilities"
of = { field = "roles", has_any = ["community_station"] }
meets = { field = "floor_area_m2", at_least = 300 }
at_least = 1.0
"""
GOOD = HEAD + CLAUSE + RULE


@pytest.fixture
def told(tmp_path):
    """Return a function: problems of a pack that is made of a text and CSV files beside it."""

    def find(text, **beside):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "p.toml").write_bytes(content)
        for kind, rows in beside.items():
            content = rows if isinstance(rows, bytes) else rows.encode()
            (tmp_path / f"p_{kind}.csv").write_bytes(content)
        try:
            read_pack("p.toml", folder=tmp_path)
        except InputError as error:
            for problem in error.problems:
                for language in LANGUAGES:
                    assert problem.line(catalogue(language))
            return error.problems
        return ()

    return find


def rule(body):
    """Return a pack whose only clause has a rule, as inline table."""
    return f"{HEAD}{CLAUSE}rule = {{ {body} }}\n"


# --- what is right


def test_a_pack_is_read_whole(tmp_path):
    (tmp_path / "p.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "p_ledger.csv").write_text(
        "town,role,year,target,total,note\n甲镇,town_centre,2020,1,,暂计入\n"
        "甲镇,town_centre;community_station,2021,2,true,\n",
        encoding="utf-8-sig",
    )
    (tmp_path / "p_units.csv").write_text(
        "name,kind,parent,villages\r\n甲镇,town,,3\r\n\r\n甲村,village,甲镇,\r\n", encoding="utf-8"
    )
    pack = read_pack("p.toml", folder=tmp_path)
    assert pack == read_pack(tmp_path / "p.toml")
    assert [(t.town, t.role, t.year, t.target, t.total, t.note) for t in pack.target] == [
        ("甲镇", "town_centre", 2020, 1, False, "暂计入"),
        ("甲镇", "town_centre;community_station", 2021, 2, True, ""),
    ]
    assert [(u.name, u.kind, u.parent, u.villages) for u in pack.unit] == [
        ("甲镇", "town", "", 3),
        ("甲村", "village", "甲镇", None),
    ]
    assert pack.clause[0].rule.meets.at_least == 300
    assert pack.condition["social"].one_of == ("public_private", "private")
    assert pack_files("p.toml", folder=tmp_path) == (
        Path("p.toml"),
        Path("p_ledger.csv"),
        Path("p_units.csv"),
    )


@pytest.mark.parametrize("change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")])
def test_marks_and_line_ends_do_not_matter(told, change):
    assert told(change(GOOD)) == ()


@pytest.mark.parametrize("name", pack_names())
def test_packs_that_come_along_are_right(name):
    pack = read_pack(name)
    assert pack.pack.id == name
    assert pack_files(name) == ()
    assert all(clause.id.startswith(f"{name}_") for clause in pack.clause)
    assert unknown_circles(pack, ()) == []


def test_the_wheel_carries_every_file_of_the_packs():
    """What hatch packs is the folder itself, but for what git does not keep."""
    folder = Path(care_map.__file__).parent / "packs"
    files = {path.name for path in folder.iterdir() if path.suffix in (".toml", ".csv")}
    assert {f"{name}.toml" for name in pack_names()} <= files
    assert {"kaizhou_ledger.csv", "kaizhou_units.csv"} <= files
    ignored = (folder.parents[2] / ".gitignore").read_text("utf-8").splitlines()
    assert not [line for line in ignored if line.endswith((".csv", ".toml")) and "/" not in line]


# --- what is wrong

CASES = {
    "unknown key": (
        GOOD.replace("row = 1", "row = 1\nrwo = 2"),
        "pack_unknown_key",
        "rwo",
        "rwo = 2",
    ),
    "unknown key of a rule": (
        GOOD.replace("at_least = 1.0", "atleast = 1.0"),
        "pack_unknown_key",
        "rule.atleast",
        "atleast",
    ),
    "unknown table": (GOOD + "[other]\n", "pack_unknown_key", "other", None),
    "missing key": (
        GOOD.replace('cite = "一"\n', ""),
        "pack_missing_key",
        "clause[a_1].cite",
        "[[clause]]",
    ),
    "missing header": (CLAUSE + RULE, "pack_missing_key", "pack", None),
    "bad value": (GOOD.replace('"must"', '"shall"'), "pack_value", "clause[a_1].strength", "shall"),
    "bad date": (GOOD.replace("2020-01-01\nv", '"2020"\nv'), "pack_value", "pack.issued", "issued"),
    "bad id": (GOOD.replace('"a_1"', '"A 1"'), "pack_value", "clause[1].id", "A 1"),
    "share above 1": (GOOD.replace("= 1.0", "= 90"), "pack_value", "rule.at_least", None),
    "no form": (
        GOOD.replace('field = "floor_area_m2",', 'filed = "floor_area_m2",'),
        "pack_condition",
        "rule.meets",
        "filed",
    ),
    "two forms": (
        GOOD.replace('{ field = "floor', '{ named = "social", field = "floor'),
        "pack_condition",
        "rule.meets",
        "named",
    ),
    "no list": (
        rule('formula = "count", rows = "units", of = { all = [] }'),
        "pack_condition_list",
        "rule.of.all",
        None,
    ),
    "key beside all": (
        rule(
            'formula = "count", rows = "units", '
            'of = { all = [{ field = "households", at_least = 1 }], at_least = 2 }'
        ),
        "pack_unknown_key",
        "rule.of.at_least",
        None,
    ),
    "no formula": (GOOD.replace('"share"', '"shares"'), "pack_formula", "rule.formula", "shares"),
    "column": (GOOD.replace("floor_area_m2", "floor_aera"), "pack_unknown_column", "meets", None),
    "column of the unit": (
        GOOD.replace('"floor_area_m2"', '"unit.few_elder"'),
        "pack_unknown_column",
        "meets",
        None,
    ),
    "column of another list": (
        GOOD.replace('"floor_area_m2"', '"age"'),
        "pack_unknown_column",
        "meets",
        None,
    ),
    "role": (GOOD.replace('has_any = ["comm', 'has_any = ["com'), "unknown_code", "of", None),
    "service": (
        rule('formula = "count", rows = "services", of = { field = "service", is = "meal" }'),
        "unknown_code",
        "of.is",
        None,
    ),
    "group": (
        rule('formula = "circle", circle = "near", group = "aged80"'),
        "unknown_code",
        "rule.group",
        None,
    ),
    "named": (
        rule('formula = "count", rows = "facilities", of = { named = "socal" }'),
        "pack_unknown_named",
        "of.named",
        None,
    ),
    "named for another list": (
        rule('formula = "count", rows = "elders", of = { named = "social" }'),
        "pack_unknown_column",
        "condition.social",
        "operator_kind",
    ),
    "clause id twice": (GOOD + CLAUSE + RULE, "pack_id_twice", "clause[a_1].id", "id = "),
    "test without a comparison": (
        GOOD.replace(", at_least = 300", ""),
        "pack_test_empty",
        "meets",
        None,
    ),
    "two kinds of comparison": (
        GOOD.replace("at_least = 300", "at_least = 300, present = true"),
        "pack_test_several",
        "meets",
        None,
    ),
    "two lower bounds": (
        GOOD.replace("at_least = 300", "at_least = 300, more_than = 200"),
        "pack_test_several",
        "meets",
        None,
    ),
    "bounds that exclude each other": (
        GOOD.replace("at_least = 300", "at_least = 300, at_most = 200"),
        "pack_bounds",
        "meets",
        None,
    ),
    "dates reversed in a test": (
        GOOD.replace(
            'field = "floor_area_m2", at_least = 300',
            'field = "accepted_date", from = 2021-01-01, until = 2020-01-01',
        ),
        "pack_dates",
        "meets",
        None,
    ),
    "number compared as a list": (
        GOOD.replace("at_least = 300", 'has_any = ["300"]'),
        "pack_test_kind",
        "meets",
        None,
    ),
    "text compared as a number": (
        GOOD.replace('"floor_area_m2"', '"rating"'),
        "pack_test_kind",
        "meets",
        None,
    ),
    "not finite": (GOOD.replace("= 300", "= nan"), "pack_not_finite", "meets.at_least", None),
    "ratio of no numbers": (
        rule(
            'formula = "ratio", rows = "facilities", numerator = "zones", '
            'denominator = "beds", at_least = 0.3'
        ),
        "pack_not_number",
        "rule.numerator",
        None,
    ),
    "each without a threshold": (
        rule(
            'formula = "ratio", rows = "units", numerator = "care_land_m2", '
            'denominator = "population", each = true'
        ),
        "pack_no_threshold",
        "rule",
        None,
    ),
    "two thresholds": (
        GOOD.replace("at_least = 1.0", "at_least = 1.0\nmore_than = 0.5"),
        "pack_bounds",
        "rule",
        None,
    ),
    "threshold of a yes or no": (
        rule('formula = "stated", answer = "yes_no", at_least = 1'),
        "pack_threshold_unused",
        "rule.at_least",
        None,
    ),
    "sum of clauses that are not there": (
        rule('formula = "stated", answer = "number", sum_of = ["a_9"]'),
        "unknown_code",
        "rule.sum_of",
        None,
    ),
    "sum and distinct": (
        rule('formula = "count", rows = "facilities", sum_of = "beds", distinct = "operator"'),
        "pack_several_keys",
        "rule",
        None,
    ),
    "unit without types": (
        rule('formula = "per_unit", unit_kinds = ["town"]'),
        "pack_per_unit_roles",
        "rule",
        None,
    ),
    "kind that is not asked for": (
        rule(
            'formula = "per_unit", unit_kinds = ["town"], '
            'by_kind = { town = ["town_centre"], street = ["street_centre"] }'
        ),
        "unknown_code",
        "rule.by_kind",
        None,
    ),
    "near nothing": (
        rule('formula = "near", of = { field = "roles", has_any = ["hospital"] }, to = []'),
        "circle_without_types",
        "rule.to",
        None,
    ),
    "ledger without such targets": (
        rule('formula = "ledger", roles = ["town_centre"]'),
        "pack_ledger_none",
        "rule.roles",
        None,
    ),
    "years reversed": (
        rule('formula = "ledger", roles = ["town_centre"], years = [2021, 2020]'),
        "pack_dates",
        "rule.years",
        None,
    ),
    "plan reversed": (
        GOOD.replace("plan_until = 2022", "plan_until = 2019"),
        "pack_dates",
        "pack.plan_from",
        "plan_from",
    ),
    "clause's dates reversed": (
        GOOD.replace('kind = "F"', 'kind = "F"\ndeadline = 2020-01-01\nstarts = 2020-06-01'),
        "pack_dates",
        "clause[a_1].starts",
        None,
    ),
    "profile": (
        GOOD.replace('"standard"', '"standart"'),
        "unknown_code",
        "circle[near]",
        "profile",
    ),
    "circle's type": (
        GOOD.replace('[["community_station"]]', '[["station"]]'),
        "unknown_code",
        "circle[near].require",
        "require",
    ),
    "circle without a rule": (
        GOOD.replace("minutes = 15\n", ""),
        "circle_without_rule",
        "circle[near]",
        "[[circle]]",
    ),
    "circle with two rules": (
        GOOD.replace(
            "minutes = 15\n", 'minutes = 15\nurban = { profile = "elder", minutes = 15 }\n'
        ),
        "pack_circle_several",
        "circle[near]",
        "[[circle]]",
    ),
    "empty text": (
        GOOD.replace('"不低于300平方米"', '" "'),
        "pack_empty",
        "clause[a_1].text",
        "text =",
    ),
    "clause as one table": (
        GOOD.replace("[[clause]]", "[clause]").replace("[clause.rule]", "[clause.rule]"),
        "pack_list",
        "clause",
        None,
    ),
    "hidden sign": (GOOD.replace("服务站面积", "服务站\\u202e面积"), "pack_hidden", None, None),
}


@pytest.mark.parametrize("name", CASES)
def test_each_problem_is_told_with_its_place(told, name):
    text, code, key, line = CASES[name]
    problems = told(text)
    found = [problem for problem in problems if problem.code == code]
    assert found, [(p.code, p.column) for p in problems]
    problem = found[0]
    assert problem.source == "p.toml"
    assert key is None or key in (problem.column or "")
    assert line is None or line in text.splitlines()[problem.row - 1]
    # One mistake, one problem; a clause that cannot be read hides nothing of the others.
    assert len(problems) == 1, [(p.code, p.column, p.value) for p in problems]


def test_a_cycle_of_conditions_is_told_of_each(told):
    cycle = '[condition.x]\nall = [{ named = "y" }]\n[condition.y]\nnamed = "x"\n'
    assert [(p.code, p.column) for p in told(GOOD + cycle)] == [
        ("pack_cycle", "condition.x.all[1]"),
        ("pack_cycle", "condition.y"),
    ]
    itself = '[condition.z]\nany = [{ named = "z" }, { field = "beds", at_least = 1 }]\n'
    used = rule('formula = "count", rows = "facilities", of = { named = "z" }')
    assert {p.code for p in told(used + itself)} == {"pack_cycle"}


def test_all_problems_are_told_at_once(told):
    text = (
        GOOD.replace('"must"', '"shall"')
        .replace("floor_area_m2", "area")
        .replace('["community_station"] }', '["stations"] }')
        .replace("issued = 2020-01-01\n", "")
        .replace('"standard"', '"fast"')
    )
    ledger = "town,role,year,target\n,town_center,2020,1\n,town_centre,2019,x\n"
    codes = sorted(problem.code for problem in told(text, ledger=ledger))
    assert codes == sorted(
        [
            *("pack_value", "pack_unknown_column", "unknown_code", "pack_missing_key"),
            *("unknown_code", "unknown_code", "pack_value"),
        ]
    )


LISTS = {
    "unknown column": ({"ledger": "town,role,year,target,x\n"}, None),
    "header of an unknown column": (
        {"ledger": "town,role,year,target,乡镇\n,town_centre,2020,1,\n"},
        ("pack_unknown_head", 1),
    ),
    "missing cell": ({"ledger": "role,year\ntown_centre,2020\n"}, ("pack_missing_key", 2)),
    "no number": ({"ledger": "role,year,target\ntown_centre,2020,3.5\n"}, ("pack_value", 2)),
    "year outside the plan": (
        {"ledger": "role,year,target\ntown_centre,2019,1\n"},
        ("pack_year", 2),
    ),
    "type": ({"ledger": "role,year,target\n乡镇中心,2020,1\n"}, ("unknown_code", 2)),
    "town": (
        {
            "ledger": "town,role,year,target\n乙镇,town_centre,2020,1\n",
            "units": "name,kind\n甲镇,town\n",
        },
        ("pack_unknown_unit", 2),
    ),
    "row twice": (
        {"ledger": "role,year,target\ntown_centre,2020,1\ntown_centre,2020,1\n"},
        ("pack_row_twice", 3),
    ),
    "parent": ({"units": "name,kind,parent\n甲村,village,乙镇\n"}, ("pack_unknown_unit", 2)),
    "no parent": ({"units": "name,kind\n甲镇,town\n甲村,village\n"}, ("pack_empty", 3)),
    "parent of a town": (
        {"units": "name,kind,parent\n甲镇,town,甲镇\n"},
        ("pack_parent_of_town", 2),
    ),
    "unit twice": (
        {"units": "name,kind,parent,note\n甲镇,town,,\n甲镇,street,,x\n"},
        ("pack_unit_twice", 3),
    ),
    "kind": ({"units": "name,kind\n甲镇,乡\n"}, ("pack_value", 2)),
    "header twice": ({"units": "name,name\n"}, ("pack_head", 1)),
    "row too long": ({"units": "name,kind\n甲镇,town,,多\n"}, ("pack_row_long", 2)),
    "quotes": ({"units": 'name,kind\n"甲镇,town\n'}, ("pack_csv", None)),
    "encoding": ({"units": "name,kind\n甲镇,town\n".encode("gb18030")}, ("pack_encoding", None)),
}


@pytest.mark.parametrize("name", LISTS)
def test_each_problem_of_a_list_is_told_with_its_row(told, name):
    beside, expected = LISTS[name]
    problems = told(GOOD, **beside)
    if expected is None:
        assert problems == ()
        return
    code, row = expected
    assert [problem.code for problem in problems] == [code]
    assert problems[0].source == f"p_{next(iter(beside))}.csv"
    assert row is None or problems[0].row == row


HOSTILE = {
    "empty": (b"", "pack_missing_key"),
    "nul": (GOOD.encode() + b"\0", "pack_toml"),
    "old line ends": (GOOD.replace("\n", "\r").encode(), "pack_toml"),
    "gb18030": (GOOD.encode("gb18030"), "pack_encoding"),
    "utf-16": (GOOD.encode("utf-16"), "pack_encoding"),
    "zip": (b"PK\x03\x04" + bytes(range(256)), "pack_encoding"),
    "arrays": (b"a = " + b"[" * 5000 + b"]" * 5000, "pack_deep"),
    "tables": (b"a = " + b"{ a = " * 900 + b"1" + b"}" * 900, "pack_deep"),
    "dotted": (b"a" + b".a" * 100_000 + b" = 1", "pack_deep"),
    "dotted often": (
        b"".join(b"a%d%s = 1\n" % (n, b".a" * 59) for n in range(2000)),
        "pack_deep",
    ),
    "digits": (b"a = " + b"1" * 10_000, "pack_toml"),
    "large": (b"#" + b"x" * 2_100_000, "pack_large"),
    "clauses": (b"[[clause]]\n" * 1001, "pack_rows"),
    "no table of conditions": (b"condition = 3\n", "pack_condition_table"),
    "wrong shapes": (b"pack = [1]\ncircle = 5\nclause = [1]\nunit = ['a']\n", "pack_list"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_give_messages(told, name):
    content, code = HOSTILE[name]
    assert code in {problem.code for problem in told(content)}


def test_formulas_of_spreadsheets_are_texts(told):
    assert told(GOOD.replace('"服务站面积"', '\'=HYPERLINK("http://x","y")\'')) == ()


@pytest.mark.parametrize(
    "name",
    ["", "..", "../../etc/passwd", "/etc/passwd", "nosuch", "a" * 5000, "wanzhou/", "WANZHOU"],
)
def test_names_of_no_pack_are_told_with_those_there_are(tmp_path, name):
    with pytest.raises(InputError, match=pack_names()[0]) as error:
        read_pack(name, folder=tmp_path)
    assert [problem.code for problem in error.value.problems] == ["pack_unknown"]


@pytest.mark.parametrize("name", ["x.toml", "../x.toml", ".toml", "\0.toml", "a" * 5000 + ".toml"])
def test_paths_of_no_file_are_told(tmp_path, name):
    with pytest.raises(InputError) as error:
        read_pack(name, folder=tmp_path)
    assert [problem.code for problem in error.value.problems] == ["pack_missing"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no links without rights, and no FIFOs")
def test_links_and_devices_are_no_endless_files(tmp_path):
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    for name in ("loop", "zero", "pipe", "folder"):
        with pytest.raises(InputError, match=r"\S"):
            read_pack(f"{name}.toml", folder=tmp_path)
    (tmp_path / "real.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "link.toml").symlink_to("real.toml")
    assert read_pack("link.toml", folder=tmp_path).pack.id == "a"


_PIECES = ["{", "}", "[", "]", '"', "=", "\n", "all", "named", "-1", "nan", "[[clause]]\n", "rule"]


@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 9), st.sampled_from(["", *_PIECES])),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_pack_is_too_broken_to_be_told_of(tmp_path_factory, cuts):
    text = GOOD
    for at, length, piece in cuts:
        text = text[:at] + piece + text[at + length :]
    file = tmp_path_factory.getbasetemp() / "broken.toml"
    file.write_text(text, encoding="utf-8")
    problems = ()
    try:
        read_pack(file)
    except InputError as error:
        problems = error.problems
    assert all(problem.line(catalogue("en")) for problem in problems)


# --- conditions

_NAMES = st.sampled_from(["beds", "unit.few_elders", "roles"])
_NUMBERS = st.integers(-5, 5) | st.floats(-1e6, 1e6)
_LEAVES = st.one_of(
    st.fixed_dictionaries({"field": _NAMES, "at_least": _NUMBERS}, optional={"at_most": _NUMBERS}),
    st.fixed_dictionaries({"field": _NAMES, "is": st.booleans() | st.text(max_size=3)}),
    st.fixed_dictionaries({"field": _NAMES, "from": st.dates()}, optional={"until": st.dates()}),
    st.fixed_dictionaries({"named": _NAMES}),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        *(
            st.fixed_dictionaries({form: st.lists(inner, min_size=1, max_size=3)})
            for form in ("all", "any", "none_of")
        )
    ),
    max_leaves=8,
)
CONDITION = TypeAdapter(conditions.Condition)


@given(_TREES)
@settings(deadline=None)
def test_a_condition_is_written_back_as_it_was(tree):
    read = CONDITION.validate_python(tree)
    written = CONDITION.dump_python(read, by_alias=True, exclude_unset=True)
    assert CONDITION.validate_python(written) == read
    assert _lists(written) == tree


def _lists(part):
    if isinstance(part, dict):
        return {key: _lists(value) for key, value in part.items()}
    return [_lists(one) for one in part] if isinstance(part, tuple | list) else part


# --- packs of a study


def _study(folder, text, *, pack="p.toml", body=""):
    (folder / "p.toml").write_text(text, encoding="utf-8")
    file = folder / "study.toml"
    file.write_text(f'[study]\nname = "a"\npack = "{pack}"\n{body}', encoding="utf-8")
    return file


def test_a_study_has_its_pack_and_its_circles(tmp_path):
    body = """
[[circle]]
id = "near"
title = "步行10分钟"
require = [["village_point"]]
profile = "elder"
minutes = 10
[[circle]]
id = "own"
require = [["hospital"]]
profile = "standard"
minutes = 5
"""
    study = read_study(_study(tmp_path, GOOD, body=body))
    assert study.pack.pack.name == "甲区"
    assert [(c.id, c.rules["urban"].minutes) for c in study.circles] == [("near", 10), ("own", 5)]
    assert [circle.id for circle in read_study(_study(tmp_path, GOOD)).circles] == ["near"]
    without = GOOD[: GOOD.index("[[circle]]")] + CLAUSE + RULE
    study = read_study(_study(tmp_path, without))
    assert [circle.id for circle in study.circles] == ["elder_care_15", "medical"]


def test_a_built_in_pack_by_its_name(tmp_path):
    study = read_study(_study(tmp_path, GOOD, pack=pack_names()[0]))
    assert study.pack == read_pack(pack_names()[0])
    assert study.pack_files == ()


def test_problems_of_the_pack_stand_beside_those_of_the_study(tmp_path):
    file = _study(tmp_path, GOOD.replace("= 300", "= true"), body='[roads]\npath = "none"\n')
    with pytest.raises(InputError) as error:
        read_study(file)
    assert {(p.source, p.code) for p in error.value.problems} == {
        ("study.toml", "file_missing"),
        ("p.toml", "pack_value"),
    }
    with pytest.raises(InputError) as error:
        read_study(_study(tmp_path, GOOD, pack="wanzhu"))
    (problem,) = error.value.problems
    assert (problem.source, problem.column, problem.value) == ("study.toml", "study.pack", "wanzhu")


def test_check_warns_of_a_circle_that_nobody_defines(tmp_path):
    text = rule('formula = "circle", circle = "far"')
    found = [p for p in check(_study(tmp_path, text)) if p.code == "pack_unknown_circle"]
    assert [(p.severity, p.value) for p in found] == [("warning", "far")]
    body = '[[circle]]\nid = "far"\nrequire = [["hospital"]]\nprofile = "elder"\nminutes = 9\n'
    assert not [
        p for p in check(_study(tmp_path, text, body=body)) if p.code == "pack_unknown_circle"
    ]


def test_every_message_of_packs_is_seen():
    """Each finding of this room is in a test above."""
    source = Path(__file__).read_text("utf-8")
    keys = {key.split(".")[1] for key in catalogue("zh").texts if key.startswith("problem.pack_")}
    unseen = {key for key in keys if not re.search(rf"\b{key}\b", source)}
    assert unseen == set()
