"""Which facilities stand beside one of another type, by straight distance."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from care_map.packs.rules import Near
from care_map.policy.answers import Answers
from care_map.policy.built import BUILT
from care_map.policy.evidence import number_text
from care_map.policy.finding import Finding, threshold_of
from care_map.policy.scene import PLACE, Scene
from care_map.policy.scope import scope_of
from care_map.policy.shares import share_finding
from care_map.policy.spans import has_role

__all__ = ["judge_near"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def judge_near(rule: Near, scene: Scene) -> Finding:
    """Judge which share of facilities stands beside one of another type.

    The other may be of any district. A facility that is both stands beside itself.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and lists.
    """
    texts = scene.texts
    threshold = threshold_of(at_least=rule.at_least)
    others = texts.names(texts.label("facility_type", role) for role in rule.to)
    within = number_text(rule.within_m)
    measure = texts.text("policy.measure.near", types=others, metres=within)
    none_given = scene.list_missing("facilities")
    if none_given:
        return Finding(
            threshold=threshold, form="share", measure=measure, known=False, missing=none_given
        )
    member = scope_of(scene, "facilities", rule.of).member
    cells = scene.cells("facilities")
    stage = cells.words("stage")
    stands = stage.each(np.array([one in BUILT for one in stage.spelled], bool)) | stage.empty
    targets = has_role(cells, rule.to).yes & stands
    if not targets.any() and (~member.no).any():
        lack = texts.text("policy.missing.types", types=others)
        return Finding(
            threshold=threshold, form="share", measure=measure, known=False, missing=(lack,)
        )
    meets, metres = _beside(scene, targets, rule.within_m)
    values = [
        texts.text("policy.value.metres", metres=number_text(round(one)))
        if np.isfinite(one)
        else ""
        for one in metres[~member.no].tolist()
    ]
    return share_finding(
        scene,
        "facilities",
        member,
        meets,
        at_least=rule.at_least,
        measure=measure,
        values=values,
        notes=(texts.text("policy.note.distance", metres=within),),
    )


def _beside(scene: Scene, targets: Bools, within_m: float) -> tuple[Answers, Floats]:
    x = scene.facts.x.to_numpy(dtype=float, na_value=np.nan)
    y = scene.facts.y.to_numpy(dtype=float, na_value=np.nan)
    placed = ~np.isnan(x) & ~np.isnan(y)
    metres = np.full(len(x), np.inf)
    there = targets & placed
    if there.any() and placed.any():
        tree = KDTree(np.column_stack([x[there], y[there]]))
        metres[placed] = tree.query(np.column_stack([x[placed], y[placed]]))[0]
    metres[targets] = 0.0
    yes = metres <= within_m
    # Where the place of one of the others is unknown, that one may be near.
    known = placed & bool(not (targets & ~placed).any())
    return Answers(yes, ~yes & known, {PLACE: ~yes & ~known}), metres
