"""Everything a user reads: the same in both languages, complete, and nothing left over."""

import ast
import re
import string
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

import care_map
from care_map.errors import Problem
from care_map.messages import LANGUAGES, catalogue
from care_map.values import PROFILES
from care_map.vocabulary import (
    FACILITY_TYPES,
    LEVELS,
    PRIORITY_GROUPS,
    SERVICES,
    SETTINGS,
    STAGES,
)

SOURCE = Path(care_map.__file__).parent
# The documents name labels too.
DOCS = Path(__file__).parents[1] / "docs" / "build_tables.py"
KEYS = set(catalogue("zh").texts)
GROUPS = {key.rpartition(".")[0] for key in KEYS}
ROOTS = {key.split(".")[0] for key in KEYS}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
LATIN_WORDS = 4
# Of rows alike, Chinese says how many there are, English how many more.
COUNTED = {"cli.rows_alike", "cli.places_alike"}
PROBLEM_FIELDS = {"source", "column", "value", "count"}
# Keyword arguments of `findings.add` and `findings.each` that are no fields of a message.
FINDING_OPTIONS = {"severity", "row", "rows", "column", "value", "cells", "count"}


def fields(template):
    """Return the names of a template's fields."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@cache
def trees():
    return {
        file: ast.parse(file.read_text(encoding="utf-8")) for file in (*SOURCE.rglob("*.py"), DOCS)
    }


def nodes(kind):
    return [node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, kind)]


@cache
def constants():
    """Return every text that stands in the source, but for parts of other texts."""
    return {node.value for node in nodes(ast.Constant) if isinstance(node.value, str)}


def pattern(node):
    """Return what an f-string can become, as a pattern."""
    parts = [
        re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values
    ]
    return re.compile("".join(parts))


@cache
def patterns():
    """Return the patterns of f-strings that begin with a room or group of the catalogue."""
    found = []
    for node in nodes(ast.JoinedStr):
        first = node.values[0]
        if isinstance(first, ast.Constant) and first.value.split(".")[0] in ROOTS:
            found.append(pattern(node))
    return found


def calls(*names):
    """Return calls of functions or methods by name."""
    found = []
    for node in nodes(ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in names:
            found.append(node)
    return found


def codes_of(node):
    """Return the constants that an expression can be: itself, or both sides of a condition."""
    if isinstance(node, ast.IfExp):
        return codes_of(node.body) | codes_of(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@cache
def problem_calls():
    """Return (code, fields that are given or None if that cannot be seen) of every finding."""
    found = []
    for call in calls("Problem"):
        values = next((k.value for k in call.keywords if k.arg == "values"), None)
        given = set() if values is None else None
        if isinstance(values, ast.Dict) and all(isinstance(k, ast.Constant) for k in values.keys):
            given = {key.value for key in values.keys}
        found += [(code, given) for code in codes_of(call.args[0])] if call.args else []
    for call in calls("add", "each"):
        owner = ast.unparse(call.func)
        if call.args and "findings" in owner:
            given = {k.arg for k in call.keywords}
            known = None if None in given else given - FINDING_OPTIONS
            found += [(code, known) for code in codes_of(call.args[0])]
    for call in calls("list_rows"):
        found += [(code, None) for code in codes_of(call.args[2])]
    return found


# The catalogues


def test_both_languages_have_the_same_keys_and_fields():
    zh, en = catalogue("zh").texts, catalogue("en").texts
    assert set(zh) == set(en)
    different = {key for key in zh if fields(zh[key]) != fields(en[key])}
    assert different == COUNTED


@pytest.mark.parametrize("language", LANGUAGES)
def test_rooms_are_the_same_files(language):
    folder = resources.files("care_map.messages")
    rooms = {
        code: sorted(file.name for file in (folder / code).iterdir() if file.name != "__pycache__")
        for code in LANGUAGES
    }
    assert rooms[language] == rooms["zh"]
    assert all(name.endswith(".toml") for name in rooms[language])


def test_chinese_is_chinese():
    """A text without any Chinese sign is a name, a unit or an example, never a sentence."""
    left = {
        key: text
        for key, text in catalogue("zh").texts.items()
        if not CHINESE.search(text)
        and len(re.findall(r"[A-Za-z]{2,}", text)) >= LATIN_WORDS
        and not key.endswith(".example")
    }
    assert left == {}


QUOTED = ("map.page.approval", "problem.", "new.", "osm.", "cli.", "demo.")


def test_english_is_english():
    """Chinese stands in English only as what a Chinese table or licence spells."""
    left = {}
    for key, text in catalogue("en").texts.items():
        found = CHINESE.findall(text)
        if found and (not key.startswith(QUOTED) or len(found) > 0.5 * len(text)):
            left[key] = text
    assert left == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_vocabulary_has_a_label(language):
    texts = catalogue(language)
    groups = {
        "facility_type": FACILITY_TYPES,
        "level": LEVELS,
        "group": PRIORITY_GROUPS,
        "service": SERVICES,
        "setting": SETTINGS,
        "stage": STAGES,
        "profile": PROFILES,
        "assumption": PROFILES,
        "status": ("covered", "uncovered", "undetermined"),
        "mode": ("foot", "car", "straight"),
    }
    missing = [
        f"{g}.{c}" for g, codes in groups.items() for c in codes if not texts.has(f"{g}.{c}")
    ]
    assert missing == []


# The catalogues and the code


def test_every_key_in_the_code_exists():
    whole = re.compile(rf"(?:{'|'.join(sorted(ROOTS))})(?:\.[a-z0-9_]+)+")
    asked = {
        code
        for call in calls("text")
        if call.args
        for code in codes_of(call.args[0])
        if whole.fullmatch(code)
    }
    assert len(asked) > 40
    assert sorted(asked - KEYS) == []
    none = [p.pattern for p in patterns() if not any(p.fullmatch(key) for key in KEYS | GROUPS)]
    # Names of files and the like begin as a room does: `report.xlsx`.
    assert [p for p in none if r"\." in p.split(".+")[0]] == []


def test_every_label_group_in_the_code_exists():
    asked = {
        code for call in calls("label", "listed") if call.args for code in codes_of(call.args[0])
    }
    assert len(asked) > 8
    assert sorted(asked - GROUPS - {"group"}) == []


def test_every_finding_has_its_message_and_advice():
    found = {code for code, _ in problem_calls()}
    assert len(found) > 80
    missing = {code for code in found if f"problem.{code}.message" not in KEYS}
    missing |= {code for code in found if f"problem.{code}.advice" not in KEYS}
    assert sorted(missing) == []
    halves = {key.rpartition(".")[0] for key in KEYS if key.endswith((".message", ".advice"))}
    assert [h for h in halves if {f"{h}.message", f"{h}.advice"} - KEYS] == []


def test_findings_fill_the_fields_of_their_messages():
    texts = catalogue("zh").texts
    wrong = []
    for code, given in problem_calls():
        if given is None:
            continue
        for part in ("message", "advice"):
            missing = fields(texts[f"problem.{code}.{part}"]) - given - PROBLEM_FIELDS
            wrong += [(code, part, missing)] if missing else []
    assert wrong == []


def test_sentences_get_the_fields_they_ask_for():
    zh, en = catalogue("zh").texts, catalogue("en").texts
    wrong = []
    for call in calls("text"):
        given = {k.arg for k in call.keywords}
        if None in given or not call.args:
            continue
        keys = codes_of(call.args[0]) & KEYS
        wrong += [(key, given) for key in keys if fields(zh[key]) | fields(en[key]) != given]
    assert wrong == []


def test_every_key_is_used():
    findings = {code for code, _ in problem_calls()} | constants()
    spoken = _page_keys()
    unused = [key for key in KEYS if not _used(key, findings) and key not in spoken]
    assert sorted(unused) == []


def _used(key, findings):
    group, _, code = key.rpartition(".")
    if key in constants() or any(p.fullmatch(key) for p in patterns()):
        return True
    if key.startswith("problem.") and code in ("message", "advice"):
        name = group.removeprefix("problem.")
        return name in findings or any(pattern(n).fullmatch(name) for n in _made_codes())
    # Labels of a vocabulary: the group is named, the code comes from a table.
    return group in constants() and not group.startswith("problem")


@cache
def _made_codes():
    """Return the f-strings that codes of findings are made by."""
    return [call.args[0] for call in calls("Problem") if isinstance(call.args[0], ast.JoinedStr)]


def _page_keys():
    """Return the keys that the map's page and its scripts say by their short names."""
    folder = SOURCE / "outputs" / "map"
    page = "\n".join(f.read_text(encoding="utf-8") for f in folder.glob("*.html"))
    script = "\n".join(f.read_text(encoding="utf-8") for f in (folder / "script").glob("*.js"))
    short = set(re.findall(r"""["'`]([a-z0-9_]+)["'`]""", script))
    made = re.findall(r"""\bt\(`([a-z_]*)\$\{[^}`]+\}([a-z_]*)`""", script)
    # Names of facts may themselves be keys of objects, not strings.
    bare = short | set(re.findall(r"\b([a-z][a-z0-9_]*)\b", script))
    short |= {f"{before}{name}{after}" for before, after in set(made) for name in bare}
    rooms = ("map.script", "map.weights", "compare.script")
    titles = re.findall(r"""text\(["']([a-z0-9_]+)""", page)
    return {f"{room}.{name}" for name in short for room in rooms} | {
        f"{room}.{name}" for name in titles for room in ("map.page", "compare.page")
    }


# A finding in words


def test_a_code_of_a_vocabulary_is_read_as_its_label():
    problem = Problem("snap_demand_beyond", values={"mode": "foot"}, count=3)
    assert "步行" in problem.message(catalogue("zh"))
    assert "on foot" in problem.message(catalogue("en"))
    # What is no code stays as it is, also where it looks like a key.
    other = Problem("file_unreadable", values={"detail": "level.town"})
    assert "level.town" in other.message(catalogue("zh"))
