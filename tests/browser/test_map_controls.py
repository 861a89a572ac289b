"""Each control of the panel and the table changes numbers to those of the tables."""

import math

import pytest
from browser.reading import (
    colours_at,
    column,
    expected,
    figures,
    payload,
    pick_circle,
    rate,
    row_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_seen")]

CARE = ("elder_care_15", "standard")


@pytest.fixture(scope="module")
def shared_page(show_once):
    return show_once("full")


@pytest.fixture
def towns(shared_page):
    """Return a page that lists all elders' towns; level and group may be chosen anew."""
    shared_page.select_option("#choice-level", "town")
    shared_page.select_option("#choice-group", "all")
    return shared_page


def test_every_selector_changes_the_figures_to_those_of_the_table(show, sample):
    page = show("full")
    assert figures(page) == expected(sample, *CARE, "all")
    page.select_option("#choice-profile", "elder")
    assert figures(page) == expected(sample, "elder_care_15", "elder", "all")
    page.select_option("#choice-group", "aged_80")
    assert figures(page) == expected(sample, "elder_care_15", "elder", "aged_80")
    pick_circle(page, "medical")
    assert figures(page) == expected(sample, "medical", "standard", "aged_80")
    assert page.locator("#choice-profile").count() == 0


def test_a_choice_keeps_the_focus_on_its_control(show):
    page = show("full")
    page.locator("#choice-group").focus()
    page.select_option("#choice-group", "aged_80")
    assert page.evaluate("document.activeElement.id") == "choice-group"


def test_level_changes_the_table(show, sample):
    page = show("full")
    for level in ("town", "community"):
        page.select_option("#choice-level", level)
        count = int((sample.units["level"] == level).sum())
        assert page.locator("#rows tr").count() == count


@pytest.mark.parametrize("level", ["town", "community"])
@pytest.mark.parametrize("group", ["all", "living_alone"])
def test_units_have_the_colours_of_their_rates(towns, sample, level, group):
    page = towns
    page.select_option("#choice-level", level)
    page.select_option("#choice-group", group)
    table = sample.coverage_by_unit
    keys = ["circle", "profile", "group", "level", "setting"]
    rows = table[(table[keys] == [*CARE, group, level, "all"]).all(axis=1)]
    lows = dict(zip(rows["unit_id"], rows["rate_low"], strict=True))
    units = [unit for unit in payload(page)["units"] if unit["level"] == level]
    places = [(unit["point"][1] / 1e5, unit["point"][0] / 1e5) for unit in units]
    for unit, found in zip(units, colours_at(page, "units", places), strict=True):
        wanted = _colour(lows.get(unit["id"]))
        # A hatch is one of two greys, or between them.
        assert found == wanted if wanted else max(found) - min(found) < 14, unit["name"]


def test_a_rate_unlike_its_neighbour_s_ends_at_their_border(towns, sample):
    shapes = sample.units[sample.units["level"] == "town"].to_crs(4326).geometry
    within = [shape.buffer(-0.002).exterior.coords for shape in shapes]
    middle = [(shape.centroid.y, shape.centroid.x) for shape in shapes]
    for ring, colour in zip(within, colours_at(towns, "units", middle), strict=True):
        found = colours_at(towns, "units", [(lat, lon) for lon, lat in ring])
        assert all(one == colour for one in found)


def _colour(low):
    if low is None or math.isnan(low):
        return None
    classes = ((0.2, "#a9612a"), (0.4, "#e09a4a"), (0.6, "#fae3bf"), (0.75, "#c7d5eb"))
    blues = ((0.9, "#86a2d1"), (2.0, "#3f63a8"))
    code = next(colour for below, colour in (*classes, *blues) if low < below)
    return [int(code[at : at + 2], 16) for at in (1, 3, 5)]


def test_table_rows_are_the_rows_of_the_coverage_table(towns, sample):
    for unit in sample.units[sample.units["level"] == "town"].itertuples():
        wanted = expected(sample, *CARE, "all", unit.unit_id)
        cells = row_of(towns, unit.unit_id)
        assert cells["unit"] == unit.name
        for name, text in wanted.items():
            if name != "covered":
                assert cells[name] == text


def test_priority_elders_and_verdicts_stand_in_the_table(towns, sample):
    access = sample.access.merge(sample.demand[["demand_id", "groups"]], on="demand_id")
    mine = access[
        (access["circle"] == CARE[0])
        & (access["profile"] == CARE[1])
        & (access["groups"] != "")
        & (access["status"] == "uncovered")
    ]
    owed = mine.groupby(mine["unit_id"].str[:9])["elders"].sum()
    answers = sample.clause_evidence.set_index("unit_id")["answer"]
    words = {}
    for unit_id in sample.units.loc[sample.units["level"] == "town", "unit_id"]:
        cells = row_of(towns, unit_id)
        assert cells["priority"] == f"{owed.get(unit_id[:9], 0):,}"
        words.setdefault(answers[unit_id], set()).add(cells["verdict"])
    assert all(len(one) == 1 for one in words.values())
    assert len(set.union(*words.values())) == 3


def test_key_figures_are_those_of_their_tables(show, sample):
    page = show("full")
    page.select_option("#choice-level", "town")
    table = sample.coverage_by_unit
    towns = table[
        (table["circle"] == CARE[0])
        & (table["profile"] == CARE[1])
        & (table["group"] == "all")
        & (table["level"] == "town")
        & (table["setting"] == "all")
    ].sort_values("rate_low", kind="stable")
    extremes = page.locator('[data-key="extremes"]').inner_text()
    for end in (towns.iloc[0], towns.iloc[-1]):
        assert f"{end.unit_name} {rate(end.rate_low, end.rate_high)}" in extremes
    page.locator("#key-worst").click()
    assert page.locator(".leaflet-popup h3").inner_text().startswith(towns.iloc[0].unit_name)
    assert "0.37" in page.locator('[data-key="even"]').inner_text()
    assert "41.0–57.0%" in page.locator('[data-key="firm"]').inner_text()
    assert "1,559" in page.locator('[data-key="beds"]').inner_text()


def test_columns_sort_both_ways_and_say_so(show):
    page = show("full")
    assert page.locator("th.rate").get_attribute("aria-sort") == "ascending"
    page.locator("th.elders button").focus()
    for order, backwards in (("ascending", False), ("descending", True)):
        page.keyboard.press("Enter")
        numbers = [int(text.replace(",", "")) for text in column(page, "elders")]
        assert numbers == sorted(numbers, reverse=backwards)
        assert page.locator("th.elders").get_attribute("aria-sort") == order
    assert page.locator("th.rate").get_attribute("aria-sort") == "none"


def test_the_table_lists_the_units_of_one_town(show, sample):
    page = show("full")
    page.select_option("#choice-level", "community")
    town = sample.units[sample.units["level"] == "town"].iloc[3]
    page.select_option("#choice-town", town["unit_id"])
    mine = sample.units[sample.units["parent_id"] == town["unit_id"]]
    assert sorted(column(page, "unit")) == sorted(mine["name"])
    assert page.locator("#rows-count").inner_text() == f"{len(mine)} 个单元"
    page.select_option("#choice-level", "town")
    assert page.locator("#choice-town").count() == 0
    assert len(column(page, "unit")) == (sample.units["level"] == "town").sum()


def test_gaps_follow_the_circle(show, sample):
    page = show("full")
    for circle in ("medical", "elder_care_15"):
        pick_circle(page, circle)
        mine = sample.gaps[sample.gaps["circle"] == circle].sort_values("rank")
        assert page.locator("#gaps strong").count() == len(mine)
        assert mine["name"].iloc[0] in page.locator("#gaps strong").first.inner_text()
        assert page.locator(".gap-marker").count() == len(mine)


def test_the_table_is_folded_and_made_higher(show):
    page = show("full")
    height = page.locator("#map_care").bounding_box()["height"]
    page.locator("#fold").click()
    assert page.locator("#table-body").is_hidden()
    assert page.locator("#map_care").bounding_box()["height"] > height + 100
    page.locator("#fold").click()
    assert page.locator("#map_care").bounding_box()["height"] == pytest.approx(height, abs=2)
    page.locator("#split").focus()
    page.keyboard.press("ArrowUp")
    assert page.locator("#map_care").bounding_box()["height"] < height - 20
    bar = page.locator("#split").bounding_box()
    page.mouse.move(bar["x"] + 400, bar["y"] + 4)
    page.mouse.down()
    page.mouse.move(bar["x"] + 400, bar["y"] + 104)
    page.mouse.up()
    assert page.locator("#map_care").bounding_box()["height"] > height
