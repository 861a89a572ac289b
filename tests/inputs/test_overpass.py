"""Roads from an Overpass server that runs here and answers what a test wants."""

import json
import socket
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from care_map.errors import InputError
from care_map.inputs.overpass import roads_from_overpass

BBOX = (108.39, 30.79, 108.43, 30.83)
NODES = {1: (108.40, 30.80), 2: (108.41, 30.80), 3: (108.42, 30.80), 4: (108.41, 30.81)}
WAYS = [
    (11, [1, 2, 3], {"highway": "residential", "name": "甲路", "maxspeed": "30"}),
    (12, [4, 2], {"highway": "tertiary", "oneway": "-1"}),
    (13, [1, 4], {"highway": "motorway", "oneway": "no"}),
    (14, [3, 4], {"highway": "steps", "oneway:bicycle": "no", "foot": "private"}),
]


def answer(ways=WAYS, **more):
    nodes = [{"type": "node", "id": n, "lon": x, "lat": y} for n, (x, y) in NODES.items()]
    drawn = [{"type": "way", "id": i, "nodes": refs, "tags": tags} for i, refs, tags in ways]
    return json.dumps({"version": 0.6, "elements": [*nodes, *drawn], **more}).encode()


@contextmanager
def serving(body, *, status=200, silent=False):
    """Serve one answer to every question; yields address and questions."""
    questions, done = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            questions.append(parse_qs(content.decode())["data"][0])
            if silent:
                done.wait()
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        # Handlers end before the test does.
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api", questions
        finally:
            done.set()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """Run in an empty folder: osmnx would make one of its own for answers."""
    pytest.importorskip("osmnx")
    monkeypatch.chdir(tmp_path)


def failure(**options):
    with pytest.raises(InputError) as caught:
        roads_from_overpass(BBOX, **options)
    (problem,) = caught.value.problems
    assert str(caught.value)
    return problem


def test_roads_are_those_of_an_extract(tmp_path):
    with serving(answer()) as (url, questions):
        table, problems = roads_from_overpass(BBOX, url=url)
    ways = table.ways.set_index("way_id")
    assert sorted(ways.index) == ["11", "12", "13", "14"]
    assert ways["highway"].to_dict() == {
        "11": "residential",
        "12": "tertiary",
        "13": "motorway",
        "14": "steps",
    }
    assert ways.loc["11", ["name", "maxspeed_kph", "oneway"]].tolist() == ["甲路", 30.0, ""]
    assert ways.loc["13", "oneway"] == "no"
    assert ways.loc["14", ["foot", "oneway_bicycle"]].tolist() == ["private", "no"]
    at = table.ways["way_id"].tolist().index("12")
    turned = slice(table.offsets[at], table.offsets[at + 1])
    assert ways.loc["12", "oneway"] == "yes"
    assert table.lat[turned].tolist() == [30.80, 30.81]
    at = table.ways["way_id"].tolist().index("11")
    assert table.offsets[at + 1] - table.offsets[at] == 3
    assert [problem.code for problem in problems] == ["graph_no_barriers"]
    assert len(questions) == 1
    assert "footway" in questions[0]
    assert not list(tmp_path.iterdir())


def test_settings_of_osmnx_are_put_back():
    osmnx = pytest.importorskip("osmnx")
    before = {k: v for k, v in vars(osmnx.settings).items() if not k.startswith("_")}
    resolve = socket.getaddrinfo
    with serving(answer()) as (url, _):
        roads_from_overpass(BBOX, url=url)
    with serving(b"nonsense") as (url, _):
        failure(url=url)
    assert {k: v for k, v in vars(osmnx.settings).items() if not k.startswith("_")} == before
    assert socket.getaddrinfo is resolve


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"<html>Welcome</html>", 200, "overpass_answer"),
        (b"[1, 2]", 200, "overpass_empty"),
        (b'{"elements": []}', 200, "overpass_empty"),
        (b'{"nothing": 1}', 200, "overpass_answer"),
        (b'{"elements": [{"type": "node", "id": 1}]}', 200, "overpass_answer"),
        (answer(ways=[]), 200, "overpass_empty"),
        (answer(remark="runtime error: Query timed out"), 200, "overpass_incomplete"),
        (b"busy", 429, "overpass_refused"),
        (b"busy", 504, "overpass_refused"),
        (b"no", 400, "overpass_refused"),
    ],
)
def test_answers_that_cannot_be_used(body, status, code):
    started = time.perf_counter()
    with serving(body, status=status) as (url, _):
        assert failure(url=url).code == code
    assert time.perf_counter() - started < 20


def test_server_that_takes_too_long():
    with serving(answer(), silent=True) as (url, _):
        assert failure(url=url, timeout_s=1).code == "overpass_timeout"


def test_no_server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    problem = failure(url=f"http://127.0.0.1:{port}/api")
    assert problem.code == "overpass_unreachable"


def test_without_osmnx(monkeypatch):
    monkeypatch.setitem(sys.modules, "osmnx", None)
    assert failure().code == "overpass_not_installed"


@pytest.mark.parametrize("area", [(1.0, 2.0, 1.0, 3.0), (500_000.0, 0.0, 500_100.0, 100.0)])
def test_areas_that_are_none(area):
    with pytest.raises(InputError) as caught:
        roads_from_overpass(area)
    assert caught.value.problems[0].code == "overpass_area"
