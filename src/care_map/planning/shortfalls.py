"""Why a plan cannot be had: whom no site reaches, which limits cannot be kept together."""

from collections.abc import Iterator, Sequence

import numpy as np

from care_map.planning.choices import Choices
from care_map.planning.plan import Limit, Reason
from care_map.planning.program import Program

__all__ = ["conflicting_limits", "out_of_reach"]


def out_of_reach(choices: Choices, *, times: int = 1) -> Iterator[Reason]:
    """Yield the elders whom not even all sites together reach often enough.

    Parameters
    ----------
    choices
        Demand and sites.
    times
        By how many sites each must be reached.
    """
    count = np.bincount(choices.demand, minlength=len(choices.elders))
    lost = np.flatnonzero((count < times) & (choices.elders > 0))
    if len(lost):
        yield Reason(
            "out_of_reach",
            tuple(choices.demand_id[lost]),
            {"elders": float(choices.elders[lost].sum())},
        )


def conflicting_limits(choices: Choices, limits: Sequence[Limit]) -> list[Reason]:
    """Return the limits on sites that cannot all be kept: fewest sites too many or too few.

    Parameters
    ----------
    choices
        Demand and sites.
    limits
        Limits on the number of sites.

    Returns
    -------
    A reason per limit that must give way, with by how many sites; none where they agree.
    """
    program = Program()
    open_site = program.add(
        len(choices.sites), least=choices.existing.astype(float), most=1.0, whole=True
    )
    under, over = program.add(len(limits)), program.add(len(limits))
    program.price(np.concatenate([under, over]), 1.0)
    for number, limit in enumerate(limits):
        rows = choices.site_rows(limit.sites)
        most = np.inf if limit.most is None else float(limit.most)
        variable = np.concatenate([open_site[rows], [under[number], over[number]]])
        factor = np.concatenate([np.ones(len(rows)), [1.0, -1.0]])
        program.limit(variable, factor, least=float(limit.least), most=most)
    found = program.solve()
    return [
        Reason("limit_impossible", (limit.name, *limit.sites[:20]), {"sites": float(short)})
        for limit, short in zip(
            limits, np.rint(found.variables[under] + found.variables[over]), strict=True
        )
        if short
    ]
