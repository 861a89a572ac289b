"""What a unit is, by its name and by its code."""

import pandas as pd
import pytest

from care_map.inputs.unit_kinds import unit_kinds


def kind(name, level, unit_id="u"):
    return unit_kinds(pd.DataFrame({"unit_id": [unit_id], "name": [name], "level": [level]})).item()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("汉丰街道", "street"),
        ("汉丰街道办事处", "street"),
        ("汉丰街办", "street"),
        ("镇东街道", "street"),  # 镇 stands in it, not at its end
        ("白桥镇", "town"),
        ("白桥镇人民政府", "town"),
        ("关面乡", "town"),
        ("白 桥 镇", "town"),
        ("浦里新区", ""),
        ("镇东", ""),
    ],
)
def test_streets_and_towns_by_name(name, expected):
    assert kind(name, "town") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("大进坝社区", "community"),
        ("大进坝社区居委会", "community"),
        ("大进坝居委会", "community"),
        ("大进坝居民委员会", "community"),
        ("新村社区", "community"),  # 村 stands in it, not at its end
        ("翠湖村", "village"),
        ("翠湖村委会", "village"),
        ("翠湖村村民委员会", "village"),
        ("社区村", "village"),
        ("安居", "community"),
        ("翠湖", ""),
        ("松山里", ""),
    ],
)
def test_communities_and_villages_by_name(name, expected):
    assert kind(name, "community") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("500154107001", "community"),
        ("500154107199", "community"),
        ("500154107200", "village"),
        ("500154107201", "village"),
        ("500154107000", ""),  # the town itself
        ("500154107", ""),  # nine digits name a town
        ("F-0201", ""),
    ],
)
def test_code_decides_where_the_name_does_not(code, expected):
    assert kind("翠湖", "community", code) == expected


def test_name_wins_over_the_code():
    assert kind("翠湖社区", "community", "500154107201") == "community"
    assert kind("翠湖村", "community", "500154107001") == "village"


def test_ju_is_believed_only_where_no_code_says_otherwise():
    assert kind("安居", "community", "500154107201") == "village"
    assert kind("安居", "community", "500154107001") == "community"


def test_a_kind_belongs_to_its_level():
    """Nobody's village is a town because it is called 新镇, and a district is none of the four."""
    assert kind("新镇", "community") == ""
    assert kind("东村", "town") == ""
    assert kind("开州区", "district") == ""
    # A code of a community says nothing of a town.
    assert kind("开州", "town", "500154107201") == ""


def test_index_and_table_are_kept():
    units = pd.DataFrame(
        {"unit_id": ["1", "2"], "name": ["甲镇", "乙村"], "level": ["town", "community"]},
        index=[7, 3],
    )
    before = units.copy()
    assert unit_kinds(units).to_dict() == {7: "town", 3: "village"}
    pd.testing.assert_frame_equal(units, before)


def test_no_units():
    assert unit_kinds(pd.DataFrame({"unit_id": [], "name": [], "level": []})).tolist() == []
