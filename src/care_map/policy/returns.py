"""Which share of the quarterly returns that towns and streets owe has come."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from care_map.packs.rules import Returns
from care_map.policy.bounds import Bounds
from care_map.policy.evidence import evidence_of
from care_map.policy.exact import exact
from care_map.policy.finding import Evidence, Finding, threshold_of
from care_map.policy.quarters import parse_quarter, quarter_of, quarters_between
from care_map.policy.rates import counter
from care_map.policy.scene import Scene

__all__ = ["judge_returns"]

_OWES = ("street", "town")


def judge_returns(rule: Returns, scene: Scene) -> Finding:
    """Judge the returns of the quarters that have ended: received over due.

    Parameters
    ----------
    rule
        The formula.
    scene
        Lists: units and received returns.
    """
    threshold = threshold_of(at_least=rule.at_least)
    measure = scene.texts.text("policy.measure.returns")
    lists = scene.list_missing("units", "received")
    if lists:
        return Finding(
            threshold=threshold, form="share", measure=measure, known=False, missing=lists
        )
    due = _due(rule, scene)
    owes = _owing(scene)
    if not due or not owes.any():
        return Finding(threshold=threshold, form="share", measure=measure, none=True)
    came = _came(scene)
    units = scene.facts.units["unit_id"].astype(str)[owes].tolist()
    open_ = [[quarter for quarter in due if (unit, quarter) not in came] for unit in units]
    number = len(due) * len(units)
    received = number - sum(map(len, open_))
    share = exact(received) / number
    return Finding(
        bounds=Bounds(share, share),
        threshold=threshold,
        form="share",
        measure=measure,
        met=exact(received),
        not_met=exact(number - received),
        unknown=exact(0),
        counter=counter(scene.texts, "returns"),
        notes=(scene.texts.text("policy.note.returns", first=due[0], last=due[-1]),),
        evidence=_evidence(scene, owes, open_, due=len(due)),
    )


def _evidence(
    scene: Scene, owes: NDArray[np.bool_], open_: Sequence[Sequence[str]], *, due: int
) -> Evidence:
    """Return the units that owe returns, with the quarters of which none came."""
    words = np.full(len(owes), "", dtype=object)
    words[owes] = ["no" if quarters else "yes" for quarters in open_]
    values = [
        scene.texts.text(
            "policy.value.returns",
            received=due - len(quarters),
            due=due,
            open=scene.texts.names(quarters) or "—",
        )
        for quarters in open_
    ]
    shown = evidence_of(scene, "units", owes, words, fields=())
    return {**shown, "value": np.array(values, object)}


def _due(rule: Returns, scene: Scene) -> list[str]:
    """Return the quarters from the first to the last that ended by the run's day."""
    first = parse_quarter(rule.first)
    quarters = quarters_between(first, quarter_of(scene.facts.as_of))
    return [str(one) for one in quarters if one.end <= scene.facts.as_of]


def _owing(scene: Scene) -> NDArray[np.bool_]:
    """Return which units owe returns: streets and towns."""
    units = scene.facts.units
    owes = units["unit_kind"].isin(_OWES).to_numpy(bool)
    if "level" in units:
        unsaid = (units["unit_kind"] == "") & (units["level"] == "town")
        return np.asarray(owes | unsaid.to_numpy(bool), dtype=bool)
    return np.asarray(owes, dtype=bool)


def _came(scene: Scene) -> set[tuple[str, str]]:
    table = scene.facts.received
    if table.empty or "received_date" not in table:
        return set()
    day = table["received_date"].astype(str).str[:10]
    came = table[(day != "") & (day <= scene.facts.as_of.isoformat())]
    periods = came["period"].map(_plain_period)
    return set(zip(came["unit_id"].astype(str), periods, strict=True))


def _plain_period(period: object) -> str:
    return "".join(str(period).split()).upper()
