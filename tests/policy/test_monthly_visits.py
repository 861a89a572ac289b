"""铜梁's monthly visits: who is in the rate, who is listed beside it, who is not meant."""

import pytest
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.reader import read_pack
from care_map.policy.verdicts import judge_clauses

ELDERS = [
    {
        "demand_id": "visited",
        "groups": "living_alone",
        "last_visit": "2025-06-02",
        "residence": "registered",
    },
    {
        "demand_id": "last month",
        "groups": "disabled",
        "last_visit": "2025-05-31",
        "residence": "resident",
    },
    {"demand_id": "only old", "groups": "aged_80", "last_visit": None, "residence": "registered"},
    {"demand_id": "away", "groups": "left_behind", "last_visit": None, "residence": "away"},
]


@pytest.fixture(scope="module")
def judged():
    here = facts(as_of="2025-06-30", elders=ELDERS)
    return judge_clauses(read_pack("tongliang"), here, texts=catalogue("zh"))


@pytest.mark.parametrize("clause", ["tongliang_05a", "tongliang_05b"])
def test_one_of_two_is_visited_and_the_one_who_is_away_is_listed(judged, clause):
    row = judged.verdicts.set_index("clause_id").loc[clause]
    assert (row["figure_low"], row["figure_high"]) == (0.5, 0.5)
    assert (row["met"], row["not_met"]) == (1, 1)
    assert "外出的 1 名" in row["note"]
    mine = judged.evidence[judged.evidence["clause_id"] == clause].set_index("row_id")
    assert mine["answer"].to_dict() == {"last month": "no", "away": "away"}


def test_the_same_rate_is_a_must_in_one_place_and_an_aim_in_the_other(judged):
    words = judged.verdicts.set_index("clause_id")["words"]
    assert words["tongliang_05a"].startswith("尚未达到（未到期）")
    assert words["tongliang_05b"].startswith("尚未达（力争，未到期）")
