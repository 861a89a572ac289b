"""Search finds units, facilities, gaps and candidates, and leads to them."""

import pytest

pytestmark = pytest.mark.browser


def _find(page, words):
    page.fill("#search-box", words)
    page.keyboard.press("Enter")


def test_search_finds_facilities_and_units(show, sample):
    page = show("full")
    facility = sample.facilities.iloc[3]
    page.fill("#search-box", facility["name"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup h3", has_text=facility["name"]).wait_for()
    assert facility["address"] in page.locator(".leaflet-popup").inner_text()
    town = sample.units[sample.units["level"] == "town"].iloc[2]
    _find(page, town["name"])
    page.locator(".leaflet-popup h3", has_text=town["name"]).wait_for()
    page.fill("#search-box", "没有这个名字")
    assert "没有找到" in page.locator("#search-hits").inner_text()


def test_a_gap_is_found_with_its_circle(show, sample):
    page = show("full")
    gap = sample.gaps[(sample.gaps["circle"] == "medical") & (sample.gaps["rank"] == 4)].iloc[0]
    page.fill("#search-box", f"{gap['unit_name']} · {gap['name']}")
    hits = page.locator("#search-hits [role=option]")
    hits.filter(has_text="医疗").first.dispatch_event("mousedown")
    page.locator(".leaflet-popup h3", has_text=gap["name"]).wait_for()
    assert page.locator('#circles input[value="medical"]').is_checked()
    assert page.locator('#gaps [aria-current="true"]').count() == 1


def test_a_candidate_is_found(show, sample):
    page = show("full")
    name = sample.candidates["name"].iloc[1]
    _find(page, name)
    page.locator(".leaflet-popup h3", has_text=name).wait_for()
