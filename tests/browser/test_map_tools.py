"""Measuring, links to what is shown, and tiles where a study asks for them."""

import dataclasses
import re

import pytest
from browser.reading import until
from pyproj import Geod

from care_map.outputs.map import write_map
from care_map.study_file import MapSettings

pytestmark = pytest.mark.browser

GEOD = Geod(ellps="WGS84")
STATE = """() => ({
    circle: document.querySelector("#circles :checked").value,
    profile: document.querySelector("#choice-profile")?.value,
    group: document.querySelector("#choice-group")?.value,
    level: document.querySelector("#choice-level")?.value,
    layers: [...document.querySelectorAll("#layers input")]
        .map((box) => [box.dataset.layer, box.checked]),
    card: document.querySelector(".leaflet-popup h3")?.textContent,
    view: [map_care.getZoom(), map_care.getCenter().lat, map_care.getCenter().lng],
})"""


def on_map(page, part):
    """Return a place on the map, a part of its width and height from its corner."""
    box = page.locator("#map_care").bounding_box()
    return box["x"] + box["width"] * part[0], box["y"] + box["height"] * part[1]


def ground_of(page, part):
    at = page.evaluate(
        """([x, y]) => { const size = map_care.getSize();
            return map_care.containerPointToLatLng([size.x * x, size.y * y]); }""",
        list(part),
    )
    return at["lng"], at["lat"]


def metres_of(text):
    number, unit = re.match(r"([\d.]+) (公里|米)", text).groups()
    return float(number) * (1000 if unit == "公里" else 1)


def test_measured_lines_are_those_of_the_ellipsoid(show):
    page = show("full")
    page.click("#tool-measure")
    parts = [(0.42, 0.3), (0.55, 0.5), (0.7, 0.35)]
    for part in parts:
        page.mouse.click(*on_map(page, part))
    # A click falls on a whole pixel, some thirty metres of ground.
    told = page.locator("#measure output").inner_text()
    ground = [ground_of(page, part) for part in parts]
    lons, lats = zip(*ground, strict=True)
    assert metres_of(told) == pytest.approx(GEOD.line_length(lons, lats), rel=1e-2)
    assert "2 段" in told
    assert "不是步行或乘车时间" in page.locator("#measure").inner_text()
    assert page.locator(".leaflet-popup").count() == 0
    page.keyboard.press("Backspace")
    shorter = GEOD.line_length(lons[:2], lats[:2])
    assert metres_of(page.locator("#measure output").inner_text()) == pytest.approx(
        shorter, rel=1e-2
    )
    page.keyboard.press("Escape")
    assert page.locator("#measure").is_hidden()
    page.mouse.click(*on_map(page, (0.5, 0.5)))
    assert page.locator(".leaflet-popup").count() == 1


def test_measuring_by_keyboard_alone(show):
    page = show("full")
    page.locator("#tool-measure").focus()
    page.keyboard.press("Enter")
    page.locator("#map_care").focus()
    page.keyboard.press("Enter")
    start = ground_of(page, (0.5, 0.5))
    page.evaluate("map_care.panBy([200, 0], {animate: false})")
    page.keyboard.press("Enter")
    end = ground_of(page, (0.5, 0.5))
    told = page.locator("#measure output").inner_text()
    assert metres_of(told) == pytest.approx(GEOD.inv(*start, *end)[2], rel=5e-3)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "tool-measure"


def test_a_link_restores_what_was_shown(show):
    page = show("full")
    page.select_option("#choice-profile", "elder")
    page.select_option("#choice-group", "aged_80")
    page.select_option("#choice-level", "town")
    page.click("#tool-layers")
    page.locator('#layers input[data-layer="roads"]').uncheck()
    page.locator("#rows tr button").nth(1).click()
    page.wait_for_timeout(900)
    wanted, link = page.evaluate(STATE), page.evaluate("location.hash")
    assert len(link) < 1000
    other = show("full", link=link)
    other.wait_for_timeout(300)
    found = other.evaluate(STATE)
    assert found["view"] == pytest.approx(wanted["view"], abs=2e-4)
    assert {**found, "view": 0} == {**wanted, "view": 0}
    assert other.evaluate("location.hash") == link


def test_a_link_that_is_put_into_an_open_page_is_followed(show):
    page = show("full")
    page.evaluate("location.hash = '#circle=medical&group=living_alone'")
    until(page, "document.querySelector('#circles :checked').value === 'medical'")
    assert page.locator("#choice-group").input_value() == "living_alone"


BAD_LINKS = (
    "#circle=%3Cscript%3Ewindow.ran=1%3C/script%3E&profile=__proto__&group=constructor",
    "#circle=medical%00&level=../../x&town=%27%3Balert(1)&card=facility:%3Cimg src=x%3E",
    "#card=__proto__:x&view=NaN,Infinity,1e9&quarter=-1",
    "#card=constructor:name&view=91,200,3&quarter=1.5",
    "#card=at:1e99,0&view=,,",
    "#" + "a" * 70_000,
    "#%E0%A4%A",
    "#=&&==&view",
)


def test_links_that_mean_nothing_are_ignored(show):
    page = show("full")
    before, file = page.evaluate(STATE), page.url.partition("#")[0]
    for link in BAD_LINKS:
        page.goto("about:blank")
        page.goto(file + link)
        assert page.evaluate(STATE) == before, link
        assert page.evaluate("window.ran") is None


def test_layers_of_a_link_that_are_unknown_are_none(show):
    page = show("full", link="#layers=__proto__.roads.constructor")
    boxes = dict(page.evaluate(STATE)["layers"])
    assert [name for name, on in boxes.items() if on] == ["roads"]


def test_the_link_is_copied_from_a_file(show):
    page = show("full")
    page.select_option("#choice-group", "aged_80")
    page.click("#copy-link")
    until(page, "document.querySelector('#announcer').textContent.includes('已复制')")
    page.focus("#search-box")
    page.keyboard.press("Control+V")
    pasted = page.locator("#search-box").input_value()
    assert pasted == page.url
    assert "group=aged_80" in pasted


def test_tiles_come_from_the_one_host_that_the_study_names(browser, sample, tmp_path):
    hostile = "<img src=x onerror=window.ran=1>"
    settings = MapSettings(
        tiles="https://tiles.example.org/{z}/{x}/{y}.png", datum="wgs84", attribution=hostile
    )
    study = sample.study.model_copy(update={"map": settings})
    write_map(dataclasses.replace(sample, study=study), tmp_path / "tiles.html")
    context = browser.new_context(viewport={"width": 900, "height": 700})
    page = context.new_page()
    asked, refused = [], []
    context.route("http*://**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page.on("console", lambda message: refused.append(message.text))
    page.goto((tmp_path / "tiles.html").as_uri())
    page.wait_for_timeout(400)
    assert asked
    assert all(re.fullmatch(r"https://tiles\.example\.org/\d+/\d+/\d+\.png", url) for url in asked)
    assert hostile in page.locator(".leaflet-control-attribution").inner_text()
    assert page.evaluate("window.ran") is None
    asked.clear()
    page.evaluate(
        """() => { new Image().src = "https://tile.openstreetmap.org/1/1/1.png";
            new Image().src = "http://tiles.example.org/1/1/1.png";
            fetch("https://tiles.example.org/x").catch(() => 0); }"""
    )
    page.wait_for_timeout(200)
    assert asked == []
    assert sum("Content Security Policy" in text for text in refused) >= 3
    context.close()
