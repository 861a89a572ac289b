"""The invented notice of the demonstration district: it shows every formula and every verdict."""

from pathlib import Path
from typing import get_args

import pytest

from care_map.demo.names import STREETS, TOWNS
from care_map.packs.pack_file import PackFile, Strength
from care_map.packs.reader import read_pack
from care_map.packs.rules import Rule

NOTICE = Path(__file__).parents[2] / "data" / "notice.toml"


@pytest.fixture(scope="module")
def pack() -> PackFile:
    return read_pack(NOTICE)


def test_it_says_that_it_is_invented(pack):
    assert NOTICE.read_text("utf-8").startswith("# 合成示例通知：示范区是虚构的")
    assert "合成" in pack.pack.name
    assert "synthetic" in pack.pack.name_en
    assert pack.pack.title.startswith("【合成示例，非真实文件】")
    assert "虚构" in pack.pack.document


def test_it_uses_every_formula_and_strength(pack):
    formulas = {
        get_args(m.model_fields["formula"].annotation)[0] for m in get_args(get_args(Rule)[0])
    }
    assert {clause.rule.formula for clause in pack.clause} == formulas
    used = {clause.strength for clause in pack.clause}
    assert used == set(get_args(Strength)) - {"conditional"}


def test_its_units_are_the_districts(pack):
    assert [unit.name for unit in pack.unit] == [*STREETS, *TOWNS]
    points = sum(target.target for target in pack.target if target.role == "village_point")
    (clause,) = (clause for clause in pack.clause if clause.conflict)
    assert f"{points}个" in clause.conflict.readings[1]


def test_its_circles_are_the_ones_it_always_had(pack):
    told = {circle.id: circle for circle in pack.circle}
    assert list(told) == ["elder_care_15", "meals_15", "medical"]
    assert (told["meals_15"].profile, told["meals_15"].minutes) == ("standard", 15)
    assert (told["medical"].rural.profile, told["medical"].rural.minutes) == ("rural_drive", 25)
