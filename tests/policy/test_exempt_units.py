"""福泉社区 is one of 开州's 109 communities and owes no station."""

import pytest
from policy.facts_of import facts

from care_map.messages import catalogue
from care_map.packs.reader import read_pack
from care_map.policy.scene import Scene
from care_map.policy.verdicts import judge_clause

TOWN = [
    {"unit_id": "D", "name": "大德镇", "unit_kind": "town"},
    {"unit_id": "D0", "name": "福泉社区", "unit_kind": "community", "parent_id": "D"},
]


def judged(number):
    """Return the verdict where the town has 福泉社区 and `number` more, each with a station."""
    more = [
        {"unit_id": f"D{i}", "name": f"第{i}社区", "unit_kind": "community", "parent_id": "D"}
        for i in range(1, number + 1)
    ]
    stations = [{"roles": "community_station", "unit_id": one["unit_id"]} for one in more]
    here = facts(as_of="2021-06-30", units=[*TOWN, *more], facilities=stations)
    pack = read_pack("kaizhou")
    [clause] = [one for one in pack.clause if one.id == "kaizhou_07b"]
    return judge_clause(clause, Scene(pack, here, catalogue("zh")))[0]


@pytest.mark.parametrize(("others", "said"), [(108, ""), (107, "通知写 109 个，名单中有 108 个")])
def test_it_is_out_of_the_rate_and_in_the_number_of_the_notice(others, said):
    row = judged(others)
    assert (row["verdict"], row["met"], row["not_met"]) == ("pass", others, 0)
    assert "通知不要求设置：大德镇福泉社区" in row["note"]
    assert said in row["note"]
    assert bool(said) == ("通知写" in row["note"])
