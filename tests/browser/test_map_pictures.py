"""Pictures of the page against stored ones: what is drawn, coarse enough for other fonts.

``python tests/browser/test_map_pictures.py`` renews the stored pictures; look at them.
"""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

STORED = Path(__file__).parent / "reference"
SIZE = {"map": (360, 190), "sheet": (420, 297), "phone": (195, 422)}
TOLERANCE = {"map": 12, "sheet": 40, "phone": 40}
"""Of 255: how far a colour may be off before a dot of the picture counts as another."""
VIEW = {"map": "#view=30.805,108.3075,11.4", "sheet": "", "phone": "#view=30.805,108.3075,10.1"}
MOST_OFF = {"map": 0.0004, "sheet": 0.05, "phone": 0.05}
"""Share of dots that may be others: what letters of other fonts change; the map has none."""
BARE = """.unit-name, .card, .tools, #layers, .leaflet-control { visibility: hidden !important; }
.gap-marker span { color: transparent !important; }"""


def reach(page, name):
    """Bring a page to what the picture shows, and return the element that is taken."""
    if name == "sheet":
        page.click("#print")
        return page.locator("#sheet")
    if name == "map":
        page.add_style_tag(content=BARE)
        return page.locator("#ground")
    return page.locator("body")


def picture(page, name):
    """Return a small picture: as coarse as a glance, so that edges of letters do not count."""
    shot = reach(page, name).screenshot(animations="disabled")
    return Image.open(io.BytesIO(shot)).convert("RGB").resize(SIZE[name], Image.Resampling.BOX)


def share_off(one, other, name):
    off = np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).max(axis=2)
    return float((off > TOLERANCE[name]).mean())


def stored(name):
    return Image.open(STORED / f"{name}.png").convert("RGB")


@pytest.mark.parametrize("name", SIZE)
def test_the_page_looks_as_it_did(show, name):
    page = show("full", "phone" if name == "phone" else "office", link=VIEW[name])
    page.wait_for_timeout(400)
    assert share_off(picture(page, name), stored(name), name) <= MOST_OFF[name]


def test_every_layer_that_is_gone_is_seen(show):
    page = show("full", link=VIEW["map"])
    page.wait_for_timeout(400)
    page.click("#tool-layers")
    boxes = page.locator("#layers input:checked")
    layers = [box.get_attribute("data-layer") for box in boxes.all()]
    assert {"units", "gaps", "roads", "water", "facilities-care"} <= set(layers)
    page.add_style_tag(content=f"{BARE} #layers {{ display: block !important; }}")
    unseen = []
    for layer in layers:
        box = page.locator(f'#layers input[data-layer="{layer}"]')
        box.evaluate("box => box.click()")
        page.wait_for_timeout(150)
        # Names are letters: the picture leaves them out.
        off = share_off(picture(page, "map"), stored("map"), "map")
        if layer != "names" and off <= MOST_OFF["map"]:
            unseen.append((layer, off))
        box.evaluate("box => box.click()")
    assert unseen == [], unseen


def test_the_stored_pictures_are_small():
    assert sum(path.stat().st_size for path in STORED.glob("*.png")) <= 150_000


def _renew() -> None:
    """Write the stored pictures anew."""
    sys.path[:0] = [str(Path(__file__).parents[1])]
    from outputs.map_extras import full_sample  # noqa: PLC0415 - after the path
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from care_map.outputs.map import write_map  # noqa: PLC0415

    STORED.mkdir(exist_ok=True)
    file = STORED / "page.html"
    write_map(full_sample(towns=10, elders=1200, roads=150), file)
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for name in SIZE:
            width, height = (390, 844) if name == "phone" else (1440, 900)
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, has_touch=name == "phone")
            page.goto(f"{file.as_uri()}{VIEW[name]}")
            page.wait_for_timeout(600)
            picture(page, name).save(STORED / f"{name}.png", optimize=True)
        browser.close()
    file.unlink()


if __name__ == "__main__":
    _renew()
