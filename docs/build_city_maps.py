"""Make the pictures of real places: Helsinki, Andorra and Taipei as Chromium shows them.

``python docs/build_city_maps.py [FOLDER]`` reads the open data in ``../shared/data`` (or in the
folder given) and writes ``docs/images/map-{helsinki,andorra,taipei}.png``. Helsinki and Andorra are
first maps of an OSM extract alone, seen by their medical circle, for neither extract names a
facility of elder care; Taipei is the study of ``docs/taipei.md``.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from care_map.workflows.run import run
from care_map.workflows.start import start

__all__ = ["taipei_study"]

_DOCS = Path(__file__).parent
_IMAGES = _DOCS / "images"
_DATA = _DOCS.parents[1] / "shared" / "data"
_CHROMIUM = "/usr/bin/chromium"
_VIEWPORT = {"width": 1440, "height": 900}
_SETTLE_MS = 2500
_COLOURS = 256
_MOST_BYTES = 350_000


def taipei_study(data: Path, folder: Path) -> Path:
    """Write the study of ``docs/taipei.md`` beside copies of its lists and return its path."""
    text = (_DOCS / "taipei.md").read_text(encoding="utf-8")
    found = re.search(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    if found is None:
        msg = "docs/taipei.md has no study file"
        raise ValueError(msg)
    folder.mkdir(parents=True)
    for file in (data / "taipei").iterdir():
        shutil.copyfile(file, folder / file.name)
    study = folder / "study.toml"
    study.write_text(found[1], encoding="utf-8")
    return study


def _maps(data: Path, folder: Path) -> Iterator[tuple[str, Path, int]]:
    """Yield a name, the page of each place, and which of its circles to show."""
    for name, language in (("helsinki", "en"), ("andorra", "en")):
        extract = data / name / f"{name}.osm.pbf"
        study, problems = start(extract, out=folder / name, language=language)
        yield name, run(study, more_problems=problems).map_file, 1
    yield "taipei", run(taipei_study(data, folder / "taipei")).map_file, 0


def _picture(browser: Browser, page_file: Path, circle: int, path: Path) -> None:
    """Write what the page shows, in few colours where it would be too large otherwise."""
    context = browser.new_context(viewport=_VIEWPORT, offline=True)
    page = context.new_page()
    page.goto(page_file.resolve().as_uri())
    page.wait_for_timeout(_SETTLE_MS)
    page.locator("#circles label").nth(circle).click()
    page.wait_for_timeout(_SETTLE_MS)
    page.screenshot(path=path)
    context.close()
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    image.save(path, optimize=True)
    if path.stat().st_size > _MOST_BYTES:
        image.quantize(_COLOURS, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)


def main(data: Path) -> None:
    """Run the studies and write their pictures."""
    _IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for name, page_file, circle in _maps(data, Path(folder)):
            _picture(browser, page_file, circle, _IMAGES / f"map-{name}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else _DATA)
