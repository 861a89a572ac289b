"""One browser for all tests of pages, and pages that must ask for nothing and fail in nothing."""

from pathlib import Path

import pytest
from conftest import missing
from outputs.map_extras import full_sample
from outputs.map_sample import empty_sample

from care_map.outputs.map import write_map

CHROMIUM = Path("/usr/bin/chromium")
SIZES = {"office": (1440, 900), "laptop": (1366, 768), "phone": (390, 844)}


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM.is_file():
        missing(str(CHROMIUM))
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def sample():
    """Return the district that ``full.html`` shows."""
    return full_sample(towns=10, elders=1200, roads=150)


@pytest.fixture(scope="session")
def folder(tmp_path_factory, sample):
    """Return a folder of pages: ``full``, ``empty`` and ``english``."""
    folder = tmp_path_factory.mktemp("pages")
    write_map(sample, folder / "full.html")
    write_map(empty_sample(), folder / "empty.html")
    english = full_sample(towns=4, elders=100, roads=5, language="en")
    write_map(english, folder / "english.html")
    return folder


@pytest.fixture
def show(browser, folder):
    """Open a page by its name in `folder` or by its path.

    At the end, no error and no request may have been seen. Keyword arguments are Playwright's for
    a context; `link` is what stands behind the address.
    """
    seen, contexts = [], []

    def open_page(name, size="office", *, link="", **options):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            offline=True,
            has_touch=size == "phone",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda request: _note_request(request.url, seen))
        file = name if isinstance(name, Path) else folder / f"{name}.html"
        page.goto(f"{file.as_uri()}{link}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert seen == []


def _note_request(url, seen):
    if not url.startswith(("file:", "data:")):
        seen.append(url)
