"""Write ``docs/clauses.md``: every clause of every pack, how it is judged, and what is not.

``python docs/build_clauses.py`` writes the page anew from the packs that come with care-map; a
test compares the page with what this script makes. Corrections to the list that the packs were
made from are comments in the packs, each beginning with ``# 更正：``.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from care_map.packs.conditions import AllOf, AnyOf, Condition, Named, NoneOf
from care_map.packs.pack_file import ClauseTable, PackFile
from care_map.packs.reader import pack_names, read_pack
from care_map.packs.rules import PerUnit, Stated

__all__ = ["PAGE", "clause_page", "corrections"]

PAGE = Path(__file__).parent / "clauses.md"

_HEAD = """\
# The clauses of the packs

<!-- Written by docs/build_clauses.py from the packs: change those, then run it. -->

Every clause that a notice can be measured by, as the packs of care-map encode it. How a pack is
written: [packs.md](packs.md). The words of the notice itself are in each pack's `text`, its sources
and assumptions beside them.

- **Strength**: must · principle (原则上) · conditional (有条件) · aim (力争) · support (鼓励). A
  clause that is not met reads 未达到 if it is a must, else 未达（原则性 / 有条件 / 力争 / 鼓励）.
- **Judged**: *rule*, by a threshold of the notice, or by "all of them" where it says so;
  *indicator*, the notice gives no threshold and the figure is reported without pass or fail;
  *typed in*, no list can give it, the office states it with its evidence; *source conflict*, the
  notice contradicts itself and nothing is judged until the office says which reading holds.
- `≥` 不低于、达到、以上, `>` 超过. All shares are of what the pack calls their denominator.
- **Not measurable**: sentences with a figure that no rule holds, and why.
"""
_THRESHOLDS = {"at_least": "≥", "more_than": ">", "at_most": "≤"}
_SIGNS = {**_THRESHOLDS, "less_than": "<", "is_": "=", "one_of": "in", "from_": "from"}
_CORRECTION = re.compile(r"^#[ ]?更正：(.*(?:\n#   .*)*)", re.MULTILINE)


def clause_page() -> str:
    """Return the whole page."""
    parts = [_HEAD, _summary(), *(_of_pack(name) for name in pack_names())]
    return "\n".join(parts)


def corrections(name: str) -> list[str]:
    """Return the corrections that a pack notes, a line each."""
    file = resources.files("care_map.packs") / f"{name}.toml"
    found = _CORRECTION.findall(file.read_text(encoding="utf-8"))
    return [re.sub(r"\n#\s+", "", text).strip() for text in found]


def _summary() -> str:
    heads = ("pack", "document", "clauses", "rule", "indicator", "typed in", "source conflict",
             "targets", "not measurable")  # fmt: skip
    rows = []
    for name in pack_names():
        pack = read_pack(name)
        kinds = [_judged(clause) for clause in pack.clause]
        rows.append(
            (
                f"[{name}](#{name})",
                pack.pack.document,
                len(kinds),
                *(kinds.count(kind) for kind in heads[3:7]),
                len(pack.target),
                len(pack.unmeasured),
            )
        )
    return _table(heads, rows)


def _of_pack(name: str) -> str:
    pack = read_pack(name)
    header = pack.pack
    notice = f"{header.name} ({header.name_en}): 《{header.title}》 {header.document}"
    edition = f"{header.issued}. Encoding {header.version}.\n"
    lines = [f"## {name}\n", f"{notice}, {edition}", _clauses(pack)]
    if pack.unmeasured:
        lines += [
            "Not measurable:\n",
            _table(
                ("row", "cite", "words", "why", "原因"),
                (
                    (one.row or "", one.cite, " … ".join(one.text), one.why_en, one.why)
                    for one in pack.unmeasured
                ),
            ),
        ]
    found = corrections(name)
    if found:
        lines += ["Corrections to the list of clauses, against the notice:\n"]
        lines += ["".join(f"- {text}\n" for text in found)]
    return "\n".join(lines)


def _clauses(pack: PackFile) -> str:
    heads = ("row", "clause", "cite", "task", "任务", "strength", "by", "judged", "how")
    rows = (
        (
            clause.row,
            f"`{clause.id}`",
            clause.cite,
            clause.title_en,
            clause.title,
            clause.strength,
            clause.deadline or "",
            _judged(clause),
            _how(clause),
        )
        for clause in pack.clause
    )
    return _table(heads, rows)


def _judged(clause: ClauseTable) -> str:
    if clause.conflict and not clause.conflict.judged_as:
        return "source conflict"
    if isinstance(clause.rule, Stated):
        return "typed in"
    if clause.rule.formula == "ledger" or list(_bounds(clause)):
        return "rule"
    return "indicator"


def _bounds(clause: ClauseTable) -> Iterator[tuple[str, float]]:
    for key in _THRESHOLDS:
        value = getattr(clause.rule, key, None)
        if value is not None:
            yield key, value


def _how(clause: ClauseTable) -> str:
    rule = clause.rule
    what = getattr(rule, "rows", "") or getattr(rule, "circle", "")
    if isinstance(rule, PerUnit):
        what = ", ".join(rule.unit_kinds)
    share = rule.formula not in ("count", "ratio") and getattr(rule, "answer", "") != "number"
    bounds = [
        f"{_THRESHOLDS[key]} {f'{value * 100:g}%' if share else f'{value:g}'}"
        for key, value in _bounds(clause)
    ]
    if isinstance(rule, Stated):
        what = rule.answer.replace("_", " or ")
    asked = getattr(rule, "meets", None) or (rule.of if rule.formula == "count" else None)
    asked_words = f"[{_condition(asked)}]" if asked else ""
    words = [f"`{rule.formula}`", f"({what})" if what else "", *bounds, asked_words]
    if clause.conflict:
        words.append(f"readings: {' / '.join(clause.conflict.readings)}")
    return " ".join(word for word in words if word)


def _condition(condition: Condition) -> str:
    """Return a condition in a few signs, such as ``floor_area_m2 ≥ 300``."""
    match condition:
        case Named():
            return condition.named
        case AllOf():
            return " and ".join(_inner(one) for one in condition.all)
        case AnyOf():
            return " or ".join(_inner(one) for one in condition.any)
        case NoneOf():
            return f"not {' nor '.join(_inner(one) for one in condition.none_of)}"
    given = condition.model_dump(exclude_unset=True, exclude={"field", "plus", "per"})
    asked = ", ".join(f"{_SIGNS.get(key, key)} {_value(value)}" for key, value in given.items())
    number = " + ".join((condition.field, *condition.plus))
    return f"{number}{f' / {condition.per}' if condition.per else ''} {asked}"


def _inner(condition: Condition) -> str:
    words = _condition(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) else words


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return ";".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    return re.sub(r"\s+", " ", str(value)).replace("|", "\\|").strip() or " "


def main() -> None:
    """Write the page; say so if it has changed."""
    text = clause_page()
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{PAGE.name}\n")


if __name__ == "__main__":
    main()
