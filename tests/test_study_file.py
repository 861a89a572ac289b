"""The study file is validated as a whole: what is wrong in one part hides nothing of another."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.config import read_study
from care_map.errors import InputError
from care_map.messages import LANGUAGES, catalogue
from care_map.study_file import StudyFile
from care_map.study_problems import find_problems

ONE_OF_EACH = """
[study]
name = 5
langauge = "zh"
pack = "nowhere"
[roads]
path = "roads.pbf"
tolerance_m = 99.0
columns = { hihgway = "x" }
[[units]]
path = 3
[[units]]
path = "units.csv"
[[facilities]]
path = "facilities.csv"
columns = { bedz = "beds" }
[[demand]]
datum = "wgs84"
[elevation]
path = "dem.tif"
[[circle]]
id = "first"
require = "hospital"
[[circle]]
id = "second"
require = [["hospitol"], []]
profile = "crawl"
minutes = "15"
[[circle]]
id = "third"
require = [["hospital"]]
profile = "slow"
minutes = 15
[[circle]]
id = "third"
require = [["hospital"]]
[[profile]]
name = "slow"
base = "elder"
walk_speed_mps = 9.0
[[profile]]
name = "elder"
base = "older"
[limits]
gap_radius_m = 0.0
[output]
editions = []
[mystery]
key = 1
"""
TOLD = {
    ("study_value", "study.name"),
    ("study_unknown_key", "study.langauge"),
    ("pack_unknown", "study.pack"),
    ("study_value", "roads.tolerance_m"),
    ("unknown_code", "roads.columns"),
    ("file_missing", "roads.path"),
    ("study_value", "units[1].path"),
    ("file_missing", "units[2].path"),
    ("file_missing", "facilities[1].path"),
    ("unknown_code", "facilities[1].columns"),
    ("study_missing_key", "demand[1].path"),
    ("file_missing", "elevation.path"),
    ("study_value", "circle[1].require"),
    ("study_value", "circle[2].minutes"),
    ("unknown_code", "circle[2].require"),
    ("circle_without_types", "circle[2].require"),
    ("unknown_code", "circle[2].profile"),
    ("circle_twice", "circle[4].id"),
    ("circle_without_rule", "circle[4]"),
    ("study_value", "profile[1].walk_speed_mps"),
    ("profile_twice", "profile[2].name"),
    ("unknown_code", "profile[2].base"),
    ("study_value", "limits.gap_radius_m"),
    ("study_value", "output.editions"),
    ("study_unknown_key", "mystery"),
}


def problems_of(folder, text):
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_study(file)
    return raised.value.problems


def test_one_problem_of_each_kind_and_all_are_told_once(tmp_path):
    problems = problems_of(tmp_path, ONE_OF_EACH)
    told = [(problem.code, problem.column) for problem in problems]
    assert set(told) == TOLD
    assert len(told) == len(TOLD)
    # A circle's profile that is there, if with a wrong speed, is no unknown one.
    assert all(problem.value != "slow" for problem in problems)


CIRCLE = """
[[circle]]
id = "meals"
require = [["meal_point"]]
profile = "standard"
minutes = 15
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            'delivery = { types = [], profile = "cycle", minutes = 15 }',
            {("delivery_without_types", "circle[1].delivery.types")},
        ),
        (
            'delivery = { types = ["hospitol"], profile = "crawl", minutes = 15 }',
            {
                ("unknown_code", "circle[1].delivery.types"),
                ("unknown_code", "circle[1].delivery.profile"),
            },
        ),
        (
            'delivery = { types = ["meal_point"], profile = "cycle" }',
            {("study_missing_key", "circle[1].delivery.minutes")},
        ),
        (
            'delivery = { types = "meal_point", profile = "cycle", minutes = 0, by = "car" }',
            {
                ("study_value", "circle[1].delivery.types"),
                ("study_value", "circle[1].delivery.minutes"),
                ("study_unknown_key", "circle[1].delivery.by"),
            },
        ),
        ('direction = "sideways"', {("study_value", "circle[1].direction")}),
        ('direction = "both"', {("study_value", "circle[1].direction")}),
    ],
)
def test_delivery_and_direction_of_a_circle_are_looked_at(tmp_path, line, told):
    problems = problems_of(tmp_path, f'study.name = "a"\n{CIRCLE}{line}\n')
    assert {(problem.code, problem.column) for problem in problems} == told
    for language in LANGUAGES:
        texts = catalogue(language)
        assert all(problem.message(texts) and problem.advice(texts) for problem in problems)


def test_what_is_unknown_of_a_delivery_is_told_with_what_there_is(tmp_path):
    line = 'direction = "both"\ndelivery = { types = ["x"], profile = "mine", minutes = 9 }'
    own = '[[profile]]\nname = "mine"\nbase = "cycle"\n'
    sides, types = problems_of(tmp_path, f'study.name = "a"\n{CIRCLE}{line}\n{own}')
    assert "'to', 'from'" in sides.message(catalogue("en")) + sides.advice(catalogue("en"))
    assert "meal_provider" in types.advice(catalogue("zh"))


def test_parts_keep_their_numbers(tmp_path):
    text = 'study.name = "a"\n' + "[[facilities]]\ndatum = 1\n" * 2 + '[[facilities]]\npath = "x"\n'
    columns = [problem.column for problem in problems_of(tmp_path, text)]
    assert columns == [
        "facilities[1].path",
        "facilities[1].datum",
        "facilities[2].path",
        "facilities[2].datum",
        "facilities[3].path",
    ]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("study = []", "study"),
        ("[[study]]", "study"),
        ("", "study"),
        ('study.name = "a"\nunits = 3', "units"),
        ('study.name = "a"\nunits = [3]', "units[1]"),
        ('study.name = "a"\ncircle = { id = "x" }', "circle"),
        ('study.name = "a"\n[[roads]]\npath = "x"', "roads"),
        ('study.name = "a"\n[roads]\nlayer = 1', "roads.path"),
    ],
)
def test_parts_of_another_shape_are_told(tmp_path, text, column):
    assert column in [problem.column for problem in problems_of(tmp_path, text)]


_KEYS = st.sampled_from(
    [
        *("path", "layer", "datum", "columns", "values", "name", "id", "require", "profile"),
        *(
            "minutes",
            "urban",
            "delivery",
            "types",
            "setting",
            "base",
            "car_speed_kph",
            "dir",
            "editions",
            "x",
        ),
    ]
)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 300), st.text(max_size=5))
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)
)


@given(st.dictionaries(st.sampled_from([*StudyFile.model_fields, "x"]), _VALUES))
@settings(max_examples=300, deadline=None)
def test_no_file_is_too_wrong_to_be_told_of(tables):
    parsed, problems = find_problems(tables, folder=Path("nowhere"), source="study.toml")
    assert isinstance(parsed, StudyFile)
    # Whatever pydantic refuses is told.
    assert problems or StudyFile.model_validate(tables) == parsed
