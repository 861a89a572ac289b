"""A run's folder is swapped in whole, or stays as it was."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from care_map.errors import OutputError
from care_map.outputs import folder as folder_module
from care_map.outputs.folder import recover, swapped_folder
from care_map.outputs.manifest import write_json

SOURCE = Path(folder_module.__file__).parents[2]

CHILD = """
import pathlib, sys, time
from care_map.outputs import folder

target, moment, log = sys.argv[1:4]

def stop():
    pathlib.Path(log).write_text("there")
    time.sleep(60)

if moment == "before_swap":
    folder._swap = lambda fresh, target: stop()
if moment == "after_swap":
    folder.shutil.rmtree = lambda *args, **options: stop()
if moment == "between_renames":
    folder._exchange = lambda fresh, target: False
    rename, done = pathlib.Path.rename, []
    def slow(self, other):
        rename(self, other)
        stop()
    pathlib.Path.rename = slow
with folder.swapped_folder(target) as fresh:
    (fresh / "half.txt").write_text("new")
    if moment == "writing":
        stop()
    (fresh / "manifest.json").write_text('{"program": "care-map"}')
    (fresh / "run.txt").write_text("new")
"""


def make_run(target, text="old", meanwhile=None):
    with swapped_folder(target) as fresh:
        if meanwhile:
            meanwhile()
        write_json(fresh / "manifest.json", {"program": "care-map"})
        (fresh / "run.txt").write_text(text, encoding="utf-8")


def fail(target, error):
    with swapped_folder(target) as fresh:
        (fresh / "half.txt").write_text("new")
        raise error


def fill(target):
    target.mkdir()
    (target / "mine.txt").write_text("mine")


def siblings(target):
    return sorted(path.name for path in target.parent.iterdir())


@pytest.fixture
def target(tmp_path):
    return tmp_path / "输出 一" / "万州区 关爱地图"


@pytest.fixture(params=["exchange", "two renames"])
def swap(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr(folder_module, "_exchange", lambda *_: False)


@pytest.mark.usefixtures("swap")
def test_a_run_takes_the_place_of_the_last(target):
    make_run(target, "old")
    (target / "left over.txt").write_text("x")
    make_run(target, "new")
    assert (target / "run.txt").read_text() == "new"
    assert not (target / "left over.txt").exists()
    assert siblings(target) == [target.name]


@pytest.mark.usefixtures("swap")
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_the_last(target, error):
    make_run(target)
    with pytest.raises(error):
        fail(target, error)
    assert (target / "run.txt").read_text() == "old"
    assert siblings(target) == [target.name]


def test_a_first_run_that_fails_leaves_nothing(target):
    with pytest.raises(ValueError, match="half way"):
        fail(target, ValueError("half way"))
    assert siblings(target) == []


def test_an_empty_folder_is_taken(target):
    target.mkdir(parents=True)
    make_run(target)
    assert (target / "run.txt").exists()


@pytest.mark.parametrize("manifest", [None, "", "{", "[]", '{"name": "web app"}', "\x00"])
def test_a_folder_of_the_user_is_never_removed(target, manifest):
    target.mkdir(parents=True)
    (target / "论文.docx").write_text("work of years")
    if manifest is not None:
        (target / "manifest.json").write_text(manifest)
    with pytest.raises(OutputError) as caught, swapped_folder(target):
        pytest.fail("nothing may be computed for a folder that cannot be written")
    assert caught.value.problems[0].code == "output_not_ours"
    assert (target / "论文.docx").read_text() == "work of years"
    assert siblings(target) == [target.name]


def test_a_folder_that_the_user_fills_during_the_run_is_kept(target):
    with pytest.raises(OutputError):
        make_run(target, meanwhile=lambda: fill(target))
    assert (target / "mine.txt").read_text() == "mine"
    assert siblings(target) == [target.name]


def test_a_file_is_refused(target):
    target.parent.mkdir(parents=True)
    target.write_text("a file")
    with pytest.raises(OutputError) as caught, swapped_folder(target):
        pass
    assert caught.value.problems[0].code == "output_is_file"


def test_a_parent_that_cannot_be_written(tmp_path):
    parent = tmp_path / "locked"
    parent.mkdir()
    if os.geteuid() == 0:  # root may write anywhere but where the kernel says no
        parent = Path("/proc")
    else:
        parent.chmod(0o555)
    with pytest.raises(OutputError) as caught, swapped_folder(parent / "run"):
        pass
    assert caught.value.problems[0].code == "output_unwritable"


def test_a_parent_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError), swapped_folder(tmp_path / "file" / "run"):
        pass


def test_a_full_disk_is_an_output_error(target):
    make_run(target)
    with pytest.raises(OutputError) as caught, swapped_folder(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "No space left" in str(caught.value)
    assert (target / "run.txt").read_text() == "old"


def test_another_error_of_the_system_stays_what_it_is(target):
    with pytest.raises(FileNotFoundError), swapped_folder(target):
        raise FileNotFoundError(errno.ENOENT, "a bug")


def test_a_link_to_a_folder_stays_a_link(tmp_path, target):
    make_run(target)
    link = tmp_path / "latest"
    link.symlink_to(target, target_is_directory=True)
    make_run(link, "new")
    assert link.is_symlink()
    assert (target / "run.txt").read_text() == "new"


def test_a_name_as_long_as_the_system_allows(tmp_path):
    target = tmp_path / ("名" * 85)
    make_run(target)
    make_run(target, "new")
    assert (target / "run.txt").read_text() == "new"


def test_two_runs_at_once_do_not_remove_each_other(target):
    with swapped_folder(target) as first:
        write_json(first / "manifest.json", {"program": "care-map"})
        with swapped_folder(target) as second:
            assert first.is_dir()
            write_json(second / "manifest.json", {"program": "care-map"})
            (second / "run.txt").write_text("second")
        (first / "run.txt").write_text("first")
    assert (target / "run.txt").read_text() == "first"
    assert siblings(target) == [target.name]


@pytest.mark.parametrize("moment", ["writing", "before_swap", "after_swap", "between_renames"])
def test_a_killed_run_leaves_a_whole_one(tmp_path, target, moment):
    make_run(target)
    log = tmp_path / "log"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(target), moment, str(log)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    deadline = time.monotonic() + 60
    while not log.exists() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert log.exists(), "the run never came to the moment"
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    # The run, or the old one aside, and what the killed one was writing.
    assert len(siblings(target)) == 2
    recover(target)
    assert (target / "manifest.json").exists()
    assert (target / "run.txt").read_text() == ("new" if moment == "after_swap" else "old")
    make_run(target, "next")
    assert (target / "run.txt").read_text() == "next"
    assert siblings(target) == [target.name]


def test_recover_does_nothing_without_need(target):
    recover(target)
    make_run(target)
    recover(target)
    assert (target / "run.txt").read_text() == "old"


def test_exchange_is_one_step_on_linux(tmp_path):
    if not sys.platform.startswith("linux"):
        pytest.skip("Linux only")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "in a").touch()
    assert folder_module._exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / "in a").exists()
