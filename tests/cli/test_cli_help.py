"""Help: both languages, every command, and quick."""

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import typer

from care_map import messages
from care_map.cli.app import build_app
from care_map.messages import LANGUAGES, catalogue

MESSAGES = Path(messages.__file__).parent

COMMANDS = ("demo", "new", "start", "check", "run", "site", "compare", "isochrone", "route")
GROUPS = {"returns": ("new", "merge")}
PARTS = [f"{group} {part}" for group, parts in GROUPS.items() for part in parts]
HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z]{2,}\b ){3,}")
CALLS = [(), ("--help",), *((*name.split(), "--help") for name in (*COMMANDS, *GROUPS, *PARTS))]


@pytest.mark.parametrize("args", CALLS)
def test_help_is_chinese(care_map, args):
    answer = care_map(*args)
    assert (answer.code, answer.err) == (0, "")
    prose = [line for line in answer.out.splitlines() if not line.startswith("  care-map")]
    assert HAN.search(answer.out)
    written = re.sub(r"care-map(?: [a-z]+)+", "", "\n".join(prose))
    assert not ENGLISH_SENTENCE.search(written)
    assert not re.search("Usage|Options|Commands|Arguments|required|default:|Show this", answer.out)


@pytest.mark.parametrize("args", CALLS)
def test_help_is_english_where_asked(care_map, args):
    for call in ((*args, "--language", "en"), ("--language=en", *args)):
        answer = care_map(*call)
        assert (answer.code, answer.err) == (0, "")
        assert "Usage: care-map" in answer.out
        assert not HAN.search(answer.out)


def test_help_follows_the_environment(care_map, monkeypatch):
    monkeypatch.setenv("CARE_MAP_LANG", "en")
    assert "Usage:" in care_map("--help").out
    assert "用法：" in care_map("--help", "--language", "zh").out


@pytest.mark.parametrize("name", [*COMMANDS, *GROUPS, *PARTS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newcomer_finds_summary_paragraph_and_example(care_map, name, language):
    texts = catalogue(language)
    out = care_map(*name.split(), "-h", "--language", language).out
    key = f"cli.command.{name.replace(' ', '.')}"
    unwrapped = re.sub(r"\s+", "", out)
    for part in ("summary", "about", "example"):
        assert re.sub(r"\s+", "", texts.text(f"{key}.{part}")) in unwrapped
    assert f"  care-map {name}" in out
    above = care_map(*name.split()[:-1], "--help", "--language", language).out
    assert re.sub(r"\s+", "", texts.text(f"{key}.summary")) in re.sub(r"\s+", "", above)


def test_every_parameter_is_told(care_map):
    group = typer.main.get_group(build_app())
    assert set(group.commands) == {*COMMANDS, *GROUPS}
    told = {(name,): command for name, command in group.commands.items() if name in COMMANDS}
    for name, parts in GROUPS.items():
        assert tuple(group.commands[name].commands) == parts
        told |= {(name, part): group.commands[name].commands[part] for part in parts}
    for path, command in told.items():
        out = care_map(*path, "--help").out
        for parameter in command.params:
            assert catalogue("zh").has(f"cli.command.{'.'.join(path)}.{parameter.name}")
            if parameter.param_type_name == "option":
                assert all(spelling in out for spelling in parameter.opts)


def test_lines_fit_a_terminal(care_map, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for line in care_map("run", "--help").out.splitlines():
        cells = len(line) + len(HAN.findall(line))
        assert cells <= 80 or line.startswith("  care-map")


def test_help_in_json(care_map):
    assert "用法" in care_map("run", "--help", "--json").json["help"]


def test_version(care_map):
    answer = care_map("--version")
    assert answer.code == 0
    assert re.fullmatch(r"care-map \d\S*\n", answer.out)
    assert care_map("--json", "--version").json["version"] in answer.out


def test_catalogues_have_the_same_keys_and_fields():
    for room in ("cli.toml", "new.toml"):
        zh, en = (
            dict(_flat(tomllib.loads((MESSAGES / code / room).read_text(encoding="utf-8"))))
            for code in ("zh", "en")
        )
        assert zh.keys() == en.keys()
        for key, text in zh.items():
            assert _fields(text) == _fields(en[key]) or key.endswith(
                ("_alike", "readme.facilities")
            )


def _flat(table, prefix=""):
    for name, entry in table.items():
        if isinstance(entry, dict):
            yield from _flat(entry, f"{prefix}{name}.")
        else:
            yield prefix + name, entry


def _fields(text):
    return set(re.findall(r"(?<!\{)\{(\w+)", text))


def test_help_is_quick_and_loads_nothing_heavy(program):
    # Generous for a busy machine; what makes it slow is what is imported.
    begin = time.perf_counter()
    assert "care-map" in program("--help").out
    assert time.perf_counter() - begin < 5.0
    heavy = "{'numba', 'geopandas', 'pandas', 'numpy', 'pydantic', 'shapely'}"
    code = (
        "import sys; from care_map.cli.app import main; main(['run', '--help']);"
        f"sys.exit(' '.join({heavy} & {{*sys.modules}}) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONPATH": str(MESSAGES.parents[1]), "PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
