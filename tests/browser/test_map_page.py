"""The page as a whole: it opens, fits its window, says what it is and what it lacks."""

import re

import pytest
from browser.conftest import SIZES

pytestmark = pytest.mark.browser

HAN = re.compile("[\u3400-\u9fff]")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["full", "empty", "english"])
def test_page_opens_and_fits_its_window(show, name, size):
    page = show(name, size)
    assert page.locator("header h1").inner_text() == "示范区关爱地图"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if size != "phone":
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")


@pytest.mark.parametrize("size", ["office", "laptop"])
def test_the_study_fills_the_map_and_nothing_lies_over_it(show, size):
    page = show("full", size)
    border = page.evaluate(
        """() => {
            let box = null;
            map_care.eachLayer((layer) => {
                if (layer.options.pane === "border" && layer.getLatLngs) box = layer.getBounds();
            });
            const [low, high] = [box.getSouthWest(), box.getNorthEast()].map((corner) =>
                map_care.latLngToContainerPoint(corner));
            const { x, y } = map_care.getSize();
            return { left: low.x, right: high.x, top: high.y, bottom: low.y, width: x, height: y };
        }"""
    )
    assert border["left"] >= 0
    assert border["right"] <= border["width"]
    wide = (border["right"] - border["left"]) / border["width"]
    high = (border["bottom"] - border["top"]) / border["height"]
    assert max(wide, high) > 0.85
    parts = [".card", "#tools", ".leaflet-control-scale", "#quarters", ".table", ".side", "footer"]
    boxes = [page.locator(part).bounding_box() for part in parts]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert not _meet(one, other)


def _meet(one, other):
    apart = (
        one["x"] + one["width"] <= other["x"] + 0.5
        or other["x"] + other["width"] <= one["x"] + 0.5
        or one["y"] + one["height"] <= other["y"] + 0.5
        or other["y"] + other["height"] <= one["y"] + 0.5
    )
    return not apart


def test_labels_source_and_approval_number_are_printed(show):
    page = show("full")
    assert "合成示例数据" in page.locator(".tag.warn").inner_text()
    footer = page.locator("footer")
    for text in ("虚构的示范区", "合成示例道路", "CGCS2000", "2021-06-30", "（待填）"):
        assert text in footer.inner_text()
    assert "覆盖率为区间" not in footer.inner_text()
    page.locator("#assumptions summary").click()
    assert "覆盖率为区间" in footer.inner_text()


def test_english_page_has_no_chinese_but_names_of_data(show):
    page = show("english")
    assert "Coverage" in page.locator('[data-figure="rate"]').inner_text()
    page.locator("#gaps button").first.click()
    page.locator(".leaflet-popup h3").wait_for()
    page.locator("#tool-layers").click()
    names = set(page.evaluate(_NAMES))
    lines = page.locator("main").inner_text().splitlines()
    titles = page.locator("main [title]").evaluate_all("(all) => all.map((one) => one.title)")
    for text in [*lines, *titles]:
        rest = text
        for name in sorted(names, key=len, reverse=True):
            rest = rest.replace(name, "")
        assert not HAN.search(rest), text


_NAMES = """() => {
    const data = JSON.parse(document.getElementById("payload").textContent);
    const things = [...data.units, ...data.gaps, ...data.facilities, ...data.candidates];
    const clauses = data.units.flatMap((unit) => unit.clauses || []);
    return [...things.map((one) => one.name), ...clauses.flatMap((one) => [one.title, one.cite])]
        .filter(Boolean);
}"""


def test_empty_assessment_says_what_is_missing(show):
    page = show("empty")
    assert page.locator("#legend .missing li").count() >= 5
    assert page.locator("#rows-none").is_visible()
    assert page.locator("#quarters").is_hidden()


_VIEW = """() => {
    const { lat, lng } = map_care.getCenter();
    return [lat, lng, map_care.getZoom()];
}"""


@pytest.mark.parametrize("size", SIZES)
def test_the_page_opens_on_one_view(show, size):
    """At its first moment, when all has settled, and when the whole is asked for anew."""
    first = f"() => {{ window.first = ({_VIEW})(); }}"
    page = show("english", size, script=f"document.addEventListener('DOMContentLoaded', {first});")
    page.wait_for_timeout(300)
    settled = page.evaluate(_VIEW)
    assert page.evaluate("window.first") == settled
    page.evaluate("map_care.setZoom(map_care.getZoom() + 1.3, { animate: false })")
    page.evaluate("map_care.panBy([37, -23], { animate: false })")
    page.click("#tool-whole")
    assert page.evaluate(_VIEW) == settled


def test_a_gap_under_a_larger_one_is_a_dot(show):
    page = show("full", link="#view=30.805,108.3075,8")
    numbered = page.locator(".gap-marker:not(.small)")
    boxes = [one.bounding_box() for one in numbered.all()]
    for at, one in enumerate(boxes):
        for other in boxes[:at]:
            assert max(abs(one["x"] - other["x"]), abs(one["y"] - other["y"])) > 18
    dots = page.locator(".gap-marker.small")
    assert dots.count() > 0
    assert numbered.first.inner_text() == "1"
    # Close by there is room for every number.
    page.evaluate("map_care.setZoom(19, { animate: false })")
    assert dots.count() == 0
