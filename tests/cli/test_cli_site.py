"""`care-map site` on a hamlet: a plan in a folder, reasons, exit codes, both languages."""

import json
from pathlib import Path

import pytest
from cli.conftest import SOUTH, STEP, WEST, write_hamlet

import care_map as cm
from care_map.messages import catalogue
from care_map.outputs.site_words import result_lines, statement_lines
from care_map.workflows.scenarios import with_scenario

FAR = f"{WEST + 2 * STEP:.4f},{SOUTH + 2 * STEP:.4f}"


@pytest.fixture
def hamlet(study):
    return with_property(study)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Return the assessment of the hamlet; what is asked of it leaves it as it is."""
    return cm.assess(cm.read_study(with_property(write_hamlet(tmp_path_factory.mktemp("site")))))


def with_property(study):
    """Add two places where something could be built."""
    lines = [
        "编号,资产名称,可建类型,费用（万元）,经度,纬度",
        f"C1,旧村小,社区养老服务站,20,{FAR}",
        "C2,=恶意[red],社区养老服务站,5,,",
    ]
    (study / "property.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    text = (study / "study.toml").read_text(encoding="utf-8")
    more = '[[candidates]]\npath = "property.csv"\n[output]'
    (study / "study.toml").write_text(text.replace("[output]", more), encoding="utf-8")
    return study


def test_site_writes_a_plan_and_prints_it(care_map, hamlet):
    answer = care_map("site", hamlet, "--circle", "elder_care_15", "--add", "1", "--frontier")
    assert (answer.code, answer.err) == (0, "")
    assert "旧村小" in answer.out
    assert "新增 1 人" in answer.out
    folder = hamlet / "outputs" / "run-site-elder_care_15"
    assert str(folder.resolve()) in answer.out
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert (told["covered_before"], told["covered_after"], told["elders"]) == (2, 3, 10)
    assert (folder / "frontier.csv").is_file()
    assert "C2" in (folder / "sites_left_out.csv").read_text(encoding="utf-8-sig")


def test_what_cannot_be_had_is_answered_with_the_reason(assessed):
    """Well-formed requests end well; one search of the hamlet answers them all."""
    for asked, said in (
        ({"add": 0}, "没有一处备选场地能"),
        ({"add": 9, "floor": 1.0}, "合在一起没有方案"),
        ({"cover": 1.0}, "已证明无解"),
        ({"budget": 0}, "最便宜的一处（200,000 元）"),
        ({"add": 1, "role": "village_point"}, "可建类型不合 1 处"),
        ({"add": 9}, "可选的只有 1 处"),
    ):
        plan = cm.site(assessed, circle="elder_care_15", **asked)
        lines = result_lines(plan, assessed.study, catalogue("zh"))
        assert any(said in line for line in lines), asked


def test_what_was_asked_is_told_in_words(assessed):
    asked = {"candidates": "places", "objective": "mean", "method": "greedy", "profile": "elder"}
    plan = cm.site(assessed, circle="elder_care_15", add=1, **asked)
    lines = " ".join(statement_lines(plan, catalogue("zh")))
    assert "备选来源：缺口和村社区中心" in lines
    assert not [code for code in asked.values() if code in lines]


def test_a_plan_runs_as_a_scenario(care_map, hamlet):
    told = care_map("site", hamlet, "--circle", "elder_care_15", "--add", "1", "--json").json
    file = f"{told['folder']}/scenario.toml"
    study = with_scenario(cm.read_study(hamlet), file)
    after = cm.assess(study).summary["circles"][0]
    assert (after["circle"], after["covered"]) == ("elder_care_15", told["covered_after"])
    # A plan without sites leaves nothing of the one before it.
    care_map("site", hamlet, "--circle", "elder_care_15", "--add", "0")
    assert not Path(file).exists()


def test_json_is_one_object(care_map, hamlet):
    answer = care_map("site", hamlet, "--circle", "elder_care_15", "--budget", "199999", "--json")
    assert answer.code == 0
    assert answer.json["sites"] == []
    assert answer.json["reasons"][0]["code"] == "budget_too_small"
    assert answer.json["reasons"][0]["cheapest"] == 200_000


def test_english_holds_no_chinese_but_data(care_map, hamlet):
    text = (hamlet / "study.toml").read_text(encoding="utf-8")
    text = text.replace('language = "zh"', 'language = "en"').replace("小村", "Hamlet")
    (hamlet / "study.toml").write_text(text, encoding="utf-8")
    (hamlet / "property.csv").write_text(
        f"candidate_id,name,types,cost_yuan,lon,lat\nC1,Old school,community_station,9,{FAR}\n",
        encoding="utf-8",
    )
    answer = care_map(
        "site", hamlet, "--circle", "elder_care_15", "--cover", "1", "--language", "en"
    )
    assert answer.code == 0
    assert answer.out.isascii() or not any("\u3400" <= one <= "\u9fff" for one in answer.out)
    assert "the rate cannot exceed 30.0%" in answer.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--circle", "nowhere", "--add", "1"], "elder_care_15"),
        (["--circle", "elder_care_15"], "--add"),
        (["--circle", "elder_care_15", "--add", "-1"], "不小于 0"),
        (["--circle", "elder_care_15", "--add", "many"], "--add"),
        (["--circle", "elder_care_15", "--budget", "1,x"], "--budget"),
        (["--circle", "elder_care_15", "--cover", "200%"], "0 到 1"),
        (["--circle", "elder_care_15", "--add", "1", "--candidates", "没有.csv"], "没有.csv"),
        (["--circle", "elder_care_15", "--budget", "2,000,000"], "2000000"),
        (["--circle", "elder_care_15", "--budget", "nan"], "不小于 0"),
        (["--circle", "elder_care_15", "--budget", "9", "--candidates", "network"], "没有费用"),
        (["--circle", "elder_care_15", "--cover", "1", "--frontier"], "--frontier"),
        (["--circle", "elder_care_15", "--add", "1", "--cheapest"], "--cover"),
        (["--circle", "elder_care_15", "--add", "1", "--quotas"], "规则包"),
        (["--circle", "elder_care_15", "--add", "1", "--role", "医院"], "hospital"),
        (["--circle", "elder_care_15", "--add", "1", "--objective", "joy"], "cover"),
    ],
)
def test_wrong_requests_end_with_2_and_say_why(care_map, hamlet, options, said):
    answer = care_map("site", hamlet, *options)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_study_without_a_list_is_told_what_to_do(care_map, study):
    answer = care_map("site", study, "--circle", "elder_care_15", "--add", "1")
    assert answer.code == 2
    assert "--candidates" in answer.err
    made = care_map(
        "site", study, "--circle", "elder_care_15", "--add", "1", "--candidates", "network"
    )
    assert made.code == 0
    assert "新增 1 人" in made.out


def test_a_negative_cost_is_an_error_of_the_list(care_map, hamlet):
    file = hamlet / "property.csv"
    file.write_text(
        file.read_text(encoding="utf-8-sig").replace(",20,", ",-20,"), encoding="utf-8-sig"
    )
    answer = care_map("site", hamlet, "--circle", "elder_care_15", "--add", "1")
    assert answer.code == 2
    assert "费用为负" in answer.err
