from care_map.inputs.findings import Findings
from care_map.inputs.headers import find_headers
from care_map.schema import DEMAND, FACILITIES


def find(headers, table=FACILITIES, columns=None, constants=None):
    findings = Findings("list.xlsx")
    found = find_headers(
        headers, table, columns=columns or {}, constants=constants or {}, findings=findings
    )
    return found, findings.problems


def test_names_titles_and_aliases_in_any_width():
    found, problems = find(["机构 名称*", "FACILITY_ID", "建筑面积 (㎡)", "经度", "备注"])
    assert found.place == {"name": 0, "facility_id": 1, "floor_area_m2": 2, "lon": 3}
    assert found.unknown == (4,)
    assert not problems


def test_two_headers_for_one_column_are_an_error_unless_the_study_says():
    _, [problem] = find(["机构名称", "单位名称"])
    assert (problem.code, problem.value) == ("column_ambiguous", "机构名称 / 单位名称")
    found, problems = find(["机构名称", "单位名称"], columns={"name": "单位名称"})
    assert found.place == {"name": 1}
    assert found.unknown == (0,)
    assert not problems


def test_a_running_number_yields_to_an_id():
    assert find(["序号", "编号", "名称"])[0].place["facility_id"] == 1
    assert find(["序号", "名称"])[0].place["facility_id"] == 0


def test_a_named_header_that_is_not_there():
    _, problems = find(["名称"], columns={"beds": "床数"})
    assert [(problem.code, problem.column) for problem in problems] == [("header_missing", "床数")]
    assert problems[0].values["present"] == ("名称",)


def test_required_columns():
    assert [problem.code for problem in find(["地址"])[1]] == ["column_missing"]
    assert not find(["地址"], constants={"name": "x"})[1]
    assert not find(["年龄"], table=DEMAND)[1]
