"""Layers and the slider: each switch changes what is painted, each quarter what is counted."""

import pytest
from browser.reading import figures, painted, payload, pick_circle, switch, until

pytestmark = pytest.mark.browser

PANES = {
    "units": "units",
    "areas": "areas",
    "cells": "cells",
    "roads": "roads",
    "water": "water",
    "planned": "facilities",
    "candidates": "facilities",
    "facilities-care": "facilities",
    "facilities-medical": "facilities",
    "facilities-meal": "facilities",
}


def test_each_layer_s_switch_changes_its_pane(show):
    page = show("full")
    for layer, pane in PANES.items():
        was_on = page.locator(f'#layers input[data-layer="{layer}"]').is_checked()
        before = painted(page, pane)
        switch(page, layer, on=not was_on)
        assert painted(page, pane) != before, layer
        switch(page, layer, on=was_on)
        assert painted(page, pane) == before, layer


@pytest.mark.parametrize("size", ["office", "laptop"])
def test_tiles_are_neither_stretched_nor_between_pixels(show, size):
    page = show("full", size)
    ground = page.locator(".folium-map").bounding_box()
    assert ground["x"] == int(ground["x"])
    assert ground["y"] == int(ground["y"])
    for zoom in (10.7, 12.3, 13):
        page.evaluate(f"map_care.setZoom({zoom}, {{animate: false}})")
        assert page.evaluate(_STRETCHED) == []
    page.click("#tool-in")
    until(page, "map_care.getZoom() === 14 && !map_care._animatingZoom")
    # Tiles of the zoom before go when those of this one are there.
    until(page, f"{_STRETCHED}.length === 0")


# A browser without a graphics card takes long to move what it must also stretch.
_STRETCHED = """[...document.querySelectorAll(".leaflet-tile-container canvas")]
    .map((tile) => [tile.width, tile.getBoundingClientRect().width])
    .filter(([painted, shown]) => painted && painted !== shown)"""


def test_units_names_and_gaps_go_and_come_with_their_legend(show):
    page = show("full")
    drawn = {"units": ".leaflet-units-pane canvas", "names": ".unit-name", "gaps": ".gap-marker"}
    for layer, things in drawn.items():
        assert page.locator(things).count() > 0
        switch(page, layer, on=False)
        assert page.locator(things).count() == 0
    assert page.locator("#legend .scale, #legend .gap-key").count() == 0
    for layer in drawn:
        switch(page, layer, on=True)
    assert page.locator("#legend .scale").count() == 1
    assert page.locator("#legend .gap-key").count() == 1


def test_every_layer_is_named_and_explained(show):
    page = show("full")
    page.locator("#tool-layers").click()
    for label in page.locator("#layers label").all():
        assert label.inner_text().strip()
        assert label.get_attribute("title")
    page.keyboard.press("Escape")
    assert page.locator("#layers").is_hidden()
    assert page.evaluate("document.activeElement.id") == "tool-layers"


def test_service_areas_follow_circle_and_profile(show):
    page = show("full")
    care = painted(page, "areas")
    assert "15 分钟" in page.locator("#legend .area-key").locator("..").inner_text()
    page.select_option("#choice-profile", "elder")
    slow = painted(page, "areas")
    pick_circle(page, "medical")
    assert len({care, slow, painted(page, "areas")}) == 3
    assert "25 分钟" in page.locator("#legend .area-key").locator("..").inner_text()


def test_a_candidate_s_card_is_what_its_list_says(show, sample):
    page = show("full")
    row = sample.candidates.to_crs(4326).iloc[2]
    place = [row.geometry.y, row.geometry.x]
    page.evaluate(f"map_care.setView({place}, 17, {{animate: false}})")
    page.evaluate(f"map_care.fire('click', {{ latlng: L.latLng({place}) }})")
    assert row["name"] not in page.locator(".leaflet-popup h3").first.inner_text()
    switch(page, "candidates", on=True)
    page.evaluate(f"map_care.fire('click', {{ latlng: L.latLng({place}) }})")
    card = page.locator(".leaflet-popup .place")
    assert card.locator("h3").inner_text().startswith(row["name"])
    for text in (row["address"], "260", "900,000"):
        assert text in card.inner_text()


def test_the_slider_counts_facilities_and_tasks_of_its_quarter(show, sample):
    page = show("full")
    quarters = payload(page)["quarters"]
    before = figures(page)
    signs = set()
    dated = [at for at, quarter in enumerate(quarters) if quarter["sum"]]
    for number in (dated[0], dated[4], dated[-1]):
        quarter = quarters[number]
        _slide(page, number)
        words = page.locator("#quarter-words").inner_text()
        assert quarter["title"] in words
        assert f"运营 {quarter['stages'].get('operating', 0)} 处" in words
        done = sample.ledger_series[sample.ledger_series["quarter"] == quarter["id"]]
        sums = done[["accepted", "due"]].sum()
        assert f"验收 {sums['accepted']} / 应建 {sums['due']}" in words
        if not quarter["current"]:
            assert "2021-06-30" in page.locator("#quarter-note").inner_text()
        assert figures(page) == before
        signs.add(painted(page, "facilities"))
    assert len(signs) == 3
    _slide(page, 0)
    page.locator("#quarter-now").click()
    assert page.locator("#quarter-words b").inner_text() == "2021年二季度"


def test_a_quarter_s_operating_facilities_are_those_of_their_dates(show, sample):
    page = show("full")
    data = payload(page)
    table = sample.facilities
    dated = table[(table["operating_date"] != "") | (table["accepted_date"] != "")]
    for quarter in data["quarters"]:
        if quarter["future"] or quarter["current"]:
            continue
        open_then = (dated["operating_date"] != "") & (dated["operating_date"] <= quarter["day"])
        assert quarter["stages"].get("operating", 0) == int(open_then.sum())


def _slide(page, number):
    page.locator("#quarter").evaluate(
        "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }", number
    )
