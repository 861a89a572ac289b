"""The notice on the command line: `run --as-of`, `check`, `new --pack`, `merge --received`."""

import pytest

LIST = (
    "设施名称,设施类型,乡镇街道,验收日期,运营日期\n"
    "汉丰中心,街道养老服务中心,汉丰街道,2019-11-30,2019-12-20\n"
    "新站,社区养老服务站,汉丰街道,2020-12-01,\n"
)


@pytest.fixture
def kaizhou(tmp_path):
    (tmp_path / "设施.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "开州"\npack = "kaizhou"\n[[facilities]]\npath = "设施.csv"\n'
        '[output]\ndir = "run"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_run_as_of_a_day_shows_verdicts_and_ledger(care_map, kaizhou):
    answer = care_map("run", kaizhou, "--as-of", "2019-12-31")
    assert answer.code == 0
    lines = {line.split()[0]: line.split()[1:] for line in answer.out.splitlines() if line.split()}
    # target, due, accepted, operating, in progress, late, there before
    assert lines["街道养老服务中心"] == ["7", "4", "1", "1", "0", "3", "0"]
    assert lines["社区养老服务站"] == ["89", "39", "0", "0", "0", "39", "0"]
    assert "截至 2019-12-31" in answer.out
    assert "原文矛盾" in answer.out


def test_run_as_json_has_the_same_figures(care_map, kaizhou):
    summary = care_map("run", kaizhou, "--as-of", "2020-12-31", "--json").json["summary"]
    assert summary["pack"]["id"] == "kaizhou"
    assert summary["policy_day"] == "2020-12-31"
    assert sum(summary["verdicts"].values()) > 60
    assert 0 < summary["missed"] <= summary["verdicts"]["fail"]
    stations = {row["role"]: row for row in summary["ledger"]}["community_station"]
    assert (stations["due"], stations["accepted"], stations["total"]) == (89, 1, False)


def test_english_output_has_no_codes(care_map, kaizhou):
    text = (kaizhou / "study.toml").read_text("utf-8").replace("[[fac", 'language = "en"\n[[fac')
    (kaizhou / "study.toml").write_text(text, encoding="utf-8")
    out = care_map("run", kaizhou).out
    assert "judged by the notice (as of 2020-12-01)" in out
    assert "not_applicable" not in out
    assert "community_station" not in out


def test_new_with_a_pack_is_valid_and_an_unknown_pack_is_told(care_map, tmp_path):
    made = care_map("new", tmp_path / "a", "--pack", "kaizhou")
    assert (made.code, made.err) == (0, "")
    text = (tmp_path / "a" / "study.toml").read_text("utf-8")
    assert '\npack = "kaizhou"\n' in text
    assert "\n[[stated]]\n" in text
    assert care_map("check", tmp_path / "a").code == 0
    wrong = care_map("new", tmp_path / "b", "--pack", "nowhere")
    assert wrong.code == 2
    assert "kaizhou" in wrong.err
    assert not (tmp_path / "b").exists()


def test_a_received_day_must_be_a_day(care_map, kaizhou):
    wrong = care_map("returns", "merge", kaizhou, kaizhou, "--received", "5 January")
    assert wrong.code == 2
    assert "--received" in wrong.err
