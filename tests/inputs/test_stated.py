"""Figures typed in and returns received: read, checked, joined to units; nothing lost silently."""

import datetime as dt

import pytest

from care_map.inputs.load import load_inputs
from care_map.inputs.received import quarter_of
from care_map.packs.conditions import Test as Condition
from care_map.packs.pack_file import ClauseTable, PackFile, PackHeader
from care_map.packs.rules import Share, Stated

UNITS = "代码,名称,级别,上级代码\nt1,甲镇,镇,\nt2,乙镇,镇,\na,东村,村,t1\n"


def clause(name, rule):
    return ClauseTable(
        id=name,
        row=1,
        cite="一",
        title="任务",
        title_en="task",
        text=("原文",),
        kind="D",
        strength="must",
        rule=rule,
    )


PACK = PackFile(
    pack=PackHeader(
        id="demo",
        name="某区",
        name_en="District",
        title="通知",
        document="某府发〔2020〕1号",
        issued=dt.date(2020, 3, 1),
        version="1",
    ),
    clause=(
        clause("demo_yes", Stated(formula="stated", answer="yes_no")),
        clause("demo_number", Stated(formula="stated", answer="number", at_least=3)),
        clause("demo_share", Stated(formula="stated", answer="share", at_least=0.8)),
        clause(
            "demo_list",
            Share(formula="share", rows="facilities", meets=Condition(field="beds", at_least=1)),
        ),
    ),
)


@pytest.fixture
def stated(make_study):
    def read(text, pack=PACK):
        inputs = load_inputs(make_study(units=UNITS, stated=text, header={"pack": pack}))
        found = [(p.code, p.row, p.value) for p in inputs.problems if p.source == "stated1.csv"]
        return inputs.stated, found, inputs

    return read


@pytest.fixture
def received(make_study):
    def read(text):
        inputs = load_inputs(make_study(units=UNITS, received=text))
        found = [(p.code, p.row, p.value) for p in inputs.problems if p.source == "received1.csv"]
        return inputs.received, found

    return read


def test_figures_and_answers(stated):
    table, found, inputs = stated(
        "条款编号,乡镇街道,数值,是否完成,数据日期,佐证材料\n"
        "demo_yes,,,是,2021-06-01,会议纪要\n"
        "demo_number,甲镇,5,,,台账\n"
        "demo_share,,85%,,,财政决算\n"
        "demo_share,乙镇,0.9,,,\n"
    )
    assert found == []
    assert "stated" in inputs.given
    assert table["unit_id"].tolist() == ["", "t1", "", "t2"]
    assert table["figure"].fillna(-1).tolist() == [-1, 5, 0.85, 0.9]
    assert table["answer"].tolist()[0] is True
    assert table["evidence"].tolist() == ["会议纪要", "台账", "财政决算", ""]
    assert table["responsible"].tolist() == [""] * 4


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        ("demo_none,,5,", "stated_clause", "demo_none"),
        ("demo_list,,5,", "stated_not_asked", "demo_list"),
        ("demo_yes,,5,", "stated_no_answer", "demo_yes"),
        ("demo_number,,,是", "stated_no_figure", "demo_number"),
        ("demo_share,,85,", "stated_share", "demo_share"),
        ("demo_share,,-0.1,", "stated_share", "demo_share"),
        ("demo_number,丙镇,5,", "stated_town", "丙镇"),
        (",,5,", "cell_required", ""),
    ],
)
def test_bad_rows_are_listed_and_left_out(stated, row, code, value):
    head = "条款编号,乡镇街道,数值,是否完成\ndemo_number,,3,\n"
    table, found, _ = stated(f"{head}{row}\n")
    assert found == [(code, 3, value)]
    assert table["clause_id"].tolist() == ["demo_number"]


def test_prepared_rows_wait_for_their_figure(stated):
    table, found, _ = stated("条款编号,数值,是否完成\ndemo_yes,,\ndemo_number,,\ndemo_share,1,\n")
    assert found == [("stated_blank", None, None)]
    assert table["clause_id"].tolist() == ["demo_share"]


def test_a_figure_that_cannot_be_read_is_no_figure(stated):
    table, found, _ = stated("条款编号,数值\ndemo_number,约5\ndemo_share,1\n")
    assert ("cell_number", 2, "约5") in found
    assert table["clause_id"].tolist() == ["demo_share"]


def test_figures_of_several_days_stay_and_the_same_day_counts_once(stated):
    table, found, _ = stated(
        "条款编号,数值,数据日期\ndemo_number,1,2020-03-31\ndemo_number,2,2020-06-30\n"
        "demo_number,4,2020-06-30\n"
    )
    assert [one[:2] for one in found] == [("stated_twice", 3), ("stated_twice", 4)]
    assert table["figure"].tolist() == [1, 4]


def test_without_a_pack_any_clause_is_read(stated):
    table, found, _ = stated("条款编号,数值\nother,3\n", pack=None)
    assert (found, table["clause_id"].tolist()) == ([], ["other"])


@pytest.mark.parametrize(
    "text",
    [
        "2020Q4",
        "2020q4",
        "2020-Q4",
        "2020年第四季度",
        "2020年4季度",
        "2020年第4季度",
        "2020 年 四季度",
        "２０２０Ｑ４",
        "2020-4",
    ],
)
def test_quarters(text):
    assert quarter_of(text) == "2020Q4"


@pytest.mark.parametrize(
    "text", ["2020", "2020Q5", "2020年", "Q4", "四季度", "2020年12月", "20Q4", ""]
)
def test_what_is_no_quarter(text):
    assert quarter_of(text) == ""


def test_returns_received(received):
    table, found = received(
        "乡镇街道,季度,收到日期\n甲镇,2020Q4,2021-01-05\n乙镇,2020年第四季度,\n甲镇,2021Q1,2021-04-02\n"
    )
    assert found == []
    assert table[["unit_id", "period", "received_date"]].to_numpy().tolist() == [
        ["t1", "2020Q4", "2021-01-05"],
        ["t2", "2020Q4", ""],
        ["t1", "2021Q1", "2021-04-02"],
    ]


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        ("丙镇,2020Q4,", "received_town", "丙镇"),
        ("乙镇,年底,", "received_period", "年底"),
        ("乙镇,,", "cell_required", ""),
        (",2020Q4,", "cell_required", ""),
    ],
)
def test_bad_returns_are_listed_and_left_out(received, row, code, value):
    table, found = received(f"乡镇街道,季度,收到日期\n甲镇,2020Q4,2021-01-05\n{row}\n")
    assert found == [(code, 3, value)]
    assert table["unit_id"].tolist() == ["t1"]


def test_the_first_return_of_a_quarter_counts(received):
    table, found = received(
        "乡镇街道,季度,收到日期\n甲镇,2020Q4,\n甲镇,2020年四季度,2021-02-01\n甲镇,2020Q4,2021-01-05\n"
    )
    assert [one[:2] for one in found] == [("received_twice", row) for row in (2, 3, 4)]
    assert table["received_date"].tolist() == ["2021-01-05"]
