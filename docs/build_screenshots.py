"""Make the pictures of the READMEs: the demonstration's map as Chromium shows it.

Run ``python docs/build_screenshots.py`` after a change of the map or of the demonstration.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from care_map.messages import LANGUAGES
from care_map.workflows.demo import run_demo

_IMAGES = Path(__file__).parent / "images"
_CHROMIUM = "/usr/bin/chromium"
_VIEWPORT = {"width": 1440, "height": 900}
_SETTLE_MS = 1500


def main() -> None:
    """Write ``map-demo.png`` (Chinese), ``map-demo-en.png`` and the steps of the walk-through."""
    _IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for language in LANGUAGES:
            page_file = run_demo(Path(folder) / language, language=language).map_file
            context = browser.new_context(viewport=_VIEWPORT, offline=True)
            page = context.new_page()
            page.goto(page_file.resolve().as_uri())
            _take(page, "map-demo" if language == "zh" else f"map-demo-{language}")
            if language == "zh":
                _walk(page)
            context.close()
        browser.close()


def _walk(page: Page) -> None:
    """Show how a planner finds the worst town, why it is, and what would mend it."""
    worst = page.locator("#rows tr").first
    worst.evaluate(
        "row => { row.style.outline = '3px solid #c00000'; row.style.outlineOffset = '-3px'; }"
    )
    _take(page, "walk-1")
    name = worst.locator("th").inner_text()
    worst.locator("th button").click()
    _take(page, "walk-2")
    page.locator("#gaps button, #gaps li").filter(has_text=name).first.click()
    _take(page, "walk-3")


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(_SETTLE_MS)
    page.screenshot(path=_IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
