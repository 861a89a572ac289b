"""Candidates on trial: what the map shows is what a fresh run with the sites built finds."""

import dataclasses

import pandas as pd
import pytest
from stages import Stages

import care_map as cm
from care_map.outputs.map import write_map
from care_map.outputs.map.payload import map_payload
from care_map.what_if import MOST_CANDIDATES, what_if

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CIRCLE = "elder_care_15"


@pytest.fixture(scope="module")
def plan(demo_result):
    return cm.site(demo_result, circle=CIRCLE, add=3)


@pytest.fixture(scope="module")
def fresh(demo_result, plan):
    """Return the table of coverage of the same study, of one circle, with the sites built."""
    circles = tuple(one for one in demo_result.study.circles if one.id == CIRCLE)
    built = cm.with_sites(demo_result.study, plan).model_copy(update={"circles": circles})
    return Stages(built).coverage_by_unit


@pytest.fixture(scope="module")
def page_file(demo_result, tmp_path_factory):
    file = tmp_path_factory.mktemp("trial") / "map.html"
    write_map(demo_result, file)
    return file


def rows_of(table, profile, group="all", level="all"):
    keys = {"circle": CIRCLE, "profile": profile, "group": group, "setting": "all", "level": level}
    for name, value in keys.items():
        table = table[table[name] == value]
    return table.set_index("unit_id")


def tile(page, name):
    return int(page.locator(f'#figures [data-figure="{name}"] dd').inner_text().replace(",", ""))


def try_sites(page, demo_result, plan):
    ids = [site["id"] for site in map_payload(demo_result)["candidates"]]
    page.locator("#trial summary").click()
    for code in plan.sites["candidate_id"]:
        page.locator(f"#trial-{ids.index(code)}").check()


@pytest.mark.parametrize("profile", ["standard", "elder"])
def test_classes_add_up_to_a_fresh_run(demo_result, plan, fresh, profile):
    found = demo_result.what_if[CIRCLE, profile]
    built = {found.candidates.index(code) for code in plan.sites["candidate_id"]}
    classes = found.classes
    gained = classes[[bool(built & set(sites)) for sites in classes["sites"]]]
    for group in ("all", "living_alone", "aged_80"):
        mine = gained
        if group != "all":
            mine = gained[[group in words.split(";") for words in gained["groups"]]]
        before = rows_of(demo_result.coverage_by_unit, profile, group)["covered"].iloc[0]
        after = rows_of(fresh, profile, group)["covered"].iloc[0]
        assert mine["elders"].sum() == after - before
    before = rows_of(demo_result.coverage_by_unit, profile, level="community")["covered"]
    after = rows_of(fresh, profile, level="community")["covered"]
    more = (after - before).loc[lambda change: change != 0].astype(int)
    assert gained.groupby("unit_id")["elders"].sum().to_dict() == more.to_dict()


def test_the_page_shows_the_figures_of_a_fresh_run(show, demo_result, plan, fresh, page_file):
    page = show(page_file)
    now = tile(page, "covered")
    try_sites(page, demo_result, plan)
    whole = rows_of(fresh, "standard").iloc[0]
    assert now < tile(page, "covered") == whole["covered"] == plan.covered_after
    assert tile(page, "uncovered") == whole["uncovered"]
    assert tile(page, "undetermined") == whole["undetermined"]
    towns = rows_of(fresh, "standard", level="town")
    shown = {
        row.get_attribute("data-unit"): row.locator("td").nth(3).inner_text()
        for row in page.locator("#rows tr").all()
    }
    low = {code: f"{100 * rate:.1f}" for code, rate in towns["rate_low"].items()}
    assert {code: text.split("–")[0].rstrip("%") for code, text in shown.items()} == low
    page.select_option("#choice-profile", "elder")
    assert tile(page, "covered") == rows_of(fresh, "elder")["covered"].iloc[0]
    page.select_option("#choice-group", "living_alone")
    alone = rows_of(fresh, "elder", "living_alone")["covered"].iloc[0]
    assert tile(page, "covered") == alone
    page.locator("#trial-clear").click()
    page.select_option("#choice-profile", "standard")
    page.select_option("#choice-group", "all")
    assert tile(page, "covered") == now


def test_a_card_tries_its_candidate_and_a_link_keeps_it(show, plan, page_file):
    code = plan.sites["candidate_id"].iloc[0]
    page = show(page_file, link=f"#card=candidate:{code}")
    now = tile(page, "covered")
    page.locator("[data-try]").click()
    assert tile(page, "covered") == now + int(plan.sites["reaches"].iloc[0])
    assert page.locator("[data-try]").get_attribute("aria-pressed") == "true"
    page.wait_for_timeout(400)
    again = show(page_file, link=page.evaluate("window.location.hash"))
    assert tile(again, "covered") == now + int(plan.sites["reaches"].iloc[0])
    page.locator("[data-try]").click()
    assert tile(page, "covered") == now


def test_none_or_too_many_candidates_are_no_trial(demo_result):
    few = demo_result.candidates.iloc[:0]
    many = pd.concat([demo_result.candidates] * (MOST_CANDIDATES // 50))
    for candidates in (few, many):
        inputs = dataclasses.replace(demo_result, candidates=candidates)
        assert what_if(demo_result.study, inputs, None, demo_result.access) == {}
    shown = map_payload(dataclasses.replace(demo_result, candidates=many, what_if={}))
    assert shown["trial"] == {}
    assert any(str(len(many)) in note for note in shown["notes"])
    assert not any(str(MOST_CANDIDATES) in note for note in map_payload(demo_result)["notes"])
