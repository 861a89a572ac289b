"""What tests read off the page, and what the tables say it should be."""

import base64
import json

import numpy as np
import pytest


def figures(page):
    """Return the four figures of the panel as they are written."""
    names = ("rate", "covered", "uncovered", "undetermined")
    return {name: page.locator(f'[data-figure="{name}"] dd').inner_text() for name in names}


def expected(sample, circle, profile, group, unit_id="all"):
    """Return the same four of the table of coverage."""
    table = sample.coverage_by_unit
    keys = ["circle", "profile", "group", "setting", "unit_id"]
    row = table[(table[keys] == [circle, profile, group, "all", unit_id]).all(axis=1)].iloc[0]
    counts = {name: f"{row[name]:,}" for name in ("covered", "uncovered", "undetermined")}
    return {"rate": rate(row.rate_low, row.rate_high), **counts}


def rate(low, high):
    """Return a range of rates as the page writes it."""
    low, high = f"{low * 100:.1f}", f"{high * 100:.1f}"
    return f"{low}%" if low == high else f"{low}–{high}%"


def column(page, name):
    """Return the cells of a column of the table, found by its heading."""
    place = page.locator("#head th").evaluate_all(
        "(cells, name) => cells.findIndex((cell) => cell.classList.contains(name))", name
    )
    assert place >= 0, name
    return page.locator(f"#rows tr > :nth-child({place + 1})").all_inner_texts()


def row_of(page, unit_id):
    """Return the cells of a unit's row by the names of their columns."""
    names = page.locator("#head th").evaluate_all(
        "(cells) => cells.map((cell) => cell.classList[0])"
    )
    cells = page.locator(f'#rows tr[data-unit="{unit_id}"] > *').all_inner_texts()
    return dict(zip(names, cells, strict=True))


def payload(page):
    """Return the data that the page was given."""
    return json.loads(page.locator("#payload").evaluate("(node) => node.textContent"))


def unpacked(text, kind):
    """Return a packed array of the payload."""
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def pick_circle(page, circle):
    """Choose a circle."""
    page.locator(f'#circles input[value="{circle}"]').check(force=True)


def switch(page, layer, *, on):
    """Switch a layer in the panel of layers, which opens for it."""
    panel = page.locator("#layers")
    if panel.is_hidden():
        page.locator("#tool-layers").click()
    panel.locator(f'input[data-layer="{layer}"]').set_checked(on)


def click_at(page, lon, lat):
    """Click the map at a place."""
    page.evaluate(
        "([lon, lat]) => map_care.fire('click', { latlng: L.latLng(lat, lon) })", [lon, lat]
    )


def painted(page, pane):
    """Return what stands on the canvases of a pane, as one number that changes with it."""
    return page.evaluate(_PAINTED, pane)


# Read from a copy: a canvas that is read often would be told so in the console.
_PAINTED = """(pane) => {
    const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    let sum = 0;
    for (const canvas of document.querySelectorAll(`.leaflet-${pane}-pane canvas`)) {
        if (!canvas.width) continue;
        copy.canvas.width = canvas.width;
        copy.canvas.height = canvas.height;
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 3; i < data.length; i += 4) sum += data[i] * ((data[i - 1] % 31) + (i % 97));
    }
    return sum;
}"""


def colours_at(page, pane, places):
    """Return the colours, red, green and blue, that a pane has at places of the view."""
    return page.evaluate(_COLOURS_AT, [pane, [list(place) for place in places]])


_COLOURS_AT = """([pane, places]) => {
    const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const ground = map_care.getContainer().getBoundingClientRect();
    const tiles = [...document.querySelectorAll(`.leaflet-${pane}-pane canvas`)]
        .filter((canvas) => canvas.width)
        .map((canvas) => ({ canvas, box: canvas.getBoundingClientRect() }));
    return places.map(([lat, lon]) => {
        const point = map_care.latLngToContainerPoint([lat, lon]);
        const [x, y] = [ground.left + point.x, ground.top + point.y];
        const across = ({ box }) => box.left <= x && x < box.right;
        const tile = tiles.find((one) => across(one) && one.box.top <= y && y < one.box.bottom);
        copy.drawImage(tile.canvas, tile.box.left - x, tile.box.top - y);
        const [red, green, blue] = copy.getImageData(0, 0, 1, 1).data;
        copy.clearRect(0, 0, 1, 1);
        return [red, green, blue];
    });
}"""


def until(page, expression):
    """Wait until an expression holds; the pages' own policy forbids Playwright to ask again."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {expression}")
