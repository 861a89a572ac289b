"""Policy packs, read and looked through: every problem at once, then the whole pack."""

from collections.abc import Iterator
from pathlib import Path

from care_map.errors import InputError, Problem
from care_map.packs.pack_file import LedgerTarget, PackFile
from care_map.packs.pack_problems import part_problems
from care_map.packs.parts import read_parts
from care_map.packs.rules import LedgerSum
from care_map.packs.sources import find_pack, pack_files, pack_names

__all__ = ["pack_files", "pack_names", "read_pack"]


def read_pack(name_or_path: str | Path, *, folder: Path | None = None) -> PackFile:
    """Read a policy pack.

    Parameters
    ----------
    name_or_path
        Name of a pack that comes with the package (:func:`pack_names`), or path of a TOML file;
        ``<name>_ledger.csv`` and ``<name>_units.csv`` beside it are read too.
    folder
        Folder that a relative path starts from, the working folder without it.

    Returns
    -------
    PackFile
        Rows of the two CSV files follow those of the TOML. A target without offices has those of
        the ledger's clauses that speak of it, else the one that reports.

    Raises
    ------
    InputError
        There is no such pack, or it has problems; all of them are listed, each with file, line,
        key and value.

    Examples
    --------
    >>> "wanzhou" in pack_names()
    True
    >>> read_pack("wanzhou").pack.document
    '万州府办发〔2020〕28号'
    """
    parts, problems = read_parts(find_pack(name_or_path, folder))
    problems += part_problems(parts)
    if problems or parts.header is None:
        raise InputError(_in_order(problems))
    pack = PackFile(
        pack=parts.header,
        condition={name: condition for name, (_, condition) in parts.conditions.items()},
        **{kind: tuple(part for _, part in listed) for kind, listed in parts.lists.items()},
    )
    return pack.model_copy(update={"target": tuple(_with_offices(pack))})


def _with_offices(pack: PackFile) -> Iterator[LedgerTarget]:
    """Yield the targets, each with the offices that the notice makes responsible for it.

    A clause that names the target's town knows better than one that speaks of all.
    """
    clauses = [
        (clause.rule, clause.responsible)
        for clause in pack.clause
        if isinstance(clause.rule, LedgerSum)
    ]
    for target in pack.target:
        mine = [(rule.towns, names) for rule, names in clauses if _speaks_of(rule, target)]
        local = [(towns, names) for towns, names in mine if towns]
        offices = dict.fromkeys(name for _, names in local or mine for name in names)
        told = target.responsible or "、".join(offices) or pack.pack.responsible
        yield target.model_copy(update={"responsible": told})


def _speaks_of(rule: LedgerSum, target: LedgerTarget) -> bool:
    first, last = rule.years or (target.year, target.year)
    return (
        not set(rule.roles).isdisjoint(target.role.split(";"))
        and first <= target.year <= last
        and (not rule.towns or target.town in rule.towns)
    )


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Sort problems by file and row; what is told twice is told once."""
    once: list[Problem] = []
    seen: set[tuple[object, ...]] = set()
    for problem in problems:
        told = (problem.code, problem.source, problem.row, problem.column, problem.value)
        if told not in seen:
            seen.add(told)
            once.append(problem)
    files = list(dict.fromkeys(problem.source for problem in once))
    return sorted(once, key=lambda one: (files.index(one.source), one.row or 0))
