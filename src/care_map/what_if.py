"""What each set of candidates would cover: elders merged by the candidates that reach them.

The planner's map switches candidates on and off and adds these up; nothing is searched there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from care_map.config import Study
from care_map.inputs.tables import Inputs
from care_map.network.road_network import RoadNetwork
from care_map.siting.candidates import places_of
from care_map.siting.pairs import Reach, one_part, reach_of
from care_map.siting.request import SiteRequest

__all__ = ["MOST_CANDIDATES", "WhatIf", "what_if"]

MOST_CANDIDATES = 300
"""More candidates than this are for `care-map site`, not for switches on a map (default)."""
_CLASS = ["unit_id", "setting", "groups", "undetermined", "sites"]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What candidates would do for one reading of a circle.

    Parameters
    ----------
    candidates
        Ids of those that can become one of the circle's facilities.
    classes
        ``unit_id, setting, groups, undetermined, sites, elders``: elders that the circle does not
        cover and a candidate would; `undetermined` tells what they are now, `sites` are positions
        in `candidates`, any of which covers them.
    """

    candidates: tuple[str, ...]
    classes: pd.DataFrame


def what_if(
    study: Study, inputs: Inputs, network: RoadNetwork | None, access: pd.DataFrame
) -> Mapping[tuple[str, str], WhatIf]:
    """Return by circle and profile what the study's candidates would cover.

    Parameters
    ----------
    study, inputs, network
        The study as it stands.
    access
        The run's access table.

    Returns
    -------
    Mapping
        Empty without candidates, or with more than :data:`MOST_CANDIDATES`. A circle of which
        the candidates would give different parts is left out: which pair of them covers
        somebody cannot be told by one switch.
    """
    if not 0 < len(inputs.candidates) <= MOST_CANDIDATES or access.empty:
        return {}
    taken = frozenset(map(str, inputs.facilities["facility_id"]))
    found: dict[tuple[str, str], WhatIf] = {}
    for circle in study.circles:
        places = places_of(
            inputs.candidates,
            SiteRequest(),
            circle,
            inputs.units,
            pack=study.pack,
            standing={},
            taken=taken,
        ).table
        if places.empty or not one_part(circle, places):
            continue
        ids = tuple(map(str, places["candidate_id"]))
        for variant in circle.variants:
            reach = reach_of(study, inputs, network, access, places, way=(circle, variant))
            classes = _classes(reach, inputs)
            if len(classes):
                found[circle.id, variant.profile] = WhatIf(ids, classes)
    return found


def _classes(reach: Reach, inputs: Inputs) -> pd.DataFrame:
    """Merge elders whom the same candidates would cover and who count for the same figures."""
    # Pairs come in the order of elders, and of sites for each.
    elders, first = np.unique(reach.elder, return_index=True)
    sites = [tuple(part.tolist()) for part in np.split(reach.site, first[1:])]
    rows = reach.access.iloc[elders]
    demand = inputs.demand.set_index("demand_id").loc[rows["demand_id"]]
    classes = pd.DataFrame(
        {
            "unit_id": demand["unit_id"].to_numpy(dtype=object),
            "setting": demand["setting"].to_numpy(dtype=object),
            "groups": demand["groups"].to_numpy(dtype=object),
            "undetermined": (rows["status"] == "undetermined").to_numpy(dtype=bool),
            "sites": pd.Series(sites[: len(elders)], dtype=object).to_numpy(),
            "elders": rows["elders"].to_numpy(),
        }
    )
    return classes.groupby(_CLASS, sort=True)[["elders"]].sum().reset_index()
