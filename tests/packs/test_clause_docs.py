"""`docs/clauses.md` and the worked examples of `docs/packs.md` agree with packs and reader."""

import importlib.util
import re
from pathlib import Path
from typing import get_args

import pytest

from care_map.config import read_study
from care_map.packs import conditions, pack_file, rules
from care_map.packs.reader import pack_names, read_pack
from care_map.workflows.check import check

ROOT = Path(__file__).parents[2]
ROWS = {"wanzhou": 32, "yubei": 39, "yuzhong": 18, "tongliang": 26, "kaizhou": 25}
"""How many rows the list of clauses has that each pack was made from."""


@pytest.fixture(scope="module")
def build_clauses():
    spec = importlib.util.spec_from_file_location("build_clauses", ROOT / "docs/build_clauses.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_clauses_is_up_to_date(build_clauses):
    """`python docs/build_clauses.py` renews it."""
    assert build_clauses.PAGE.read_text(encoding="utf-8") == build_clauses.clause_page()


def test_every_clause_stands_in_the_table_once(build_clauses):
    told = re.findall(r"^\| \d+ \| `(\w+)` \|", build_clauses.clause_page(), re.MULTILINE)
    assert told == [clause.id for name in pack_names() for clause in read_pack(name).clause]


def test_corrections_are_printed(build_clauses):
    page = build_clauses.clause_page()
    found = [text for name in pack_names() for text in build_clauses.corrections(name)]
    assert found
    assert all(f"- {text}\n" in page for text in found)
    assert page.count("Corrections to the list") == sum(
        bool(build_clauses.corrections(name)) for name in pack_names()
    )


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_list_has_a_clause_or_is_not_measurable(name):
    pack = read_pack(name)
    told = {clause.row for clause in pack.clause} | {one.row for one in pack.unmeasured}
    assert told - {None} == set(range(1, ROWS[name] + 1))


PAGES = [ROOT / "docs/packs.md", ROOT / "docs/packs.zh.md"]


def _blocks(page, language):
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _write(page, folder):
    """Write the worked example of a page: its files are named in the line before each block."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(
        r"^`([\w.]+)`[:：]\n\n```(?:toml|csv)\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
    files = dict(named)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_worked_example_is_read_and_checked(page, tmp_path):
    files = _write(page, tmp_path)
    assert {"study.toml", "notice.toml", "notice_ledger.csv", "notice_units.csv"} <= set(files)
    study = read_study(tmp_path)
    assert len(study.pack.clause) >= 5
    assert len(study.pack.target) > 0
    assert {one.code for one in check(study) if one.severity == "error"} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_parts_of_packs_in_the_text_are_right_too(page, tmp_path):
    """Every other TOML block is a part of a pack: with the example's head it is one."""
    files = _write(page, tmp_path)
    head = files["notice.toml"].split("[[circle]]")[0]
    parts = [block for block in _blocks(page, "toml") if block not in files.values()]
    assert len(parts) >= 10
    for number, part in enumerate(parts):
        rule = part if part.startswith("[") else f"[rule]\n{part}"
        body = rule.replace("[rule", "[clause.rule") if "[rule" in rule else rule
        text = head + (_CLAUSE.format(number=number) if "[rule" in rule else "") + body
        (tmp_path / "part.toml").write_text(text, encoding="utf-8")
        read_pack("part.toml", folder=tmp_path)


_CLAUSE = """
[[clause]]
id = "part_{number}"
row = 1
cite = "一"
title = "例"
title_en = "example"
text = ["例"]
kind = "F"
strength = "must"
"""


def test_both_languages_have_the_same_examples():
    english, chinese = (
        [re.sub(r" *#.*", "", block) for block in _blocks(page, "toml")] for page in PAGES
    )
    assert english == chinese
    assert _blocks(PAGES[0], "csv") == _blocks(PAGES[1], "csv")


def test_every_key_of_a_pack_is_documented():
    models = [
        *(model for model in vars(pack_file).values() if _is_model(model, pack_file)),
        *(model for model in vars(conditions).values() if _is_model(model, conditions)),
        *get_args(get_args(rules.Rule)[0]),
    ]
    keys = {field.alias or key for model in models for key, field in model.model_fields.items()}
    assert len(keys) > 60
    for page in PAGES:
        told = set(re.findall(r"`([a-z_]+)`", page.read_text(encoding="utf-8")))
        assert keys - told == set(), page.name


def _is_model(value, module):
    return (
        isinstance(value, type)
        and value.__module__ == module.__name__
        and hasattr(value, "model_fields")
    )
