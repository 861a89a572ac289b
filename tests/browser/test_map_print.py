"""The A3 sheet: what a printed map must carry, on one page, and back again."""

import re

import pytest
from browser.reading import painted

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_seen")]


@pytest.fixture(scope="module")
def shared_sheet(show_once):
    page = show_once("full")
    page.click("#print")
    return page


@pytest.fixture
def sheet(shared_sheet):
    """Return a page that shows the sheet; its scale and its words are left as they were."""
    return shared_sheet


def pages_of(document):
    """Return the sizes of a PDF's pages, in millimetres."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", document)
    return [tuple(round(float(side) / 72 * 25.4) for side in box) for box in boxes]


def pdf(page):
    return page.pdf(prefer_css_page_size=True, print_background=True)


def test_the_sheet_carries_what_a_map_must(sheet):
    text = sheet.locator("#sheet").inner_text()
    for wanted in (
        "示范区关爱地图",
        "15分钟养老服务圈",
        "步行 1.0 米/秒",
        "全体老年人",
        "合成示例道路",
        "CGCS2000",
        "Web 墨卡托",
        "2021-06-30",
        "虚构的示范区",
        "内部版",
        "覆盖率为区间",
        "审图号",
        "公里",
        "A3",
    ):
        assert wanted in text, wanted
    assert sheet.locator("#sheet .north").is_visible()
    assert sheet.locator("#sheet-approval").input_value() == ""
    assert sheet.locator("#sheet #legend .scale").is_visible()
    assert sheet.locator("#sheet #figures dd").count() >= 4
    assert sheet.locator("#sheet-gaps tr").count() >= 5
    assert pages_of(pdf(sheet)) == [(420, 297)]


def test_each_layer_of_the_sheet_is_one_canvas_and_tiles_come_back(show):
    page = show("full")
    panes = ["units", "areas", "roads", "water", "facilities"]
    before = [painted(page, pane) for pane in panes]
    page.click("#print")
    ground = page.evaluate("map_care.getSize()")
    for pane in panes:
        canvases = page.locator(f".leaflet-{pane}-pane canvas")
        assert canvases.count() == 1
        size = canvases.evaluate("one => [one.width, one.offsetWidth, one.offsetHeight]")
        assert size == [3 * ground["x"], ground["x"], ground["y"]]
    drawn = painted(page, "units")
    page.click("#sheet-larger")
    assert page.locator(".leaflet-units-pane canvas").count() == 1
    assert painted(page, "units") != drawn
    page.click("#sheet-back")
    assert [painted(page, pane) for pane in panes] == before


def test_a_page_that_is_printed_without_preview_is_the_sheet_too(show):
    page = show("full")
    assert pages_of(pdf(page)) == [(420, 297)]
    assert page.locator("#preview").is_hidden()
    assert page.locator("#ground #map_care").is_visible()


def test_empty_and_english_pages_print_on_one_page(show):
    for name in ("empty", "english"):
        page = show(name)
        page.click("#print")
        assert pages_of(pdf(page)) == [(420, 297)]


def test_scale_and_bar_are_those_of_the_ground(sheet):
    def scale():
        text = sheet.locator("#sheet-number").inner_text()
        return int(re.search(r": ([\d,]+)", text)[1].replace(",", ""))

    told = scale()
    bar = sheet.locator("#sheet-scale .bar-parts")
    length_mm = bar.evaluate("bar => bar.offsetWidth") / 96 * 25.4
    kilometres = float(sheet.locator("#sheet-scale .bar-marks span").last.inner_text().split()[0])
    assert kilometres * 1e6 / length_mm == pytest.approx(told, rel=0.02)
    # The ground between two points of the map, by Leaflet's own sphere.
    metres = sheet.evaluate(
        """() => { const y = map_care.getSize().y / 2;
            const [a, b] = [[100, y], [400, y]].map((p) => map_care.containerPointToLatLng(p));
            return map_care.distance(a, b); }"""
    )
    assert metres / (300 / 96 * 0.0254) == pytest.approx(told, rel=0.01)
    assert told % 500 == 0
    sheet.click("#sheet-larger")
    assert scale() < told
    sheet.click("#sheet-smaller")
    assert scale() == told


def test_the_way_back_leaves_everything_as_it_was(show):
    page = show("full")
    # What was there before; the map redraws where it was.
    state = """() => [map_care.getZoom(), map_care.getCenter().lat, map_care.getCenter().lng,
        document.querySelector("#figures").innerText, location.hash]"""
    before = page.evaluate(state)
    page.click("#print")
    assert page.locator("header.bar").is_hidden()
    page.keyboard.press("Escape")
    after = page.evaluate(state)
    assert after[0] == before[0]
    assert after[1:3] == pytest.approx(before[1:3], abs=1e-4)
    assert after[3:] == before[3:]
    assert page.locator("#ground #map_care").is_visible()
    assert page.evaluate("document.activeElement.id") == "print"


def test_choices_are_those_of_the_sheet(show):
    page = show("full")
    page.select_option("#choice-group", "aged_80")
    rate = page.locator('[data-figure="rate"] dd').inner_text()
    page.click("#print")
    assert page.locator('#sheet [data-figure="rate"] dd').inner_text() == rate
    title = page.locator("#choice-group option[value=aged_80]").text_content()
    assert title in page.locator("#sheet-subtitle").inner_text()
    page.fill("#sheet-approval", "渝S(2021)001号")
    assert page.locator("#sheet-approval").input_value() == "渝S(2021)001号"
