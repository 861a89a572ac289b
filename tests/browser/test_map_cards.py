"""Cards: what a click tells is the lattice's, and units, facilities and gaps tell their tables."""

import math

import numpy as np
import pytest
from browser.reading import click_at, expected, payload, pick_circle, row_of, switch, until

from care_map.lattice_times import NEAREST

pytestmark = pytest.mark.browser

LIMIT = {"elder_care_15": 15, "medical": 25}
CLICKS = 1000

READ_CLICKS = """(places) => places.map(([lon, lat]) => {
    map_care.fire("click", { latlng: L.latLng(lat, lon) });
    map_care._popup.options.autoPan = false;  // a thousand moves of the map tell nothing more
    const card = document.querySelector(".leaflet-popup .place");
    const texts = (path) => [...card.querySelectorAll(path)].map((node) => node.textContent);
    return {
        names: texts(".times button"),
        minutes: texts(".times span"),
        verdict: (card.querySelector(".verdict") || { className: "" }).className,
        words: card.textContent,
        row: [...document.querySelectorAll("#rows [aria-current]")].map((row) => row.dataset.unit),
    };
})"""


def test_a_thousand_clicks_tell_what_the_lattice_found(show, sample):
    page = show("full")
    for layer in ("care", "meal", "medical"):
        switch(page, f"facilities-{layer}", on=False)
    switch(page, "planned", on=False)
    page.evaluate("map_care.options.zoomAnimation = false")
    rng = np.random.default_rng(8)
    for number, circle in enumerate(("elder_care_15", "medical")):
        pick_circle(page, circle)
        places = _places(sample, rng, CLICKS // 2)
        told = page.evaluate(READ_CLICKS, places.tolist())
        answers = [_told(sample, number, circle, lon, lat) for lon, lat in places]
        wrong = [
            (place, one, answer)
            for place, one, answer in zip(places.tolist(), told, answers, strict=True)
            if (one["names"], one["minutes"], one["verdict"]) != answer[:3]
            or not all(text in one["words"] for text in answer[3])
        ]
        assert wrong == []
        seen = {answer[2].removeprefix("verdict ") for answer in answers}
        assert seen == {"inside", "outside", "undetermined", ""}


def _places(sample, rng, count):
    """Return places in the study, some of them just outside it."""
    west, south, east, north = sample.units.to_crs(4326).total_bounds
    low, high = (west - 0.01, south - 0.01), (east + 0.01, north + 0.01)
    return rng.uniform(low, high, size=(count, 2)).round(6)


def _told(sample, number, circle, lon, lat):
    """Return names, minutes, verdict and words of a place, read off the assessment."""
    found = _point_at(sample.lattice, lon, lat)
    if found is None:
        return [], [], "", ["不在评估范围内"]
    index, spacing_m = found
    part = sample.lattice.parts[number]
    names, minutes = [], []
    for place in range(NEAREST):
        row = part.facility[index, place]
        if row >= 0:
            names.append(sample.facilities["name"].iloc[row])
            minutes.append(f"{_tenths(part.minutes[index, place])} 分钟")
    words = [f"格距 {round(spacing_m)} 米"]
    if part.no_road[index]:
        return names, minutes, "verdict undetermined", [*words, "没有已知道路"]
    inside = part.minutes[index, 0] <= LIMIT[circle]
    return names, minutes, f"verdict {'inside' if inside else 'outside'}", words


def _tenths(minutes):
    hundredths = math.ceil(minutes * 100 - 1e-5)
    return f"{math.ceil(hundredths / 10 - 1e-9) / 10:.1f}".removesuffix(".0")


def _point_at(lattice, lon, lat):
    """Return the number and the spacing of the lattice point that answers for a place."""
    first = 0
    for grid in lattice.grids:
        cell = grid.cell_of(np.array([lon]), np.array([lat]))[0]
        at = np.flatnonzero(grid.cells == cell) if cell >= 0 else []
        if len(at):
            return first + int(at[0]), grid.spacing_m
        first += len(grid.cells)
    coarsest = lattice.grids[-1]
    return _beside(coarsest, first - len(coarsest.cells), lon, lat)


def _beside(grid, first, lon, lat):
    column, row = (
        math.floor(x) for x in ((lon - grid.lon0) / grid.dlon, (lat - grid.lat0) / grid.dlat)
    )
    rows, columns = np.divmod(grid.cells, grid.columns)
    near = np.flatnonzero((abs(rows - row) <= 1) & (abs(columns - column) <= 1))
    if not len(near):
        return None
    middles = np.column_stack(grid.middles())[near]
    metres = np.hypot((middles[:, 0] - lon) * math.cos(math.radians(lat)), middles[:, 1] - lat)
    return first + int(near[np.argmin(metres)]), grid.spacing_m


def test_a_click_tells_the_place_and_marks_its_unit(show, sample):
    page = show("full")
    page.select_option("#choice-level", "town")
    town = sample.units[sample.units["level"] == "town"].iloc[5]
    point = sample.units.to_crs(4326).geometry[town.name].representative_point()
    for group in ("care", "meal", "medical"):
        switch(page, f"facilities-{group}", on=False)
    switch(page, "planned", on=False)
    click_at(page, point.x, point.y)
    card = page.locator(".leaflet-popup .place")
    assert town["name"] in card.locator("h3").first.inner_text()
    assert (
        expected(sample, "elder_care_15", "standard", "all", town["unit_id"])["rate"]
        in card.inner_text()
    )
    assert page.locator("#rows [aria-current]").get_attribute("data-unit") == town["unit_id"]
    rates = row_of(page, town["unit_id"])
    page.select_option("#choice-group", "aged_80")
    assert row_of(page, town["unit_id"]) != rates
    assert row_of(page, town["unit_id"])["rate"] in card.inner_text()
    page.locator(".leaflet-popup-close-button").click()
    assert page.locator("#rows [aria-current]").count() == 0


def test_a_place_s_facility_leads_to_its_card(show, sample):
    page = show("full")
    town = sample.units[sample.units["level"] == "town"].to_crs(4326).geometry.iloc[1]
    page.evaluate(
        "([x, y]) => map_care.setView([y, x], 17, { animate: false })",
        list(town.centroid.coords[0]),
    )
    for group in ("care", "meal", "medical"):
        switch(page, f"facilities-{group}", on=False)
    switch(page, "planned", on=False)
    click_at(page, *town.centroid.coords[0])
    first = page.locator(".times button").first
    name = first.inner_text()
    first.click()
    assert page.locator(".leaflet-popup h3").inner_text().startswith(name)


def test_facility_on_the_map_opens_its_full_card(show, sample):
    page = show("full")
    rows = sample.facilities[sample.facilities.geometry.notna()].to_crs(4326)
    counts = rows["roles"].isin(["town_centre", "community_station"])
    placed = rows[counts & (rows["operating_date"] != "")].iloc[0]
    point = [placed.geometry.y, placed.geometry.x]
    page.evaluate(f"map_care.setView({point}, 17, {{animate: false}})")
    place = page.evaluate(f"map_care.latLngToContainerPoint({point})")
    box = page.locator("#map_care").bounding_box()
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    card = page.locator(".leaflet-popup .place").inner_text()
    load = sample.facility_load
    mine = load[(load["facility_id"] == placed["facility_id"]) & (load["profile"] == "standard")]
    wanted = [placed["name"], placed["address"], placed["operating_date"], placed["accepted_date"]]
    wanted.append(f"{mine.loc[mine['circle'] == 'elder_care_15', 'elders_nearest'].iloc[0]} 名")
    assert [text for text in wanted if text not in card] == []


def test_gap_leads_to_its_place_and_tells_its_proof(show, sample):
    page = show("full")
    page.locator("#gaps button").nth(1).click()
    gap = sample.gaps[(sample.gaps["circle"] == "elder_care_15") & (sample.gaps["rank"] == 2)].iloc[
        0
    ]
    until(page, "map_care.getZoom() >= 14")
    page.wait_for_timeout(600)
    centre = page.evaluate("map_care.getCenter()")
    assert centre["lat"] == pytest.approx(gap["lat"], abs=0.01)
    assert centre["lng"] == pytest.approx(gap["lon"], abs=0.01)
    card = page.locator(".leaflet-popup .place")
    assert gap["name"] in card.locator("h3").inner_text()
    best = card.locator(".tests tbody tr").first
    assert "suffices" in best.get_attribute("class")
    assert f"{gap['elders'] - 5}/{gap['elders']}" in best.inner_text()
    assert "9.5" in best.inner_text()
    assert "93%" in card.inner_text()
    assert page.locator('#gaps [aria-current="true"]').count() == 1


def test_row_leads_to_its_unit_by_keyboard(show):
    page = show("full")
    before = page.evaluate("map_care.getZoom()")
    name = page.locator("#rows button").nth(2)
    title = name.inner_text()
    name.focus()
    page.keyboard.press("Enter")
    until(page, f"map_care.getZoom() > {before}")
    assert page.locator(".leaflet-popup h3").inner_text().startswith(title)
    assert page.locator('#rows [aria-current="true"] button').inner_text() == title


def test_without_roads_a_click_gives_no_minutes(show):
    page = show("empty")
    click_at(page, 108.0, 30.8)
    card = page.locator(".leaflet-popup .place").inner_text()
    assert "没有路网" in card
    assert payload(page)["lattice"] is None
