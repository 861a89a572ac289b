"""What is wrong is said in a sentence, with the right exit code and no traceback."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

import care_map
from care_map.cli import app
from care_map.cli.arguments import Arguments
from care_map.cli.outcome import usage_problem
from care_map.messages import LANGUAGES

ROADS = "roads.geojson"
HERE = "108.40,30.80"
WRONG = [
    (["nonsense"], "没有这个命令"),
    (["rum"], "可用：run"),
    (["--verbose"], "没有这个选项"),
    (["run"], "没有写明研究"),
    (["check"], "没有写明研究"),
    (["new"], "没有写明文件夹"),
    (["start"], "没有写明 OSM 提取文件"),
    (["route"], "没有写明道路文件"),
    (["isochrone", ROADS, "--minutes", "5"], "〔--at〕：缺少这个选项"),
    (["isochrone", ROADS, "--at", HERE], "〔--minutes〕：缺少这个选项"),
    (["run", "x", "--out"], "这个选项的取值有误"),
    (["run", "x", "--as-off", "y"], "是不是 --as-of"),
    (["run", "x", "--zzz"], "没有这个选项（“--zzz”） → 用法见 care-map run --help"),
    (["run", "my", "study"], "多出的参数（“study”）"),
    (["run", "x", "--language", "fr"], "可用：zh, en"),
    (["run", "x", "--language"], "〔--language〕"),
    (["run", "nowhere"], "没有这个研究文件"),
    (["check", "nowhere"], "没有这个研究文件"),
    (["run", "."], "没有这个研究文件"),
    (["run", "x", "--as-of", "30.6.2021"], "请写成 2021-06-30"),
    (["run", "x", "--as-of", "2021-02-30"], "不是日期"),
    (["run", "x", "--from", ROADS], "--from 按清单重做"),
    (["run", "--from", "none.json"], "没有这个文件"),
    (["run", "--from", ROADS], "不是本程序的运行清单"),
    (["start", "none.osm.pbf"], "没有这个文件"),
    (["start", "."], "这是文件夹"),
    (["start", ROADS, "--elders", "many"], "不是整数（“many”）"),
    (["start", ROADS, "--elder-share", "a fifth"], "不是比例"),
    (["demo", "--out", ROADS], "已有同名文件"),
    (["demo", "--out", "."], "文件夹里有别的内容"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", "0"], "分钟数应大于 0"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", "nan"], "分钟数应大于 0"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", ""], "分钟数应大于 0"),
    (["isochrone", ROADS, "--at", "30.80,108.40", "--minutes", "5"], "108.4,30.8"),
    (["isochrone", ROADS, "--at", "30.80，108.40", "--minutes", "5"], "写反了"),
    (["isochrone", ROADS, "--at", "108.40", "--minutes", "5"], "不是有效的经纬度"),
    (["isochrone", ROADS, "--at", "here", "--minutes", "5"], "不是有效的经纬度"),
    (["isochrone", ROADS, "--at", "0,95", "--minutes", "5"], "像是写反了"),
    (["isochrone", ROADS, "--at", "-71.2,200", "--minutes", "5"], "不是有效的经纬度"),
    (["isochrone", ROADS, "--at", "12,48", "--minutes", "5"], "没有可通行的道路"),
    (["isochrone", ".", "--at", HERE, "--minutes", "5"], "这是文件夹"),
    (["isochrone", "none.pbf", "--at", HERE, "--minutes", "5"], "没有这个文件"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", "5", "--profile", "fly"], "elder"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", "5", "-o", "x.shp"], ".geojson"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", "5", "-o", ROADS], "会把它覆盖"),
    (["isochrone", ROADS, "--at", HERE, "--minutes", "5", "-o", f"{ROADS}/x.gpkg"], "写不进去"),
    (["route", ROADS, "--from", HERE, "--to", "12,48"], "〔--to〕"),
]


@pytest.mark.parametrize(("args", "sentence"), WRONG)
def test_wrong_input_is_told_in_a_sentence(care_map, roads, monkeypatch, args, sentence):
    monkeypatch.chdir(roads.parent)
    before = roads.read_bytes()
    answer = care_map(*args)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert "Traceback" not in answer.err
    assert "缺陷" not in answer.err
    assert roads.read_bytes() == before
    assert [path.name for path in roads.parent.iterdir()] == [ROADS]


@pytest.mark.parametrize("args", [args for args, _ in WRONG])
def test_wrong_input_in_english_and_json(care_map, roads, monkeypatch, args):
    monkeypatch.chdir(roads.parent)
    answer = care_map("--language", "en", "--json", *args)
    if "--language" in args:
        answer = care_map("--json", *args)
    assert answer.code == 2
    problems = answer.json["problems"]
    assert problems
    assert list(answer.json) == ["problems"]
    for problem in problems:
        assert problem["message"]
        if "--language" not in args:
            assert not re.search("[\u4e00-\u9fff]", problem["message"] + problem["advice"])


def calls(group, path=()):
    """Yield every command with each number of its arguments that is too few."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from calls(command, (*path, name))
        else:
            kinds = [one.param_type_name for one in command.params if one.required]
            yield from ((*path, name, *["x"] * n) for n in range(kinds.count("argument")))


CALLS = list(calls(typer.main.get_group(app.build_app())))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("args", CALLS, ids=" ".join)
def test_each_argument_that_is_missing_is_asked_for(care_map, args, language):
    answer = care_map(*args, "--language", language)
    assert (answer.code, answer.out) == (2, "")
    assert "--help" in answer.err
    assert "cli_missing" not in answer.err


def test_all_problems_of_a_call_are_told_together(care_map, roads):
    answer = care_map(
        "isochrone", roads, "--at", "30.8,108.4", "--at", "x", "--minutes", "-1", "-o", "y.txt"
    )
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 4


def test_both_commas_and_wide_digits():
    arguments = Arguments()
    assert arguments.lonlat(" 108.38，30.81 ", "--at") == (108.38, 30.81)
    assert arguments.lonlat("-8.6, 41.1", "--at") == (-8.6, 41.1)
    assert arguments.minutes("10，15、20", "--minutes") == [10.0, 15.0, 20.0]
    assert arguments.count("350,000", "--elders") == 350_000
    assert arguments.count("１２", "--elders") == 12
    assert arguments.share("20%", "--elder-share") == pytest.approx(0.2)
    assert arguments.share("0.2", "--elder-share") == pytest.approx(0.2)
    arguments.done()


def test_a_bug_is_called_one(care_map, monkeypatch):
    def broken(*_):
        msg = "the\nunexpected"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr(app, "_call", broken)
    monkeypatch.delenv("CARE_MAP_DEBUG", raising=False)
    answer = care_map("run", "x")
    assert (answer.code, answer.out) == (1, "")
    assert "这是 care-map 的缺陷" in answer.err
    assert "ZeroDivisionError: the unexpected" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert care_map("run", "x", "--json").json["problems"][0]["code"] == "cli_bug"
    monkeypatch.setenv("CARE_MAP_DEBUG", "1")
    assert "Traceback" in care_map("run", "x").err


def test_stopped_by_the_user(care_map, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "_call", stopped)
    answer = care_map("run", "x")
    assert (answer.code, answer.out) == (130, "")
    assert "已中断" in answer.err


def test_leaving_the_interpreter_passes_through(care_map, monkeypatch):
    def leave(*_):
        sys.exit(7)

    monkeypatch.setattr(app, "_call", leave)
    with pytest.raises(SystemExit):
        care_map("run", "x")


def test_errors_of_click_are_told_apart_by_class():
    # Whichever copy of click raises them, their names are these.
    extra = type("UsageError", (Exception,), {"message": "Got unexpected extra argument (a (b))"})
    assert usage_problem(extra(), command="care-map run").value == "a (b)"
    lost = type("NoSuchOption", (Exception,), {"option_name": "--x", "possibilities": None})
    assert usage_problem(lost(), command="care-map run").code == "cli_no_option"


def test_nobody_reads(roads):
    code = f"import sys; sys.path.insert(0, {str(Path(care_map.__file__).parents[1])!r})\n"
    code += "from care_map.__main__ import main; sys.argv[1:] = ['--help']; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=roads.parent,
    ) as process:
        process.stdout.close()
        error = process.stderr.read()
    assert (process.returncode, error) == (141, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_interrupt_of_a_process(tmp_path):
    source = Path(care_map.__file__).parents[1]
    pipe = tmp_path / "study.toml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "care_map", "run", str(pipe)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(source), "PYTHONUTF8": "1"},
    ) as process:
        # Opens when the command opens its end. Closing it again wakes a command that was about
        # to read when the signal came, and would notice it only after reading.
        with pipe.open("wb"):
            process.send_signal(signal.SIGINT)
            # Any thread of a busy process may be the one that takes the signal.
            time.sleep(1)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in error.decode()


def test_the_language_of_a_wrong_language_is_the_environments(care_map, monkeypatch):
    monkeypatch.setenv("CARE_MAP_LANG", "en")
    answer = care_map("run", "--language", "fr", "--json")
    assert "known" in json.dumps(answer.json)
