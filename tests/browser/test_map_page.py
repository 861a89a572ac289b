"""The page in a real browser: nothing is asked for, nothing fails, every control does its work."""

import re
from pathlib import Path

import pytest
from conftest import missing
from outputs.map_sample import empty_sample, map_sample, with_names

from care_map.outputs.map import write_map

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
SIZES = {"office": (1440, 900), "laptop": (1366, 768), "phone": (390, 844)}

HOSTILE = [
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    '"><img src=x onerror=window.ran=1>',
    "'><img src=x onerror=window.ran=1>",
    "' onmouseover='window.ran=1",
    '" autofocus onfocus="window.ran=1',
    "${window.ran=1}",
    "`${window.ran=1}`",
    "{{7*7}}",
    "{% raw %}{{ this }}",
    "{low} {n} {}",
    "{# comment #}",
    "<!-- <script>",
    "]]><b>bold</b>",
    "<a href='javascript:window.ran=1'>x</a>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "&lt;b&gt; &amp; &#x27;",
    "\u2028window.ran=1\u2029",
    "\\u003cscript\\u003e\\",
    "*/window.ran=1/*",
    "=HYPERLINK(1)",
    "\u202e<b>bold</b>",
]


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.is_file():
        missing(str(CHROMIUM))
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def sample():
    return map_sample(towns=10, elders=1200, roads=150)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sample):
    folder = tmp_path_factory.mktemp("pages")
    write_map(sample, folder / "full.html")
    write_map(empty_sample(), folder / "empty.html")
    write_map(with_names(sample, HOSTILE), folder / "hostile.html")
    write_map(map_sample(towns=4, elders=100, roads=5, language="en"), folder / "english.html")
    return folder


@pytest.fixture
def show(browser, folder):
    """Open a page of `folder`; at the end, no error and no request may have been seen."""
    seen, contexts = [], []

    def open_page(name, size="office"):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, has_touch=size == "phone"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda request: _note_request(request.url, seen))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert seen == []


def _note_request(url, seen):
    if not url.startswith(("file:", "data:")):
        seen.append(url)


def figures(page):
    names = ("rate", "covered", "uncovered", "undetermined")
    return {name: page.locator(f'[data-figure="{name}"] dd').inner_text() for name in names}


def expected(sample, circle, profile, group, unit_id="all"):
    table = sample.coverage_by_unit
    keys = ["circle", "profile", "group", "setting", "unit_id"]
    row = table[(table[keys] == [circle, profile, group, "all", unit_id]).all(axis=1)].iloc[0]
    low, high = f"{row.rate_low * 100:.1f}", f"{row.rate_high * 100:.1f}"
    counts = {name: f"{row[name]:,}" for name in ("covered", "uncovered", "undetermined")}
    return {"rate": f"{low}%" if low == high else f"{low}–{high}%", **counts}


def row_texts(page, column):
    return page.locator(f"#rows tr > :nth-child({column})").all_inner_texts()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["full", "empty", "english"])
def test_page_opens_and_fits_its_window(show, name, size):
    page = show(name, size)
    assert page.locator("header h1").inner_text() == "示范区关爱地图"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if size != "phone":
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")


def test_every_selector_changes_the_figures_to_those_of_the_table(show, sample):
    page = show("full")
    assert figures(page) == expected(sample, "elder_care_15", "standard", "all")
    page.select_option("#choice-profile", "elder")
    assert figures(page) == expected(sample, "elder_care_15", "elder", "all")
    page.select_option("#choice-group", "aged_80")
    assert figures(page) == expected(sample, "elder_care_15", "elder", "aged_80")
    page.locator('#circles input[value="medical"]').check(force=True)
    assert figures(page) == expected(sample, "medical", "standard", "aged_80")
    assert page.locator("#choice-profile").count() == 0


def test_level_changes_map_and_table(show, sample):
    page = show("full")
    for level in ("town", "community"):
        page.select_option("#choice-level", level)
        count = int((sample.units["level"] == level).sum())
        assert page.locator("#rows tr").count() == count
        assert page.locator(".leaflet-units-pane path").count() == count


def test_table_rows_are_the_rows_of_the_coverage_table(show, sample):
    page = show("full")
    page.select_option("#choice-level", "town")
    for unit in sample.units[sample.units["level"] == "town"].itertuples():
        wanted = expected(sample, "elder_care_15", "standard", "all", unit.unit_id)
        cells = page.locator(f'#rows tr[data-unit="{unit.unit_id}"] > *').all_inner_texts()
        assert cells[0] == unit.name
        assert [cells[4], cells[7], cells[8]] == [
            wanted["rate"],
            wanted["uncovered"],
            wanted["undetermined"],
        ]


def test_columns_sort_both_ways_and_say_so(show):
    page = show("full")
    assert page.locator("th.rate").get_attribute("aria-sort") == "ascending"
    button = page.locator("th.elders button")
    button.focus()
    page.keyboard.press("Enter")
    numbers = [int(text.replace(",", "")) for text in row_texts(page, 3)]
    assert numbers == sorted(numbers)
    assert page.locator("th.elders").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    numbers = [int(text.replace(",", "")) for text in row_texts(page, 3)]
    assert numbers == sorted(numbers, reverse=True)
    assert page.locator("th.elders").get_attribute("aria-sort") == "descending"
    assert page.locator("th.rate").get_attribute("aria-sort") == "none"


def zoom(page):
    return page.evaluate("map_care.getZoom()")


def test_row_leads_to_its_unit_by_keyboard(show):
    page = show("full")
    before = zoom(page)
    name = page.locator("#rows button").nth(2)
    title = name.inner_text()
    name.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"map_care.getZoom() > {before}")
    assert page.locator(".leaflet-popup h3").inner_text().startswith(title)
    assert page.locator('#rows [aria-current="true"] button').inner_text() == title


def test_unit_on_the_map_leads_to_its_row(show):
    page = show("full")
    page.evaluate(
        """map_care.eachLayer((layer) => {
            if (window.done || !layer.getLatLngs || layer.options.pane !== "units") return;
            window.done = true;
            layer.fire("click", { latlng: layer.getCenter() }, true);
        })"""
    )
    assert page.locator('#rows [aria-current="true"]').count() == 1
    assert page.locator(".leaflet-popup dl").count() == 1


def test_gap_leads_to_its_place(show, sample):
    page = show("full")
    page.locator("#gaps button").nth(1).click()
    gap = sample.gaps[(sample.gaps["circle"] == "elder_care_15") & (sample.gaps["rank"] == 2)]
    page.wait_for_function("map_care.getZoom() >= 15")
    page.wait_for_timeout(600)
    centre = page.evaluate("map_care.getCenter()")
    assert centre["lat"] == pytest.approx(gap["lat"].iloc[0], abs=0.01)
    assert centre["lng"] == pytest.approx(gap["lon"].iloc[0], abs=0.01)
    assert gap["name"].iloc[0] in page.locator(".leaflet-popup h3").inner_text()


def test_gaps_follow_the_circle(show, sample):
    page = show("full")
    for circle in ("medical", "elder_care_15"):
        page.locator(f'#circles input[value="{circle}"]').check(force=True)
        mine = sample.gaps[sample.gaps["circle"] == circle].sort_values("rank")
        assert page.locator("#gaps strong").count() == len(mine)
        assert mine["name"].iloc[0] in page.locator("#gaps strong").first.inner_text()
        assert page.locator(".gap-marker").count() == len(mine)


def test_search_finds_facilities_and_units(show, sample):
    page = show("full")
    facility = sample.facilities.iloc[3]
    page.fill("#search-box", facility["name"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup h3", has_text=facility["name"]).wait_for()
    assert facility["address"] in page.locator(".leaflet-popup").inner_text()
    town = sample.units[sample.units["level"] == "town"].iloc[2]
    page.fill("#search-box", town["name"])
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup h3", has_text=town["name"]).wait_for()
    page.fill("#search-box", "没有这个名字")
    assert "没有找到" in page.locator("#search-hits").inner_text()


def test_facility_on_the_map_opens_its_card(show, sample):
    page = show("full")
    placed = sample.facilities[sample.facilities.geometry.notna()].to_crs(4326).iloc[0]
    point = [placed.geometry.y, placed.geometry.x]
    page.evaluate(f"map_care.setView({point}, 17, {{animate: false}})")
    place = page.evaluate(f"map_care.latLngToContainerPoint({point})")
    box = page.locator("#map_care").bounding_box()
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    assert page.locator(".leaflet-popup h3").inner_text() == placed["name"]


def test_layers_can_be_switched(show):
    page = show("full")
    page.locator(".leaflet-control-layers").hover()
    boxes = page.locator(".leaflet-control-layers-overlays input")
    assert boxes.count() >= 6
    for number in range(boxes.count()):
        boxes.nth(number).click()
    assert page.locator("#legend .scale").count() == 0
    for number in range(boxes.count()):
        boxes.nth(number).click()
    assert page.locator("#legend .scale").count() == 1


def test_labels_source_and_approval_number_are_printed(show):
    page = show("full")
    assert "合成示例数据" in page.locator(".tag.warn").inner_text()
    footer = page.locator("footer").inner_text()
    for text in (
        "虚构的示范区",
        "合成示例道路",
        "CGCS2000",
        "2021-06-30",
        "（待填）",
        "覆盖率为区间",
    ):
        assert text in footer


def test_language_is_the_study_s(show):
    page = show("english")
    assert "Coverage" in page.locator('[data-figure="rate"]').inner_text()
    words = page.locator("main").inner_text()
    assert "覆盖率" not in words


def test_empty_assessment_says_what_is_missing(show):
    page = show("empty")
    assert page.locator("#legend .missing li").count() >= 5
    assert page.locator("#rows-none").is_visible()


def test_hostile_names_are_text(show, sample):
    page = show("hostile")
    page.select_option("#choice-level", "town")
    page.evaluate("map_care.setZoom(12, {animate: false})")
    for number in range(min(page.locator("#gaps button").count(), 10)):
        page.locator("#gaps button").nth(number).click()
    page.select_option("#choice-level", "community")
    for number in range(len(HOSTILE)):
        page.locator("#rows tr button").nth(number).click()
    for name in HOSTILE:
        page.fill("#search-box", name)
        if page.locator("#search-hits [role=option]").count():
            page.keyboard.press("Enter")
    page.mouse.move(800, 300)
    assert page.evaluate("window.ran") is None
    assert page.locator("main b, main i").filter(has_text="bold").count() == 0
    assert page.locator("img:not(.leaflet-tile), iframe, link, a[href^=javascript]").count() == 0
    shown = set(row_texts(page, 1))
    units = with_names(sample, HOSTILE).units
    wanted = units.loc[units["level"] == "community", "name"]
    assert {_plain(text) for text in shown} == {_plain(name) for name in wanted}
    title = page.evaluate("document.querySelector('h1').textContent")
    assert _plain(HOSTILE[0]) in _plain(title)


def _plain(text):
    return re.sub(r"\s+", " ", text).strip()
