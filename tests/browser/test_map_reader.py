"""The page for those who hear it, use no mouse, or hold it in one hand."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.reading import until

pytestmark = pytest.mark.browser

PHONE = (390, 844)
SERIOUS = {"serious", "critical"}


def card(page):
    page.locator("#rows tr button").first.evaluate("button => button.click()")
    page.locator(".leaflet-popup h3").first.wait_for()


def layers(page):
    page.click("#tool-layers")


def search(page):
    page.fill("#search-box", "站")
    page.keyboard.press("ArrowDown")


def nothing(_):
    """The page as it opens."""


# One after the other on one page; each leaves what the next needs.
STATES = {
    "office": {
        "map": nothing,
        "layers": layers,
        "search": search,
        "card": card,
        "measure": lambda page: page.click("#tool-measure"),
        "print": lambda page: page.click("#print"),
    },
    "phone": {
        "map": nothing,
        "panel": lambda page: page.click("#pane-panel"),
        "table": lambda page: page.click("#pane-table"),
    },
}


@pytest.fixture(scope="module")
def axe():
    return Axe()


# The table's rows are alike: where they change, all are looked at, elsewhere the first few.
SEEN_WHOLE = {"office": "map", "phone": "table"}
MORE_ROWS = {"exclude": [["#rows tr:nth-child(n+4)"]]}
# What a rule says of itself goes before what its checks say; none says nothing, and may be serious.
LIGHT_RULES = """() => axe._audit.rules.filter((rule) => {
    const checks = [...rule.any, ...rule.all, ...rule.none];
    const impacts = rule.impact ? [rule.impact]
        : checks.map((check) => (axe._audit.checks[check.id || check] || {}).impact);
    return impacts.every((impact) => impact === "minor" || impact === "moderate");
}).map((rule) => rule.id)"""


def violations(page, axe, *, whole=False):
    """Return what axe finds with the rules that may find something serious."""
    page.evaluate(axe.axe_script)
    light = page.evaluate(LIGHT_RULES)
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in light}}
    return axe.run(page, None if whole else MORE_ROWS, options).response["violations"]


@pytest.mark.parametrize("size", STATES)
def test_axe_finds_nothing_serious(show, axe, size):
    # Axe is put into the page by the browser's own hand.
    page = show("full", size, bypass_csp=True)
    serious = []
    for state, reach in STATES[size].items():
        reach(page)
        page.wait_for_timeout(250)
        serious += [
            (state, rule["id"], node["target"], node["failureSummary"])
            for rule in violations(page, axe, whole=state == SEEN_WHOLE[size])
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]
    assert serious == []


def test_axe_would_find_what_is_wrong(show, axe):
    page = show("full", bypass_csp=True)
    page.evaluate("""document.querySelector("#search-box").removeAttribute("aria-label");
        document.querySelector("#search-box").removeAttribute("placeholder");
        document.querySelector("h1").style.color = "#ddd";""")
    rules = {rule["id"] for rule in violations(page, axe)}
    assert rules >= {"label", "color-contrast"}


def focused(page):
    return page.evaluate(
        """() => { const one = document.activeElement;
            const box = one.getBoundingClientRect(), style = getComputedStyle(one);
            const named = one.closest("#circles, #gaps") || one.closest("[id]") || one;
            return { id: named.id || one.tagName,
                seen: box.width > 0 && box.height > 0,
                ring: style.outlineStyle !== "none" || Boolean(one.closest("label, .skip")) }; }"""
    )


def test_tab_reaches_everything_in_the_order_of_the_page(show):
    page = show("full")
    order = []
    for _ in range(70):
        page.keyboard.press("Tab")
        one = focused(page)
        assert one["seen"], one
        assert one["ring"], one
        if not order or order[-1] != one["id"]:
            order.append(one["id"])
    wanted = ["search-box", "copy-link", "print", "circles", "gaps", "map_care", "tool-measure"]
    assert [one for one in order if one in wanted] == wanted


def test_skip_links_lead_to_map_and_table(show):
    page = show("full")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "map_care"
    page.evaluate("document.activeElement.blur()")
    page.locator(".skip").nth(1).focus()
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "table-body"


def test_the_map_is_moved_and_asked_by_keyboard(show):
    page = show("full")
    page.locator("#map_care").focus()
    assert page.locator("#crosshair").is_visible()
    before = page.evaluate("map_care.getCenter().lng")
    page.keyboard.press("ArrowRight")
    until(page, f"map_care.getCenter().lng > {before}")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    heading = page.locator(".leaflet-popup h3").first
    heading.wait_for()
    assert page.locator("#crosshair").is_hidden()
    said = page.locator("#announcer").text_content()
    assert heading.inner_text().split("\n")[0] in said
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")


def test_changed_figures_are_said(show):
    page = show("full")
    assert page.locator("#announcer").text_content() == ""
    page.locator('#circles input[value="medical"]').check(force=True)
    said = page.locator("#announcer").text_content()
    assert page.locator('[data-figure="rate"] dd').inner_text() in said
    assert "医疗" in said


def test_less_motion_is_kept_to(show):
    page = show("full", reduced_motion="reduce")
    assert page.evaluate(
        "[map_care.options.zoomAnimation, map_care.options.fadeAnimation, map_care.options.inertia]"
    ) == [False, False, False]
    still = show("full")
    assert still.evaluate("map_care.options.zoomAnimation") is True


def inside(page, selector):
    box = page.locator(selector).bounding_box()
    width, height = PHONE
    fits = box["x"] >= 0 and box["x"] + box["width"] <= width + 1
    return fits and box["y"] >= 0 and box["y"] + box["height"] <= height + 1


def test_a_phone_shows_one_of_panel_map_and_table(show):
    page = show("full", "phone")
    parts = {"panel": "#figures", "map": "#map_care", "table": "#table-body"}
    for pane in ("map", "panel", "table"):
        page.click(f"#pane-{pane}")
        for other, selector in parts.items():
            assert page.locator(selector).is_visible() == (other == pane), (pane, other)
        assert inside(page, "#panes")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        assert page.locator(f"#pane-{pane}").get_attribute("aria-pressed") == "true"
        assert page.locator(f"#pane-{pane}").bounding_box()["height"] >= 44
    page.click("#pane-map")
    assert inside(page, "#map_care")
    assert page.locator("#map_care").bounding_box()["height"] > 400


def test_what_is_picked_on_a_phone_is_shown_on_the_map(show):
    page = show("full", "phone")
    page.click("#pane-table")
    page.locator("#rows tr button").nth(2).tap()
    assert page.locator("#map_care").is_visible()
    assert page.locator(".leaflet-popup h3").first.is_visible()
    page.click("#pane-panel")
    page.locator("#gaps button").first.tap()
    assert page.locator("#map_care").is_visible()
    page.locator("#tool-measure").tap()
    assert page.locator("#measure").is_visible()
