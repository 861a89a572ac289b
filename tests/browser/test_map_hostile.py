"""The map of a run that is full of hostile names: nothing runs, every name is shown as text."""

import pytest
from hostile import HOSTILE, plain

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_seen")]

FOREIGN = "img, iframe, link, object, embed, a[href^=javascript], meta[http-equiv=refresh]"


@pytest.fixture(scope="module")
def shared_page(show_once, hostile_run):
    return show_once(hostile_run.folder / "internal" / "map.html")


@pytest.fixture
def page(shared_page):
    return shared_page


def untouched(page):
    """Nothing has run, and the names have made no element."""
    assert page.evaluate("[window.ran, window.done]") == [None, None]
    assert page.locator(FOREIGN).count() == 0
    assert page.locator("b, i").filter(has_text="bold").count() == 0
    heading = page.evaluate("document.querySelector('h1').textContent")
    assert plain(page.title()) == plain(heading)


def test_names_are_text_in_table_cards_and_search(page):
    page.select_option("#choice-level", "community")
    names = page.locator("#rows tr > :nth-child(1)").all_inner_texts()
    assert {plain(name) for name in names} == {plain(name) for name in HOSTILE}
    for number in range(0, len(names), 6):
        page.locator("#rows tr button").nth(number).evaluate("button => button.click()")
    for number in range(min(page.locator("#gaps button").count(), 8)):
        page.locator("#gaps button").nth(number).evaluate("button => button.click()")
    for number, name in enumerate(HOSTILE):
        page.fill("#search-box", name[:200])
        if number % 4 == 0 and page.locator("#search-hits [role=option]").count():
            page.keyboard.press("Enter")
    page.mouse.move(800, 300)
    untouched(page)


def test_the_sheet_shows_names_as_text(page):
    page.click("#print")
    untouched(page)
    assert "</script>" in page.locator("#sheet-title").inner_text()
    assert page.locator("#sheet-approval").input_value() == HOSTILE[4]
    assert page.evaluate("document.querySelector('#sheet').scrollWidth") <= 1588
    page.click("#sheet-back")
    untouched(page)


def test_every_facility_s_card_is_text(page):
    texts = page.evaluate(
        """() => JSON.parse(document.getElementById("payload").textContent).facilities
            .map((one) => one.name)"""
    )
    assert {plain(text) for text in texts} == {plain(name) for name in HOSTILE}
    for number in range(0, len(HOSTILE), 4):
        page.goto(f"{page.url.partition('#')[0]}#card=facility:F{number}")
        card = page.locator(f'[data-card="facility:F{number}"] h3')
        assert plain(HOSTILE[number])[:100] in plain(card.inner_text())
    untouched(page)
