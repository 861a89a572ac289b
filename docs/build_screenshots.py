"""Make the pictures of the READMEs: the demonstration's map as Chromium shows it.

Run ``python docs/build_screenshots.py`` after a change of the map or of the demonstration.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from care_map.messages import LANGUAGES
from care_map.workflows.demo import run_demo

_IMAGES = Path(__file__).parent / "images"
_CHROMIUM = "/usr/bin/chromium"
_VIEWPORT = {"width": 1440, "height": 900}
_SETTLE_MS = 1500


def main() -> None:
    """Write ``docs/images/map-demo.png`` (Chinese) and ``map-demo-en.png``."""
    _IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for language in LANGUAGES:
            page_file = run_demo(Path(folder) / language, language=language).map_file
            context = browser.new_context(viewport=_VIEWPORT, offline=True)
            page = context.new_page()
            page.goto(page_file.resolve().as_uri())
            page.wait_for_timeout(_SETTLE_MS)
            suffix = "" if language == "zh" else f"-{language}"
            page.screenshot(path=_IMAGES / f"map-demo{suffix}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
