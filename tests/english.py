"""What of an English output is neither English nor a quotation."""

import re
from collections.abc import Iterable

from care_map.packs.pack_file import ClauseTable, PackFile

FOREIGN = re.compile(r"[\u2e80-\u303f\u3400-\u9fff\uff00-\uff60]+")


def strange(text: str, own: Iterable[str]) -> list[str]:
    """Return the Chinese and the full-width marks of a text that are no words of the data's own.

    Each of `own` is taken out in its order where it stands whole.
    """
    if not FOREIGN.search(text):
        return []
    for word in own:
        text = text.replace(word, " ")
    return FOREIGN.findall(text)


def longest_first(words: Iterable[str]) -> list[str]:
    """Return words in an order in which none hides another that it is part of."""
    return sorted(words, key=len, reverse=True)


def notice_words(pack: PackFile) -> set[str]:
    """Return what English quotes of a notice: its words, offices and assumptions, no titles."""
    words = {pack.pack.title, pack.pack.document, pack.pack.responsible}
    for circle in pack.circle:
        words |= {circle.cite, circle.text, *circle.assumptions}
    for target in pack.target:
        words |= {target.town, target.build_mode, target.responsible, target.note}
    for unit in pack.unit:
        words |= {unit.name, unit.note}
    return _seen(words.union(*map(clause_words, pack.clause)))


def clause_words(clause: ClauseTable) -> set[str]:
    """Return what English quotes of a clause."""
    words = {clause.cite, clause.denominator, *clause.text, *clause.assumptions}
    words |= {*clause.responsible, "、".join(clause.responsible)}
    if clause.conflict is not None:
        words |= {*clause.conflict.readings, clause.conflict.judged_as}
    return _seen(words)


def _seen(words: set[str]) -> set[str]:
    """Return words as they are shown: without a full stop at their end."""
    return {shown for word in words for shown in (word, word.rstrip("。")) if FOREIGN.search(shown)}
