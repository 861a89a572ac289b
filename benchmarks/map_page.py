"""The map of the same run, opened offline in Chromium: size, first paint, first answer, heap."""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from _inputs import extract_of, model_of, network_of
from _measure import Check, Claim, arguments, run, write
from _study import write_study
from playwright.sync_api import Page, sync_playwright

LIMIT_MB, LIMIT_S = 15.0, 3.0
_SIZE = {"width": 1440, "height": 900}
LIMIT_FRAME_MS = 1000 / 30
"""What we call smooth: a default of ours, two frames of a usual screen."""
_STEPS = 60
_NEARER = (0, 2, 4)
"""Levels of zoom past the opening one at which the map is dragged."""
_PAINT_MS = """
performance.getEntriesByName("first-contentful-paint")[0]?.startTime
"""
_WATCH_FRAMES = """
() => {
  const frames_ms = [];
  window.frames_ms = frames_ms;
  let last = performance.now();
  const note = (now) => {
    frames_ms.push(now - last);
    last = now;
    if (window.frames_ms === frames_ms) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}
"""


def main() -> None:
    """Measure and write."""
    options = arguments(__doc__ or "")
    extract = extract_of(options)
    _, costs = model_of(network_of(extract))
    n_elders, n_facilities = (500, 20) if options.small else (200_000, 500)
    with tempfile.TemporaryDirectory(prefix="care-map-benchmark-") as name:
        study = write_study(
            Path(name), costs, n_facilities=n_facilities, n_elders=n_elders, roads=extract
        )
        run([sys.executable, "-m", "care_map", "run", str(study), "--quiet"])
        page = study.parent / "run" / "internal" / "map.html"
        size_mb = page.stat().st_size / 1e6
        opened = _opened(page, options.rounds)
    figures = {what: statistics.median(one[what] for one in opened) for what in opened[0]}
    claim = Claim(
        name="map_page",
        title="The map of 200,000 elders × 500 facilities in a browser",
        inputs={"extract": extract.name, "elders": n_elders, "facilities": n_facilities},
        figures={
            "size, MB": size_mb,
            **figures,
        },
        checks=[
            Check("size of the page", size_mb, LIMIT_MB, unit="MB"),
            Check(
                "from opening to the answer to a first click",
                figures["first answer, s"],
                LIMIT_S,
                unit="s",
            ),
            *(
                Check(
                    f"nine of ten frames while dragged, zoom +{nearer}",
                    figures[f"frame at zoom +{nearer} (90th %), ms"],
                    LIMIT_FRAME_MS,
                    unit="ms",
                )
                for nearer in _NEARER
            ),
        ],
        notes=[
            (
                "Chromium without a screen or a graphics card, offline, a new window each time. "
                "The first answer is the popup that a click on the map's middle opens, asked for "
                "as soon as the page has loaded. A frame is the time between two frames while the "
                "mouse drags the map, at the opening zoom and two and four levels nearer."
            ),
        ],
    )
    write(claim, options)


def _opened(file: Path, rounds: int) -> list[Mapping[str, float]]:
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        found = []
        for _ in range(rounds):
            context = browser.new_context(viewport=_SIZE, offline=True)
            found.append(_figures(context.new_page(), file))
            context.close()
        browser.close()
    return found


def _figures(page: Page, file: Path) -> dict[str, float]:
    start = time.perf_counter()
    page.goto(file.as_uri(), wait_until="load")
    loaded_s = time.perf_counter() - start
    box = page.locator(".folium-map").bounding_box()
    if box is None:
        msg = f"{file} shows no map"
        raise RuntimeError(msg)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    page.locator(".leaflet-popup").first.wait_for()
    answered_s = time.perf_counter() - start
    page.keyboard.press("Escape")
    pans = {nearer: _drag(page, x, y, nearer) for nearer in _NEARER}
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    return {
        "first contentful paint, s": float(page.evaluate(_PAINT_MS) or 0.0) / 1e3,
        "loaded, s": loaded_s,
        "first answer, s": answered_s,
        "script heap, MB": heap / 1e6,
        **{
            f"frame at zoom +{nearer} ({what}), ms": figure
            for nearer, frames_ms in pans.items()
            for what, figure in _summary(frames_ms).items()
        },
    }


def _drag(page: Page, x: float, y: float, nearer: int) -> list[float]:
    if nearer:
        page.evaluate("() => map_care.setZoom(map_care.getZoom() + 2, { animate: false })")
    # Tiles of the new zoom are painted; what follows is the drag alone.
    page.wait_for_timeout(1000)
    page.mouse.move(x, y)
    page.evaluate(_WATCH_FRAMES)
    page.mouse.down()
    for step in range(_STEPS):
        page.mouse.move(x - 5 * step, y + 2 * step)
        page.wait_for_timeout(8)
    page.mouse.up()
    frames: list[float] = page.evaluate(
        "() => { const frames = window.frames_ms; window.frames_ms = null; return frames; }"
    )
    return frames


def _summary(frames_ms: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(frames_ms),
        "90th %": statistics.quantiles(frames_ms, n=10)[-1],
        "longest": max(frames_ms),
    }


if __name__ == "__main__":
    main()
