"""Which share of elders is inside a circle, by the official profile and by the one beside it."""

from fractions import Fraction

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.packs.pack_file import PackCircle
from care_map.packs.rules import CircleRate
from care_map.policy.bounds import Bounds
from care_map.policy.finding import Finding, threshold_of
from care_map.policy.rates import bounds_text, counter
from care_map.policy.scene import Scene

__all__ = ["judge_circle"]


def judge_circle(rule: CircleRate, scene: Scene) -> Finding:
    """Judge the share of elders inside a circle, or outside it.

    Elders whose place or road is not known are between the bounds. Where a threshold is met by
    one profile and not by the other, it depends.

    Parameters
    ----------
    rule
        The formula.
    scene
        Pack and tables of the run.
    """
    threshold = threshold_of(at_least=rule.at_least)
    texts = scene.texts
    measure = texts.text(f"policy.measure.{'beyond' if rule.beyond else 'inside'}")
    rows = _rows(rule, scene)
    title = _title(rule, scene)
    if rows.empty:
        lack = texts.text("policy.missing.circle", circle=title)
        return Finding(
            threshold=threshold, form="share", measure=measure, known=False, missing=(lack,)
        )
    official = rows.iloc[_official(rule, scene, rows["profile"].tolist())]
    bounds, notes = _bounds(official, beyond=rule.beyond), list[str]()
    if bounds is None:
        return Finding(threshold=threshold, form="share", measure=measure, none=True)
    verdicts = set() if threshold is None else {threshold.judge(bounds)}
    notes.append(_note(scene, official, bounds, official=True))
    for _, row in rows.iterrows():
        beside = _bounds(row, beyond=rule.beyond)
        if row["profile"] == official["profile"] or beside is None:
            continue
        notes.append(_note(scene, row, beside, official=False))
        verdicts |= set() if threshold is None else {threshold.judge(beside)}
    inside, outside = int(official["covered"]), int(official["uncovered"])
    open_ = int(official["undetermined"])
    lack = texts.text("policy.missing.undetermined", count=open_)
    return Finding(
        bounds=bounds,
        threshold=threshold,
        form="share",
        measure=measure,
        known=inside + outside > 0,
        depends={"pass", "fail"} <= verdicts,
        met=Fraction(outside if rule.beyond else inside),
        not_met=Fraction(inside if rule.beyond else outside),
        unknown=Fraction(open_),
        counter=counter(texts, "elders"),
        missing=(lack,) if open_ else (),
        notes=(*notes, *_any_district(rule, scene, official)),
    )


def _rows(rule: CircleRate, scene: Scene) -> pd.DataFrame:
    """Return a row per profile: the whole study, setting and group as asked."""
    table = scene.facts.coverage_by_unit
    if table.empty:
        return table
    chosen = (
        (table["circle"] == rule.circle)
        & (table["unit_id"] == ALL)
        & (table["level"] == ALL)
        & (table["setting"] == (rule.setting or ALL))
        & (table["group"] == (rule.group or ALL))
    )
    return table[chosen].drop_duplicates("profile")


def _official(rule: CircleRate, scene: Scene, profiles: list[str]) -> int:
    """Return which row is of the profile that the pack declares, else the first."""
    circle = _circle(rule, scene)
    if circle is None:
        return 0
    of_settings = [one.profile for one in (circle.urban, circle.rural) if one is not None]
    declared = "+".join(dict.fromkeys(of_settings)) or circle.profile
    return profiles.index(declared) if declared in profiles else 0


def _circle(rule: CircleRate, scene: Scene) -> PackCircle | None:
    return next((one for one in scene.pack.circle if one.id == rule.circle), None)


def _title(rule: CircleRate, scene: Scene) -> str:
    circle = _circle(rule, scene)
    if circle is None:
        return scene.texts.label("circle", rule.circle)
    return (circle.title_en if scene.texts.language == "en" else "") or circle.title


def _bounds(row: pd.Series, *, beyond: bool) -> Bounds | None:
    elders, open_ = int(row["elders"]), int(row["undetermined"])
    part = int(row["uncovered" if beyond else "covered"])
    if elders == 0:
        return None
    return Bounds(Fraction(part, elders), Fraction(part + open_, elders))


def _note(scene: Scene, row: pd.Series, bounds: Bounds, *, official: bool) -> str:
    key = "official_profile" if official else "beside_profile"
    profile = scene.texts.label("profile", str(row["profile"]))
    figure = bounds_text(scene.texts, bounds, form="share")
    return scene.texts.text(f"policy.note.{key}", profile=profile, figure=figure)


def _any_district(rule: CircleRate, scene: Scene, row: pd.Series) -> tuple[str, ...]:
    """Say how many more facilities of other districts reach."""
    more = row.get("covered_any_district")
    if rule.beyond or more is None or pd.isna(more) or int(more) <= int(row["covered"]):
        return ()
    return (scene.texts.text("policy.note.any_district", count=int(more) - int(row["covered"])),)
