import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.inputs.cells import read_cells
from care_map.inputs.codes import CODED, codebook, normal_word
from care_map.inputs.findings import LISTED, Findings
from care_map.messages import catalogue
from care_map.schema import DEMAND, FACILITIES, UNITS


def read(column, *cells, table=FACILITIES):
    findings = Findings("list.xlsx", {column: "表头"})
    series = pd.Series(list(cells), index=range(2, 2 + len(cells)), dtype=object)
    return read_cells(series, table.column(column), findings).tolist(), findings.problems


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("300", 300),
        ("３００", 300),
        ("1,234.5", 1234.5),
        ("300㎡", 300),
        ("300 m²", 300),
        ("300平方米", 300),
        ("1e3", 1000),
        ("-4", -4),
    ],
)
def test_numbers(cell, number):
    values, problems = read("floor_area_m2", cell)
    assert values == [number]
    assert not problems


@pytest.mark.parametrize(
    "cell", ["约300", "300左右", "60-70", "1,23", "三百", "12:30", "1e999", "3..4"]
)
def test_what_is_no_number_is_listed_and_missing(cell):
    values, problems = read("floor_area_m2", "5", cell)
    assert pd.isna(values[1])
    [problem] = problems
    assert (problem.code, problem.row, problem.column, problem.value, problem.severity) == (
        "cell_number",
        3,
        "表头",
        cell,
        "warning",
    )


def test_integers():
    values, problems = read("beds", "12张", "12.0", "", "—", "12.5")
    assert values == [12, 12, pd.NA, pd.NA, pd.NA]
    assert [(problem.code, problem.row) for problem in problems] == [("cell_integer", 6)]


def test_flags():
    values, problems = read("delivers", "是", "无", "√", "Y", "0", "", "也许")
    assert values == [True, False, True, True, False, pd.NA, pd.NA]
    assert [problem.code for problem in problems] == ["cell_flag"]


def test_dates():
    cells = ["2021-06-30", "2021/6/30", "2021年6月30日", "2021.6.30", "20210630"]
    values, problems = read(
        "updated", *cells, "２０２１-6-30", "2021-06-30 00:00:00", "", "2021-02-30", "109.5.29"
    )
    assert values == ["2021-06-30"] * 7 + [""] * 3
    assert [problem.row for problem in problems] == [10, 11]


QUICK = settings(deadline=None, max_examples=60)
UNITS_OF_BEDS = ["", "张", " 张", "个", "人", ".0"]


@QUICK
@given(st.integers(0, 999_999), st.sampled_from(UNITS_OF_BEDS), st.booleans(), st.booleans())
def test_a_number_in_any_style_is_the_number(number, unit, is_wide, is_grouped):
    written = f"{number:,}{unit}" if is_grouped else f"{number}{unit}"
    if is_wide:
        written = written.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert read("beds", written) == ([number], [])


@QUICK
@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y年%m月%d日", "%Y%m%d", "%Y/%m/%d"]))
def test_a_date_in_any_style_is_the_date(day, style):
    written = day.strftime(style.replace("%Y", f"{day.year:04d}"))
    assert read("updated", written) == ([day.isoformat()], [])


@QUICK
@given(st.integers(0, 179 * 3600), st.sampled_from("EW"), st.booleans())
def test_a_longitude_in_any_style_is_the_longitude(seconds, side, has_words):
    degrees, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    written = f"{degrees}°{minutes:02d}′{rest:02d}″{side}"
    if has_words:
        name = {"E": "东经", "W": "西经"}[side]
        written = f"{name}{degrees}度{minutes}分{rest}秒"
    [value], problems = read("lon", written)
    assert value == pytest.approx(seconds / 3600 * (1 if side == "E" else -1), abs=1e-12)
    assert not problems
    assert [problem.code for problem in read("lat", written)[1]] == ["cell_coordinate"]


@QUICK
@given(st.lists(st.sampled_from(["care_home", "pharmacy", "clinic"]), unique=True), st.data())
def test_a_list_in_any_style_is_the_list(codes, data):
    words = [catalogue("zh").label("facility_type", code) for code in codes]
    between = [data.draw(st.sampled_from("、；;，,\n")) for _ in words]
    written = "".join(word + sign for word, sign in zip(words, between, strict=True))
    assert read("roles", written) == ([";".join(codes)], [])


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        ("30.5°N", 30.5),
        ("30°33′", 30.55),
        ("30°33′30″N", 30 + 33.5 / 60),
        ("30°33'30\"N", 30 + 33.5 / 60),
        ("30º33’30”", 30 + 33.5 / 60),
        ("北纬30.5度", 30.5),
        ("３０.５", 30.5),
        ("30.5S", -30.5),
    ],
)
def test_latitudes(cell, degrees):
    [value], problems = read("lat", cell)
    assert value == pytest.approx(degrees, abs=1e-12)
    assert not problems


@pytest.mark.parametrize(
    "cell", ["约30.5", "30°60′", "30.5°20′", "30.5E", "-30.5N", "30°33.5′20″", "30 33 30", "30.5,"]
)
def test_what_is_no_latitude_is_listed(cell):
    [value], [problem] = read("lat", cell)
    assert pd.isna(value)
    assert (problem.code, problem.value) == ("cell_coordinate", cell)


def test_lists():
    assert read("zones", "助餐、助浴；阅览，棋牌,", "")[0] == ["助餐;助浴;阅览;棋牌", ""]


def test_codes_keep_their_digits():
    values, problems = read("unit_id", "500101001", "500101001.0", "063000")
    assert values == ["500101001", "500101001", "063000"]
    assert not problems
    _, problems = read("unit_id", "5.00101E+11")
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("id_scientific", "error")
    ]


def test_roles():
    values, problems = read(
        "roles", "敬老院、街道养老服务中心", "养老院", "care_home", "Hospital", "动物园、药店"
    )
    assert values == ["care_home;street_centre", "care_home", "care_home", "hospital", "pharmacy"]
    assert [(problem.code, problem.value) for problem in problems] == [("code_unknown", "动物园")]


def test_groups():
    values, problems = read(
        "groups", "80岁以上；独居老人", "高龄（80岁以上）", "特困", "分散特困", table=DEMAND
    )
    assert values == ["aged_80;living_alone", "aged_80", "", "destitute_scattered"]
    assert [(problem.code, problem.row) for problem in problems] == [("code_ambiguous", 4)]


def test_levels_and_settings():
    assert read("level", "街道", "市", "村", table=UNITS)[0] == ["town", "district", "community"]
    assert read("setting", "农村", "Urban", table=UNITS)[0] == ["rural", "urban"]


@pytest.mark.parametrize("vocabulary", sorted(set(CODED.values())))
def test_every_label_is_read_and_means_one_code(vocabulary):
    book = codebook(vocabulary)
    for language in ("zh", "en"):
        texts = catalogue(language).texts
        for code in set(book.values()):
            label = texts.get(f"{vocabulary}.{code}", code)
            assert book[normal_word(label)] == code


def test_a_whole_bad_column_is_counted_and_not_listed_for_ever():
    _, problems = read("beds", *["约3"] * (LISTED + 50))
    assert len(problems) == LISTED + 1
    assert sum(problem.count for problem in problems) == LISTED + 50
