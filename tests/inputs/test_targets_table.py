"""Targets of a study's own lists: a clean table, and what is wrong with the rest."""

import pytest

from care_map.inputs.load import load_inputs

UNITS = "代码,名称,级别\nt1,甲镇,镇\nt2,乙街道,街道\n"
HEAD = "乡镇街道,设施类型,年度,季度,目标数,责任单位\n"


def read(make_study, rows):
    inputs = load_inputs(make_study(units=UNITS, targets=HEAD + rows))
    found = [(p.code, p.row, p.value) for p in inputs.problems if p.source == "targets1.csv"]
    return inputs.targets, found


def test_targets_of_towns_and_of_the_district(make_study):
    table, found = read(
        make_study,
        "甲镇,乡镇养老服务中心,2021,,1,甲镇政府\n,社区养老服务站、村养老服务站,2022,4,89,\n",
    )
    assert found == []
    assert table["unit_id"].tolist() == ["t1", ""]
    assert table["roles"].tolist() == ["town_centre", "community_station;village_station"]
    assert table[["year", "target"]].to_numpy().tolist() == [[2021, 1], [2022, 89]]
    assert table["quarter"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        ("丙镇,社区养老服务站,2021,,1,", "target_town", "丙镇"),
        ("甲镇,社区养老服务站,21,,1,", "target_year", "21"),
        ("甲镇,社区养老服务站,2021,5,1,", "target_quarter", "5"),
        ("甲镇,社区养老服务站,2021,,-1,", "count_negative", "-1"),
        ("甲镇,,2021,,1,", "cell_required", ""),
        ("甲镇,社区养老服务站,2021,,,", "cell_required", "<NA>"),
    ],
)
def test_bad_targets_are_listed_and_left_out(make_study, row, code, value):
    table, found = read(make_study, f"乙街道,街道养老服务中心,2020,,1,\n{row}\n")
    assert found == [(code, 3, value)]
    assert table["unit_id"].tolist() == ["t2"]


def test_a_target_that_stands_twice_counts_once(make_study):
    row = "甲镇,社区养老服务站,2021,,3,\n"
    table, found = read(make_study, row + row)
    assert [one[:2] for one in found] == [("target_twice", 2), ("target_twice", 3)]
    assert table["target"].tolist() == [3]
