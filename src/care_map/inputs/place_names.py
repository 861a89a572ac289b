"""What names of towns and villages mean: exact names first, then documented synonyms of them.

A label is read in every way that the rules in ``docs/placement.md`` allow; it means a unit only
where all these ways lead to one. So a name that could be two villages is never one of them.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

__all__ = ["Fault", "Meaning", "PlaceNames", "core_name", "normal_place"]

Fault = Literal["", "place_ambiguous", "place_unknown"]

_SPACES = re.compile(r"\s+")
_SCRIPT = str.maketrans("台區縣鎮鄉員會辦處組號隊單樓戶棟", "臺区县镇乡员会办处组号队单楼户栋")
"""Traditional forms of the signs that kinds of units, offices and doors are written with."""

_SUFFIXES: Mapping[str, Mapping[str, str]] = {
    "district": {"区": "区", "县": "县", "市": "市"},
    "town": {
        **dict.fromkeys(("街道", "街道办事处", "街道办", "街办", "办事处"), "街道"),
        **dict.fromkeys(("镇", "镇人民政府", "镇政府"), "镇"),
        **dict.fromkeys(("乡", "乡人民政府", "乡政府"), "乡"),
        **dict.fromkeys(("区", "区公所"), "区"),
        "市": "市",
        "县": "县",
    },
    "community": {
        **dict.fromkeys(
            ("村", "村委", "村委会", "村民委员会", "村村委", "村村委会", "村村民委员会"), "村"
        ),
        **dict.fromkeys(
            (
                "社区",
                "社区居委",
                "社区居委会",
                "社区居民委员会",
                "居委",
                "居委会",
                "居民委员会",
            ),
            "社区",
        ),
        **dict.fromkeys(("里", "里办公处"), "里"),
    },
}
"""Level → how the end of a name is written → the kind of unit that it says."""

_NUMBER = r"[0-9一二三四五六七八九十百零〇两]+"
_DOOR = rf"(?:[-附之]?{_NUMBER}(?:号|栋|幢|单元|楼|室|户|院)?)*"
_GROUP = r"(?:村民|居民)?(?:小组|组|生产队|队|社)"
_NUMBERED = re.compile(rf"第?{_NUMBER}{_GROUP}{_DOOR}|(?:{_NUMBER}号){_DOOR}")
_NAMED = re.compile(rf".{{1,8}}?{_GROUP}{_DOOR}")
_REGION = re.compile(r"(?:.{2,9}?(?:省|市|(?<!社)(?<!小)区|县|州|盟|旗))+")
_ABOVE_DISTRICT = re.compile(r"(?:.{2,9}?(?:省|市|自治区))+")
_PREFIX_ENDS = frozenset("省市区县州盟旗镇乡道办处府")

_DIGIT = re.compile(r"[0-9]")
_AFTER_VILLAGE = re.compile(rf"$|[^\w]|第$|(?:{_NUMBERED.pattern})|(?:{_NAMED.pattern})$")
_NOT_AFTER = frozenset("路街巷弄道桥站村社")
_BEFORE = frozenset("省市区县州盟旗镇乡道处村里")
_LIKELY = 0.5
"""Likeness from which a spelling is proposed (default)."""


def normal_place(name: str) -> str:
    """Return a name as names are compared: no spaces, no wide signs, one form of each sign.

    Examples
    --------
    >>> normal_place("太 白 街道"), normal_place("台北市"), normal_place("白果村１２組")
    ('太白街道', '臺北市', '白果村12组')
    """
    return _SPACES.sub("", unicodedata.normalize("NFKC", name)).translate(_SCRIPT)


def core_name(label: str) -> str:
    """Return what tells a village from others: without group, door and kind.

    Examples
    --------
    >>> core_name("白果村第三组"), core_name("白果村委会"), core_name("太白社区居委会")
    ('白果', '白果', '太白')
    """
    stem = min(_stems(normal_place(label)), key=len)
    return min((base for base, _ in _readings(stem, "community")), key=len)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the names of a row mean.

    Parameters
    ----------
    unit
        The one unit that is meant, "" for none.
    way
        ``"name"`` where every name is a unit's own, ``"synonym"`` where one is written another
        way, "" without a unit.
    fault
        Code of the finding where a name is unknown or means several units.
    column
        The column that it is about.
    candidates
        The units that an ambiguous name may mean.
    """

    unit: str = ""
    way: str = ""
    fault: Fault = ""
    column: str = ""
    candidates: tuple[str, ...] = ()


class PlaceNames:
    """The names of a study's units.

    Parameters
    ----------
    names, levels, parents
        By unit id.

    Examples
    --------
    >>> places = PlaceNames(
    ...     {"1": "甲街道", "2": "东社区", "3": "东村"},
    ...     {"1": "town", "2": "community", "3": "community"},
    ...     {"1": "", "2": "1", "3": ""},
    ... )
    >>> places.meaning("甲街道办事处", "东社区居委会3组").unit
    '2'
    >>> places.meaning("", "东").candidates
    ('2', '3')
    """

    def __init__(
        self, names: Mapping[str, str], levels: Mapping[str, str], parents: Mapping[str, str]
    ) -> None:
        self._names, self._levels, self._parents = names, levels, parents

    @cached_property
    def _exact(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for unit, name in self._names.items():
            found.setdefault((self._levels[unit], normal_place(name)), []).append(unit)
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Units by level and name without its kind, each with its kind."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for unit, name in self._names.items():
            level = self._levels[unit]
            readings = list(_readings(normal_place(name), level))
            # A name with a kind is not also one without.
            for base, kind in readings[1:] or readings:
                found.setdefault((level, base), []).append((unit, kind))
        return found

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(name) for _, name in self._exact if len(name) > 1}, reverse=True)

    def _chain(self, unit: str) -> list[str]:
        found: list[str] = []
        while unit in self._names and unit not in found:
            found.append(unit)
            unit = self._parents[unit]
        return found

    def meaning(self, town: str, community: str) -> Meaning:
        """Return what the names of a town and of a village, either may be empty, mean.

        A village that is not found leaves its town, if that is named.
        """
        towns, way = self._find(town, "town") if town else ((), "")
        hosts = towns or (self._find(town, "district")[0] if town else ())
        own = self._of_town(town, towns, way, known=bool(hosts))
        if not community:
            return own
        if town and not hosts and self._above_communities:
            return own
        found, village_way = self._find(community, "community", hosts=hosts)
        if len(found) == 1:
            ways = (way, village_way)
            return Meaning(found[0], "synonym" if "synonym" in ways else "name")
        fault: Fault = "place_ambiguous" if found else "place_unknown"
        return Meaning(own.unit, own.way, fault, "community_name", found)

    @cached_property
    def _above_communities(self) -> bool:
        return any(level != "community" for level in self._levels.values())

    def _of_town(self, town: str, towns: tuple[str, ...], way: str, *, known: bool) -> Meaning:
        if len(towns) == 1:
            return Meaning(towns[0], way)
        if towns:
            return Meaning("", "", "place_ambiguous", "town_name", towns)
        if town and not known:
            return Meaning("", "", "place_unknown", "town_name")
        return Meaning()

    def _find(
        self, label: str, level: str, hosts: Sequence[str] = ()
    ) -> tuple[tuple[str, ...], str]:
        """Return the units of a level that a label can mean, and whether it is their own name."""
        text = normal_place(label)
        exact = self._within(self._exact.get((level, text), ()), hosts)
        if exact:
            return exact, "name"
        stems = _stems(text) if level == "community" else {text}
        found = {
            unit
            for stem in stems
            for prefix, rest in _splits(stem)
            for base, kind in _readings(rest, level)
            for unit, own_kind in self._known.get((level, base), ())
            if (kind == own_kind or not kind or not own_kind) and self._leads_to(prefix, unit)
        }
        units = self._within(found, hosts)
        return units, "synonym" if units else ""

    def _within(self, units: Sequence[str] | set[str], hosts: Sequence[str]) -> tuple[str, ...]:
        """Return units inside any host; those that nobody says what they lie in stay."""
        if not hosts:
            return tuple(sorted(units))
        wanted = set(hosts)
        chains = {unit: self._chain(unit) for unit in units}
        return tuple(
            sorted(unit for unit in units if chains[unit][1:] == [] or wanted & set(chains[unit]))
        )

    def _leads_to(self, prefix: str, unit: str) -> bool:
        """Tell whether what stands before a unit's name is what the unit lies in."""
        if not prefix:
            return True
        above = self._chain(unit)[1:]
        for host in above:
            for spelled in self._spellings(host):
                if prefix.endswith(spelled) and self._leads_to(prefix[: -len(spelled)], host):
                    return True
        if prefix in self._all_names:
            return False
        known_district = any(self._levels[host] == "district" for host in above)
        return bool((_ABOVE_DISTRICT if known_district else _REGION).fullmatch(prefix))

    @cached_property
    def _all_names(self) -> set[str]:
        return {name for _, name in self._exact}

    def _spellings(self, unit: str) -> set[str]:
        """Return the name of a unit and those of its office."""
        name, level = normal_place(self._names[unit]), self._levels[unit]
        return {name} | {
            base + suffix
            for base, kind in _readings(name, level)
            for suffix, its_kind in _SUFFIXES[level].items()
            if kind and its_kind == kind and suffix.startswith(kind)
        }

    def in_address(self, address: str) -> Meaning:
        """Return the unit whose whole name stands in an address before its first number."""
        text = _DIGIT.split(normal_place(address), maxsplit=1)[0]
        found: dict[str, set[str]] = {"town": set(), "community": set()}
        for start in range(len(text)):
            if start and text[start - 1] not in _BEFORE:
                continue
            for length in self._lengths:
                for level, units in found.items():
                    name = text[start : start + length]
                    own = self._exact.get((level, name), ()) if len(name) == length else ()
                    if own and _ends_here(name, text[start + length :]):
                        units.update(own)
        towns = tuple(sorted(found["town"]))
        for meant in (self._within(found["community"], towns), towns):
            if len(meant) == 1:
                return Meaning(meant[0], "address")
            if meant:
                return Meaning("", "", "place_ambiguous", "address", meant)
        return Meaning()

    def nearest(self, label: str, level: str, *, town: str = "") -> str:
        """Return the unit whose name is spelled most like a label, "" if none is near."""
        hosts = self._find(town, "town")[0] if town and level != "town" else ()
        units = [unit for unit, its_level in self._levels.items() if its_level == level]
        names = {normal_place(self._names[unit]): unit for unit in self._within(set(units), hosts)}
        near = difflib.get_close_matches(normal_place(label), names, n=1, cutoff=_LIKELY)
        return names[near[0]] if near else ""


def _readings(text: str, level: str) -> Iterator[tuple[str, str]]:
    """Yield a name as it is, and without each ending that says its kind."""
    yield text, ""
    for suffix, kind in _SUFFIXES[level].items():
        if text.endswith(suffix) and len(text) > len(suffix):
            yield text[: -len(suffix)], kind


def _stems(text: str) -> set[str]:
    """Return a village's name with and without what may be its group and door."""
    found = {text}
    for at in range(1, len(text)):
        stem, tail = text[:at], text[at:]
        named = any(stem.endswith(suffix) for suffix in _SUFFIXES["community"])
        if _NUMBERED.fullmatch(tail) or (named and at > 1 and _NAMED.fullmatch(tail)):
            found.add(stem)
    return found


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Yield what may stand before a name, and the name."""
    yield "", text
    for at in range(2, len(text)):
        if text[at - 1] in _PREFIX_ENDS:
            yield text[:at], text[at:]


def _ends_here(name: str, rest: str) -> bool:
    """Tell whether a name in an address is not the beginning of another one."""
    if name.endswith(("村", "社区")):
        return _AFTER_VILLAGE.match(rest) is not None
    return not rest or rest[0] not in _NOT_AFTER
