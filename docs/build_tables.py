"""Fill the generated tables of the documents in this folder from the code.

A generated table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; everything else
in a document is written by hand. ``python docs/build_tables.py`` renews all of them in place, and
a test compares the files with what this script makes.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import care_map
from care_map.inputs import osm_facilities
from care_map.inputs.buildings import CHINESE_USES
from care_map.inputs.codes import CODED, codebook
from care_map.inputs.osm_facilities import NO_GENERAL_MEDICINE, TYPE_BY_NAME
from care_map.inputs.osm_homes import DEFAULT_FLOORS, PLACE_WEIGHT_M, ROAD_WEIGHT
from care_map.inputs.osm_roads import ROAD_CLASSES
from care_map.inputs.osm_units import RURAL_PLACES, URBAN_PLACES
from care_map.inputs.road_layers import CHINESE_CLASSES
from care_map.inputs.settings import RULES
from care_map.inputs.spread import SETTLEMENT_ROADS
from care_map.messages import catalogue
from care_map.schema import (
    ACCESS,
    BEDS_BY_UNIT,
    BUILDINGS,
    CANDIDATES,
    CAPACITY_BY_FACILITY,
    CAPACITY_BY_UNIT,
    CENTRE_LOADS,
    CENTRE_STATIONS,
    CLAUSE_EVIDENCE,
    CLAUSE_VERDICTS,
    COUNTED,
    COVERAGE_BY_UNIT,
    CROSSWALK,
    DEMAND,
    DEMAND_COUNTS,
    ELDER_LIST,
    FACILITIES,
    FACILITY_LOAD,
    GAP_REASONS,
    GAPS,
    ISSUES,
    LEDGER,
    LEDGER_LEFT_OUT,
    LEDGER_SERIES,
    NETWORK_REPORT,
    RECEIVED,
    ROADS,
    SERVICES_LIST,
    SETTING_FLIPS,
    SOURCE_QUALITY,
    STATED,
    TARGETS,
    UNIT_SERVICE,
    UNITS,
    Table,
)
from care_map.schema.checks import ELDER_CHECKS, FACILITY_CHECKS, UNIT_CHECKS
from care_map.schema.siting import FRONTIER, SITES, SITES_BY_UNIT, SITES_LEFT_OUT
from care_map.values import CAR_SPEED_KPH, PROFILES
from care_map.vocabulary import (
    FACILITY_TYPES,
    LEVELS,
    LOCATION_QUALITIES,
    OPERATOR_KINDS,
    ORIGINS,
    OWNERSHIPS,
    PRIORITY_GROUPS,
    RESIDENCES,
    SERVICES,
    SETTINGS,
    STAGES,
    STRENGTHS,
    UNIT_KINDS,
    VERDICTS,
)

__all__ = ["BLOCKS", "DOCS", "fill"]

DOCS = Path(__file__).parent

_BLOCK = re.compile(r"(<!-- begin ([\w-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_RULE = re.compile(r"^={3,}", re.MULTILINE)
_GAP = re.compile(r" {2,}")


def _page(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|") or " "


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _input(table: Table) -> str:
    rows = (
        (
            f"`{column.name}`",
            column.kind,
            column.zh,
            "、".join(column.aliases),
            column.en,
            "yes" if column.required else "",
        )
        for column in table.columns
    )
    return _page(("column", "kind", "Chinese header", "also read", "English", "required"), rows)


def _output(table: Table) -> str:
    rows = ((f"`{column.name}`", column.kind, column.zh, column.en) for column in table.columns)
    return _page(("column", "kind", "Chinese title", "English title"), rows)


def _vocabulary(group: str, codes: Iterable[str]) -> str:
    zh, en = catalogue("zh"), catalogue("en")
    rows = ((f"`{code}`", zh.label(group, code), en.label(group, code)) for code in codes)
    return _page(("code", "Chinese", "English"), rows)


def _labels(group: str) -> str:
    """Return the codes of a group that only the catalogue lists."""
    keys = (key.partition(".") for key in catalogue("en").texts)
    return _vocabulary(group, sorted(code for head, _, code in keys if head == group))


def _siting_left_out() -> str:
    """Return why a candidate cannot be chosen, in both languages."""
    head = "siting.left_out."
    codes = sorted(key.removeprefix(head) for key in catalogue("en").texts if key.startswith(head))
    rows = (
        (f"`{code}`", *(catalogue(language).texts[head + code] for language in ("zh", "en")))
        for code in codes
    )
    return _page(("reason", "中文", "English"), rows)


def _profiles() -> str:
    rows = (
        (
            f"`{name}`",
            profile.mode,
            f"{profile.walk_speed_mps:g}",
            f"{profile.overhead_s / 60:g}",
            f"`{profile.beside}`" if profile.beside else "",
            profile.source,
        )
        for name, profile in PROFILES.items()
    )
    heads = ("profile", "mode", "walking, m/s", "start and park, min", "stands beside it", "source")
    return _page(heads, rows)


def _numbers(heads: tuple[str, str], numbers: Mapping[str, float]) -> str:
    return _page(heads, ((f"`{name}`", f"{number:g}") for name, number in numbers.items()))


def _osm_tags() -> str:
    """Return the table in the docstring of `osm_facilities`, the one place where it is written."""
    body = _RULE.split(osm_facilities.__doc__ or "")[2]
    lines = (line.strip() for line in body.splitlines() if line.strip(" ="))
    rows = (_GAP.split(line, maxsplit=1) for line in lines)
    return _page(("tags", "type"), ((tags, f"`{kind}`") for tags, kind in rows))


def _osm_names() -> str:
    rows = ((f"`{pattern.pattern}`", f"`{kind}`") for kind, pattern in TYPE_BY_NAME)
    return _page(("name contains (regular expression)", "type"), rows)


_SOURCE = Path(care_map.__file__).parent
_SEVERITIES = ("error", "warning", "info")
_UNSAID = {"Problem": "error", "add": "warning", "each": "warning", "list_rows": "warning"}
"""What makes a finding, and its severity where the call does not say it."""


def _severities() -> dict[str, str]:
    """Return the severity of each finding that the source tells it of."""
    found: dict[str, set[str]] = {}
    named: dict[str, set[str]] = {}
    for file in _SOURCE.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        texts = {word for node in ast.walk(tree) for word in _words(node)}
        by_name: set[str] = set()
        for node in ast.walk(tree):
            code, severities = _made_by(node)
            for one in _words(code):
                found.setdefault(one, set()).update(severities)
            if code is not None and not _words(code):
                by_name |= severities
        # A module that makes findings by a name, all of one severity, makes its codes so.
        for text in texts if len(by_name) == 1 else ():
            named.setdefault(text, set()).update(by_name)
    return {
        code: ", ".join(severity for severity in _SEVERITIES if severity in said)
        for code, said in {**named, **found}.items()
    }


def _made_by(node: ast.AST) -> tuple[ast.expr | None, set[str]]:
    """Return where a call says which finding it makes, and the severities that it may have."""
    if not isinstance(node, ast.Call) or not node.args:
        return None, set()
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = [*node.args[1:4], *(word.value for word in node.keywords if word.arg == "severity")]
    said = {word for one in given for word in _words(one) if word in _SEVERITIES}
    unsaid = not any(isinstance(one, ast.Name) and one.id == "severity" for one in given)
    if not said and name in _UNSAID and unsaid:
        said = {_UNSAID[name]}
    at = 2 if name == "list_rows" else 0
    return (node.args[at] if said and len(node.args) > at else None), said


def _words(node: ast.AST | None) -> list[str]:
    """Return the texts that an expression can be: itself, or both sides of a condition."""
    if isinstance(node, ast.IfExp):
        return [*_words(node.body), *_words(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _findings() -> str:
    """Return a table of the findings of each room of the catalogue."""
    zh, en, severity = catalogue("zh").texts, catalogue("en").texts, _severities()
    parts = []
    for file in sorted((_SOURCE / "messages" / "en").glob("*.toml")):
        codes = tomllib.loads(file.read_text(encoding="utf-8")).get("problem", {})
        rows = [
            (
                f"`{code}`",
                severity.get(code, ""),
                en[f"problem.{code}.message"],
                en[f"problem.{code}.advice"],
                zh[f"problem.{code}.message"],
            )
            for code in sorted(codes)
            if f"problem.{code}.message" in en
        ]
        if rows:
            heads = ("code", "severity", "meaning", "advice", "Chinese")
            parts.append(f"### {file.stem}\n\n{_page(heads, rows)}")
    return "\n".join(parts)


def _synonyms() -> str:
    """Return the words that are read as each code, by column."""
    parts = []
    for column, vocabulary in CODED.items():
        words: dict[str, list[str]] = {}
        for word, code in codebook(vocabulary).items():
            words.setdefault(code, []).append(word)
        rows = ((f"`{code}`", "、".join(known)) for code, known in words.items())
        parts.append(f"### `{column}`\n\n{_page(('code', 'read as it'), rows)}")
    return "\n".join(parts)


def _listed(names: Iterable[str]) -> Callable[[], str]:
    return lambda: f"{_codes(sorted(names))}\n"


_BESIDE_DEMAND = Table("", "", "", DEMAND_COUNTS.columns[len(ELDER_LIST.columns) :])

BLOCKS: Mapping[str, Callable[[], str]] = {
    "input-units": lambda: _input(UNITS),
    "input-facilities": lambda: _input(FACILITIES),
    "input-demand": lambda: _input(DEMAND),
    "input-counts": lambda: _input(_BESIDE_DEMAND),
    "input-buildings": lambda: _input(BUILDINGS),
    "counted": lambda: _output(Table("counted", "", "", COUNTED)),
    "chinese-uses": lambda: _page(
        ("use", "read as"), ((zh, f"`{osm}`") for zh, osm in CHINESE_USES.items())
    ),
    "settlement-roads": lambda: _numbers(("`highway`", "weight of a metre"), SETTLEMENT_ROADS),
    "input-targets": lambda: _input(TARGETS),
    "input-services": lambda: _input(SERVICES_LIST),
    "input-stated": lambda: _input(STATED),
    "input-received": lambda: _input(RECEIVED),
    "checks-units": lambda: _input(Table("", "", "", UNIT_CHECKS)),
    "checks-facilities": lambda: _input(Table("", "", "", FACILITY_CHECKS)),
    "checks-elders": lambda: _input(Table("", "", "", ELDER_CHECKS)),
    "input-crosswalk": lambda: _input(CROSSWALK),
    "input-candidates": lambda: _input(CANDIDATES),
    "output-sites": lambda: _output(SITES),
    "output-sites-unit": lambda: _output(SITES_BY_UNIT),
    "output-sites-left-out": lambda: _output(SITES_LEFT_OUT),
    "output-centre-stations": lambda: _output(CENTRE_STATIONS),
    "output-centre-loads": lambda: _output(CENTRE_LOADS),
    "output-frontier": lambda: _output(FRONTIER),
    "siting-left-out": _siting_left_out,
    "input-roads": lambda: _input(ROADS),
    "output-coverage": lambda: _output(COVERAGE_BY_UNIT),
    "output-access": lambda: _output(ACCESS),
    "output-gaps": lambda: _output(GAPS),
    "output-gap-reasons": lambda: _output(GAP_REASONS),
    "output-load": lambda: _output(FACILITY_LOAD),
    "output-capacity-unit": lambda: _output(CAPACITY_BY_UNIT),
    "output-capacity-facility": lambda: _output(CAPACITY_BY_FACILITY),
    "output-beds": lambda: _output(BEDS_BY_UNIT),
    "output-network": lambda: _output(NETWORK_REPORT),
    "output-settings": lambda: _output(SETTING_FLIPS),
    "output-verdicts": lambda: _output(CLAUSE_VERDICTS),
    "output-evidence": lambda: _output(CLAUSE_EVIDENCE),
    "output-ledger": lambda: _output(LEDGER),
    "output-left-out": lambda: _output(LEDGER_LEFT_OUT),
    "output-series": lambda: _output(LEDGER_SERIES),
    "output-unit-service": lambda: _output(UNIT_SERVICE),
    "output-issues": lambda: _output(ISSUES),
    "output-quality": lambda: _output(SOURCE_QUALITY),
    "findings": _findings,
    "left-out": lambda: _labels("left_out"),
    "synonyms": _synonyms,
    "facility-types": lambda: _vocabulary("facility_type", FACILITY_TYPES),
    "stages": lambda: _vocabulary("stage", STAGES),
    "levels": lambda: _vocabulary("level", LEVELS),
    "settings": lambda: _vocabulary("setting", SETTINGS),
    "groups": lambda: _vocabulary("group", PRIORITY_GROUPS),
    "services": lambda: _vocabulary("service", SERVICES),
    "unit-kinds": lambda: _vocabulary("unit_kind", UNIT_KINDS),
    "residences": lambda: _vocabulary("residence", RESIDENCES),
    "operator-kinds": lambda: _vocabulary("operator_kind", OPERATOR_KINDS),
    "ownerships": lambda: _vocabulary("ownership", OWNERSHIPS),
    "strengths": lambda: _vocabulary("strength", STRENGTHS),
    "verdicts": lambda: _vocabulary("verdict", VERDICTS),
    "statuses": lambda: _labels("status"),
    "reasons": lambda: _labels("reason"),
    "means": lambda: _labels("means"),
    "remedies": lambda: _labels("remedy"),
    "setting-rules": lambda: _vocabulary("rule", RULES),
    "network-items": lambda: _labels("network"),
    "location-qualities": lambda: f"{_codes(LOCATION_QUALITIES)}\n",
    "origins": lambda: f"{_codes(ORIGINS)}\n",
    "profiles": _profiles,
    "car-speeds": lambda: _numbers(("class", "km/h"), CAR_SPEED_KPH),
    "road-classes": _listed(ROAD_CLASSES),
    "chinese-classes": lambda: _page(
        ("in the layer", "read as"), ((zh, f"`{osm}`") for zh, osm in CHINESE_CLASSES.items())
    ),
    "osm-tags": _osm_tags,
    "osm-names": _osm_names,
    "osm-specialities": _listed(NO_GENERAL_MEDICINE),
    "osm-floors": lambda: _numbers(("`building`", "floors"), DEFAULT_FLOORS),
    "osm-roads": lambda: _numbers(("`highway`", "weight of a metre"), ROAD_WEIGHT),
    "osm-places": lambda: _numbers(("`place`", "metres of road"), PLACE_WEIGHT_M),
    "osm-urban": _listed(URBAN_PLACES),
    "osm-rural": _listed(RURAL_PLACES),
}
"""Name of a block → what makes it."""


def fill(text: str) -> str:
    """Return a document with all of its generated blocks renewed.

    Parameters
    ----------
    text
        Markdown; what stands outside the blocks stays as it is.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        The document has a block that this script cannot make.
    """
    return _BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n{found[3]}", text)


def main() -> None:
    """Renew the blocks of every document; name those that changed."""
    for page in sorted(DOCS.glob("*.md")):
        before = page.read_text(encoding="utf-8")
        after = fill(before)
        if after != before:
            page.write_text(after, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{page.name}\n")


if __name__ == "__main__":
    main()
