"""The crosswalk: what units of one time have become in another, checked and followed.

A unit is known by its code, or by its name where the table has no code for it. Renamed and
merged units go over whole; of a split unit each row says the share that went to one part.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from care_map.inputs.codes import normal_word
from care_map.inputs.sources import FILE, ROW, SourceTable, list_rows, stacked
from care_map.inputs.tables import LINK_COLUMNS
from care_map.inputs.unit_index import canonical_code
from care_map.inputs.vintages import list_code_faults

__all__ = ["Crosswalk", "make_crosswalk", "unit_key"]

_TOLERANCE = 0.001
"""How far the shares of a unit may be from 1 in all, as people round them (default)."""

_SIDES = ("from", "to")
_COLUMNS = ("from_unit_id", "from_name", "to_unit_id", "to_name", "since")


def unit_key(code: str, name: str = "") -> str:
    """Return what a unit is known by: its code in full, else its name.

    Examples
    --------
    >>> unit_key("500154107"), unit_key("", "镇安 镇")
    ('500154107000', '镇安镇')
    """
    return canonical_code(code) if code.strip() else normal_word(name)


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Links from units of one time to those of another.

    Parameters
    ----------
    links
        ``from_unit, to_unit`` (as :func:`unit_key` gives them), ``from_name, to_name, since``
        (text) and ``share`` (float, in (0, 1]); of every from-unit the shares sum to 1.

    Examples
    --------
    >>> links = pd.DataFrame({"from_unit": ["a", "b"], "to_unit": ["b", "c"], "share": [1.0, 1.0],
    ...     "from_name": ["A", "B"], "to_name": ["B", "C"], "since": ["", ""]})
    >>> Crosswalk(links).leads_to("a", {"c"}), Crosswalk(links).comes_from("c", {"a"})
    (('c',), ('a',))
    """

    links: pd.DataFrame
    forward: Mapping[str, Mapping[str, float]] = field(init=False)
    backward: Mapping[str, Mapping[str, float]] = field(init=False)
    named: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Make the lookups."""
        forward: dict[str, dict[str, float]] = {}
        backward: dict[str, dict[str, float]] = {}
        named: dict[str, dict[str, None]] = {}
        columns = ("from_unit", "to_unit", "share", "from_name", "to_name")
        for one, two, share, old, new in zip(*map(self.links.get, columns), strict=True):
            forward.setdefault(one, {})[two] = float(share)
            backward.setdefault(two, {})[one] = float(share)
            for unit, name in ((one, old), (two, new)):
                if name:
                    named.setdefault(normal_word(name), {})[unit] = None
        object.__setattr__(self, "forward", forward)
        object.__setattr__(self, "backward", backward)
        object.__setattr__(self, "named", {name: tuple(units) for name, units in named.items()})

    @property
    def empty(self) -> bool:
        """Whether there is no link at all."""
        return self.links.empty

    def leads_to(self, unit: str, ends: Collection[str]) -> tuple[str, ...]:
        """Return the units among `ends` that a unit has become, going on from others."""
        return tuple(_reached(self.forward, unit, ends))

    def comes_from(self, unit: str, ends: Collection[str]) -> tuple[str, ...]:
        """Return the units among `ends` that a unit was made of."""
        return tuple(_reached(self.backward, unit, ends))

    def other_times(self, unit: str, ends: Collection[str]) -> tuple[str, ...]:
        """Return what a unit has become, else what it was made of, among `ends`."""
        return self.leads_to(unit, ends) or self.comes_from(unit, ends)


def _reached(
    links: Mapping[str, Mapping[str, float]], unit: str, ends: Collection[str]
) -> Iterator[str]:
    seen, waiting = {unit}, [unit]
    while waiting:
        for following in links.get(waiting.pop(), ()):
            if following in seen:
                continue
            seen.add(following)
            if following in ends:
                yield following
            else:
                waiting.append(following)


def make_crosswalk(
    tables: Sequence[SourceTable], *, units: pd.DataFrame, others: pd.DataFrame
) -> Crosswalk:
    """Make the crosswalk of the study's sources, and list what is wrong with it.

    Parameters
    ----------
    tables
        The sources as read; findings are added to theirs.
    units
        ``unit_id, name`` of the units in force.
    others
        The same of the other units of the study.

    Returns
    -------
    Crosswalk
        Of the rows that hold.
    """
    if not tables:
        return Crosswalk(pd.DataFrame(columns=list(LINK_COLUMNS)).astype({"share": float}))
    for table in tables:
        for side in _SIDES:
            list_code_faults(table, f"{side}_unit_id")
    frame = _rows(tables)
    frame = _with_keys(frame, tables, units=units, others=others)
    frame = _with_shares(frame, tables)
    pairs = frame.duplicated(["from_unit", "to_unit"])
    list_rows(tables, frame[pairs], "crosswalk_twice", "error", shown="from_shown")
    frame = _without_cycles(frame[~pairs], tables)
    _list_unknown(frame, tables, units=units, others=others)
    return Crosswalk(frame[list(LINK_COLUMNS)])


def _rows(tables: Sequence[SourceTable]) -> pd.DataFrame:
    frames = []
    for table in tables:
        rows = pd.DataFrame({name: table.frame.get(name, "") for name in (*_COLUMNS, FILE, ROW)})
        rows["share"] = table.frame.get("share", np.nan)
        frames.append(rows)
    return stacked(frames)


def _with_keys(
    frame: pd.DataFrame,
    tables: Sequence[SourceTable],
    *,
    units: pd.DataFrame,
    others: pd.DataFrame,
) -> pd.DataFrame:
    """Add what each side is known by; a name alone gets the code that it has elsewhere."""
    codes: dict[str, set[str]] = {}
    for side in _SIDES:
        for code, name in zip(frame[f"{side}_unit_id"], frame[f"{side}_name"], strict=True):
            if code and name:
                codes.setdefault(normal_word(name), set()).add(canonical_code(code))
    known = {"from": _by_name(others), "to": {**_by_name(others), **_by_name(units)}}
    keys: dict[str, list[str]] = {}
    for side in _SIDES:
        keys[side] = []
        for code, name in zip(frame[f"{side}_unit_id"], frame[f"{side}_name"], strict=True):
            word = normal_word(name)
            given = codes.get(word, set())
            named = next(iter(given)) if len(given) == 1 else known[side].get(word, "")
            keys[side].append(unit_key(code or named, name))
    frame = frame.assign(from_unit=keys["from"], to_unit=keys["to"])
    shown = frame["from_name"].where(frame["from_name"] != "", frame["from_unit_id"])
    whole = np.ones(len(frame), dtype=bool)
    for side in _SIDES:
        lacks = (frame[f"{side}_unit"] == "").to_numpy(dtype=bool)
        list_rows(tables, frame[lacks], "crosswalk_end", "error", column=f"{side}_unit_id")
        whole &= ~lacks
    return frame.assign(from_shown=shown)[whole]


def _by_name(units: pd.DataFrame) -> dict[str, str]:
    """Return the units whose names are their own."""
    names = units["name"].map(normal_word)
    single = ~names.duplicated(keep=False) & (names != "")
    return dict(zip(names[single], units.loc[single, "unit_id"].map(canonical_code), strict=True))


def _with_shares(frame: pd.DataFrame, tables: Sequence[SourceTable]) -> pd.DataFrame:
    """Fill in the share of units that go over whole; units whose shares are wrong fall away."""
    parts = frame.groupby("from_unit")["from_unit"].transform("size").to_numpy(dtype=np.int64)
    share = frame["share"].to_numpy(dtype=float).copy()
    share[np.isnan(share) & (parts == 1)] = 1.0
    lacks = np.isnan(share)
    list_rows(tables, frame[lacks], "crosswalk_share_missing", "error", shown="from_shown")
    outside = ~lacks & ~((share > 0) & (share <= 1))
    list_rows(tables, frame[outside], "crosswalk_share", "error", column="share")
    frame = frame.assign(share=share)
    wrong = set(frame.loc[lacks | outside, "from_unit"])
    sums = frame[~frame["from_unit"].isin(wrong)].groupby("from_unit", sort=False)["share"].sum()
    findings = {table.settings.path.as_posix(): table.findings for table in tables}
    for unit, total in sums[(sums - 1).abs() > _TOLERANCE].items():
        first = frame[frame["from_unit"] == unit].iloc[0]
        findings[first[FILE]].add(
            "crosswalk_shares",
            "error",
            row=int(first[ROW]),
            column="share",
            value=str(first["from_shown"]),
            total=float(total),
        )
        wrong.add(str(unit))
    frame = frame[~frame["from_unit"].isin(wrong)]
    totals = frame.groupby("from_unit")["share"].transform("sum")
    return frame.assign(share=frame["share"] / totals)


def _without_cycles(frame: pd.DataFrame, tables: Sequence[SourceTable]) -> pd.DataFrame:
    """List units that come back to themselves through others, and leave their links out."""
    forward: dict[str, list[str]] = {}
    for one, two in zip(frame["from_unit"], frame["to_unit"], strict=True):
        if one != two:
            forward.setdefault(one, []).append(two)
    links = {one: dict.fromkeys(many, 1.0) for one, many in forward.items()}
    inside = {unit for unit in links if unit in _everything_after(links, unit)}
    around = frame["from_unit"].isin(inside) & frame["to_unit"].isin(inside)
    loops = around & (frame["from_unit"] != frame["to_unit"])
    list_rows(tables, frame[loops], "crosswalk_cycle", "error", shown="from_shown")
    return frame[~loops]


def _everything_after(links: Mapping[str, Mapping[str, float]], unit: str) -> set[str]:
    found: set[str] = set()
    waiting = list(links.get(unit, ()))
    while waiting:
        following = waiting.pop()
        if following not in found:
            found.add(following)
            waiting.extend(links.get(following, ()))
    return found


def _list_unknown(
    frame: pd.DataFrame,
    tables: Sequence[SourceTable],
    *,
    units: pd.DataFrame,
    others: pd.DataFrame,
) -> None:
    """List units that links end at and nobody knows, and former units that are in force."""
    if units.empty:
        return
    present = set(units["unit_id"].map(canonical_code))
    known = present | set(others["unit_id"].map(canonical_code)) | set(frame["from_unit"])
    rows = frame[~frame["to_unit"].isin(known)]
    shown = rows["to_name"].where(rows["to_name"] != "", rows["to_unit_id"])
    list_rows(tables, rows.assign(shown=shown), "crosswalk_unknown", shown="shown")
    goes_on = set(frame.loc[frame["from_unit"] == frame["to_unit"], "from_unit"])
    ended = frame["from_unit"].isin(present - goes_on)
    both = frame[ended & frame["to_unit"].isin(present)]
    list_rows(tables, both, "crosswalk_both_in_force", shown="from_shown")
