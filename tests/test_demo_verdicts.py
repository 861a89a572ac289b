"""What a run of the demonstration district says of its invented notice."""


def test_the_demonstration_shows_every_verdict(demo_result):
    verdicts = demo_result.clause_verdicts.set_index("clause_id")["verdict"]
    assert set(verdicts) == {
        *("pass", "fail", "unknown", "indicator", "depends", "source_conflict"),
    }
    words = demo_result.clause_verdicts.set_index("clause_id")["words"]
    assert words["demo_01"].startswith("未达到")
    assert "原则性" in words["demo_05"]
    assert "未到期" in words["demo_02"]
    assert verdicts["demo_07"] == "pass"
    assert verdicts["demo_11"] == "depends"
    assert verdicts["demo_18"] == "unknown"


def test_some_targets_are_late_and_some_are_met(demo_result):
    ledger = demo_result.ledger
    assert (ledger["late"] > 0).any()
    assert ((ledger["due"] > 0) & (ledger["late"] == 0)).any()
    assert (ledger["existing_before"] > 0).any()
    assert ledger["note"].str.contains("暂计入（合成）", regex=False).any()
