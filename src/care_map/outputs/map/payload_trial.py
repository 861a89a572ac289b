"""Candidates on trial as the page adds them up: whom each set of them would cover."""

from collections.abc import Iterator, Mapping

import pandas as pd

from care_map.accessibility.coverage import unit_at_levels
from care_map.assessment import Assessment
from care_map.what_if import WhatIf

__all__ = ["trials"]


def trials(
    result: Assessment, unit_ids: list[str], groups: list[str], candidate_ids: list[str]
) -> dict[str, object]:
    """Return by ``circle|profile`` the classes of elders whom candidates would cover.

    Parameters
    ----------
    result
        A finished assessment.
    unit_ids, groups, candidate_ids
        Ids in the order of the page's lists.

    Returns
    -------
    dict
        ``sites``: positions of the candidates that count; ``classes``: positions of a class's
        units, setting, elders, whether they are undetermined now, positions of its groups, and
        positions of the candidates any of which covers them.
    """
    if not result.what_if:
        return {}
    unit_at = {code: number for number, code in enumerate(unit_ids)}
    group_at = {code: number for number, code in enumerate(groups)}
    site_at = {code: number for number, code in enumerate(candidate_ids)}
    chains = {
        str(unit): [unit_at[code] for code in dict.fromkeys(row) if code in unit_at]
        for unit, row in _levels(result)
    }
    return {
        f"{circle}|{profile}": {
            "sites": [site_at[code] for code in found.candidates if code in site_at],
            "classes": list(_classes(found, chains, group_at, site_at)),
        }
        for (circle, profile), found in result.what_if.items()
    }


def _levels(result: Assessment) -> Iterator[tuple[object, tuple[str, ...]]]:
    units = result.units
    if units.empty:
        return
    columns = {"unit_id": units["unit_id"], "level": units["level"]}
    parents = units["parent_id"] if "parent_id" in units else pd.Series("", units.index)
    chains = unit_at_levels(pd.DataFrame({**columns, "parent_id": parents.fillna("")}))
    for unit, row in zip(chains.index, chains.itertuples(index=False), strict=True):
        yield unit, tuple(map(str, row))


def _classes(
    found: WhatIf,
    chains: Mapping[str, list[int]],
    group_at: Mapping[str, int],
    site_at: Mapping[str, int],
) -> Iterator[list[object]]:
    position = [site_at[code] for code in found.candidates]
    for row in found.classes.to_dict("records"):
        yield [
            chains.get(str(row["unit_id"]), []),
            str(row["setting"]),
            int(row["elders"]),
            int(row["undetermined"]),
            [group_at[code] for code in str(row["groups"]).split(";") if code in group_at],
            [position[number] for number in row["sites"]],
        ]
