"""The documents agree with the code: generated tables, keys, names, commands and links."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

import care_map
from care_map import study_file
from care_map.cli.app import build_app
from care_map.config import DEFAULT_CIRCLES
from care_map.values import CircleRule

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
README = [ROOT / "README.md", ROOT / "README.zh.md"]


@pytest.fixture(scope="module")
def build_tables():
    spec = importlib.util.spec_from_file_location("build_tables", ROOT / "docs/build_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(page):
    return page.read_text(encoding="utf-8")


def code_blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)


def shell_commands(page):
    blocks = "".join(code_blocks(page, "sh") + code_blocks(page, "bat"))
    return re.findall(r"^(?:care-map|make) .*", blocks, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_generated_tables_are_up_to_date(build_tables, page):
    """`python docs/build_tables.py` renews them."""
    assert build_tables.fill(text_of(page)) == text_of(page)


def test_every_generated_table_is_used(build_tables):
    used = set().union(*(re.findall(r"<!-- begin ([\w-]+) -->", text_of(page)) for page in PAGES))
    assert used == set(build_tables.BLOCKS)


def test_a_changed_table_is_noticed(build_tables):
    text = "before\n<!-- begin stages -->\n| stale |\n<!-- end stages -->\nafter\n"
    filled = build_tables.fill(text)
    assert "stale" not in filled
    assert "`operating`" in filled
    assert filled.startswith("before\n")
    assert filled.endswith("-->\nafter\n")


def test_osm_tags_name_the_types_of_the_code(build_tables):
    listed = set(re.findall(r"`(\w+)` \|$", build_tables.BLOCKS["osm-tags"](), re.MULTILINE))
    assert listed == {kind for kind, _ in build_tables.osm_facilities.TYPE_BY_TAGS}


def test_every_key_of_the_study_file_is_documented():
    page = text_of(ROOT / "docs/study-file.md")
    models = [
        model
        for model in vars(study_file).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
    ]
    keys = {key for model in models for key in model.model_fields}
    assert len(keys) > 30
    told = set(re.findall(r"`(\w+)`", page)) | set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert keys - told == set()


def test_examples_of_the_study_file_are_valid(tmp_path):
    blocks = code_blocks(ROOT / "docs/study-file.md", "toml")
    circles = study_file.StudyFile.model_validate(tomllib.loads(f'study.name = "a"\n{blocks[0]}'))
    assert tuple(table.circle() for table in circles.circle) == DEFAULT_CIRCLES
    (tmp_path / "study.toml").write_text(blocks[1], encoding="utf-8")
    for path in re.findall(r'path = "(.*)"', blocks[1]):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    study = care_map.read_study(tmp_path)
    assert study.circles[1].rules == {"rural": CircleRule("rural_drive", 25)}


@pytest.mark.parametrize("page", README, ids=lambda page: page.name)
def test_studies_of_the_readme_are_valid(page, tmp_path):
    for block in code_blocks(page, "toml"):
        (tmp_path / "study.toml").write_text(block, encoding="utf-8")
        for path in re.findall(r'path = "(.*)"', block):
            (tmp_path / path).touch()
        assert care_map.read_study(tmp_path).circles


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_and_commands_exist(page):
    names = set(re.findall(r"\bcm\.(\w+)\(", text_of(page)))
    assert names <= set(care_map.__all__)
    app = build_app()
    commands = [part.name for part in (*app.registered_commands, *app.registered_groups)]
    words = {line.split()[1] for line in shell_commands(page) if line.startswith("care-map")}
    assert words <= {*commands, "--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\(((?!https?:)[^)#\s]*)(?:#([^)]*))?\)", text_of(page)):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.*)$", text_of(file), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor in slugs, anchor


def test_both_readmes_have_the_same_commands_and_code():
    english, chinese = README
    assert shell_commands(english) == shell_commands(chinese)
    assert code_blocks(english, "toml") == code_blocks(chinese, "toml")
    code = [re.sub(r" +#.*", "", code_blocks(page, "python")[0]) for page in README]
    assert code[0] == code[1]
