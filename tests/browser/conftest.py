"""One browser for all tests of pages, and pages that must ask for nothing and fail in nothing."""

from contextlib import contextmanager
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


@pytest.fixture(scope="session")
def window(browser):
    """Return windows by their size and options: one costs more than a page that opens in it."""
    opened = {}

    def open_window(size, **options):
        key = (size, *sorted(options.items()))
        if key not in opened:
            width, height = SIZES[size]
            opened[key] = browser.new_context(
                viewport={"width": width, "height": height},
                offline=True,
                has_touch=size == "phone",
                **options,
            )
            # A window goes with its last page.
            opened[key].new_page()
        return opened[key]

    yield open_window
    for context in opened.values():
        context.close()


@pytest.fixture
def show(window, folder):
    """Open a page by its name in `folder` or by its path, in a tab of its own.

    At the end, no error and no request may have been seen, and the page must have stored nothing
    that the next could find. `link` is what stands behind the address, `script` runs before the
    page's own. Further keyword arguments are Playwright's for a context.
    """
    with _opening(window, folder) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def show_once(window, folder):
    """Do as `show` for a page that tests of a module share; each must find what it needs."""
    with _opening(window, folder) as open_page:
        yield open_page


@pytest.fixture
def nothing_seen(show_once):
    """Let the test fail in which a shared page has an error or a request."""
    yield
    assert show_once.seen == []


@contextmanager
def _opening(window, folder):
    seen, pages = [], []

    def open_page(name, size="office", *, link="", script="", **options):
        page = window(size, **options).new_page()
        pages.append(page)
        page.set_default_timeout(20_000)
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda request: _note_request(request.url, seen))
        if script:
            page.add_init_script(script)
        file = name if isinstance(name, Path) else folder / f"{name}.html"
        page.goto(f"{file.as_uri()}{link}")
        return page

    open_page.seen = seen
    yield open_page
    stored = [page.evaluate(_STORED) for page in pages]
    for page in pages:
        page.close()
    assert seen == []
    assert not any(stored), stored


_STORED = "[document.cookie.length, localStorage.length, sessionStorage.length].some(Boolean)"


def _note_request(url, seen):
    if not url.startswith(("file:", "data:")):
        seen.append(url)
