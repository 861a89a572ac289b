"""A siting plan in sentences."""

from collections.abc import Iterator

import numpy as np

from care_map.config import Study
from care_map.messages import Catalogue
from care_map.planning.plan import Reason
from care_map.siting.plan import SitingPlan

__all__ = ["reason_line", "result_lines", "statement_lines"]

_SHOWN = 5
_MANY = 1000.0
_CODES = {
    "candidates": "site_candidates",
    "method": "site_method",
    "objective": "site_objective",
    "profile": "profile",
    "role": "facility_type",
}
"""Things asked for whose value is a code, and the part of the catalogue that has its words."""


def result_lines(plan: SitingPlan, study: Study, texts: Catalogue) -> list[str]:
    """Return what was found: a title, the figures, the proof, and what is missing.

    Parameters
    ----------
    plan
        The plan.
    study
        For the titles of circles and the names of units.
    texts
        Language.
    """
    titles = {circle.id: circle.title_in(texts.language) for circle in study.circles}
    title = titles.get(plan.circle) or texts.label("circle", plan.circle)
    lines = [texts.text("siting.title", circle=title)]
    elders = max(plan.elders, 1)
    before = {"covered": plan.covered_before, "elders": plan.elders}
    lines.append(texts.text("siting.before", rate=plan.covered_before / elders, **before))
    if plan.found:
        after = {"covered": plan.covered_after, "newly": plan.newly_covered_elders}
        lines.append(texts.text("siting.after", rate=plan.covered_after / elders, **after))
        lines += _money(plan, texts)
    elif plan.status in {"infeasible", "no_solution"}:
        status = texts.text(f"siting.status.{plan.status}")
        lines.append(texts.text("siting.no_plan", status=status))
    else:
        lines.append(texts.text("siting.no_sites"))
    cheapest = "_cheapest" if plan.asked.get("cheapest") else ""
    if np.isfinite(plan.objective):
        lines.append(
            texts.text(
                "siting.proof",
                model=texts.text(f"siting.model.{plan.model}{cheapest}"),
                status=texts.text(f"siting.status.{plan.status}"),
                objective=_figure(plan.objective),
                bound=_figure(plan.bound),
                gap=plan.gap if np.isfinite(plan.gap) else 0.0,
            )
        )
    lines.append(_candidates(plan, texts))
    names = dict(zip(plan.by_unit["unit_id"], plan.by_unit["unit_name"], strict=True))
    return [*lines, *(reason_line(one, names, texts) for one in plan.reasons)]


def _figure(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= _MANY else f"{number + 0.0:.6g}"


def _candidates(plan: SitingPlan, texts: Catalogue) -> str:
    """Say how many took part, and why the others did not."""
    counts = plan.left_out["reason"].value_counts(sort=True)
    why = [
        texts.text("siting.counted", what=texts.text(f"siting.left_out_kind.{code}"), count=count)
        for code, count in counts.items()
    ]
    numbers = {"candidates": len(plan.candidates), "left_out": len(plan.left_out)}
    key = "siting.candidates" if why else "siting.candidates_all"
    return texts.text(key, why=texts.names(why), **numbers)


def _money(plan: SitingPlan, texts: Catalogue) -> Iterator[str]:
    if plan.cost_kind and np.isfinite(plan.cost_yuan):
        key = "siting.subsidy" if plan.cost_kind == "subsidy" else "siting.cost"
        yield texts.text(key, cost=f"{plan.cost_yuan:,.0f}")
        if plan.newly_covered_elders:
            each = plan.cost_yuan / plan.newly_covered_elders
            yield texts.text("siting.each", each=f"{each:,.0f}")


def reason_line(reason: Reason, names: dict[str, str], texts: Catalogue) -> str:
    """Say why there is no plan, or why it falls short.

    Parameters
    ----------
    reason
        Of a plan.
    names
        Names of units by id.
    texts
        Language.
    """
    ids = [str(one) for one in reason.ids]
    units = texts.text("siting.and").join(names.get(one, one) for one in ids[:_SHOWN]) or "—"
    limit = _limit(ids[0], texts) if ids else ""
    return texts.text(f"siting.reason.{reason.code}", units=units, limit=limit, **reason.figures)


def _limit(name: str, texts: Catalogue) -> str:
    """Return a limit in words: its kind, the type and the unit."""
    kind, _, rest = name.partition(";")
    if kind not in {"one_per_unit", "quota"}:
        return name
    *roles, unit = rest.split(";")
    labels = texts.text("siting.and").join(texts.label("facility_type", role) for role in roles)
    return texts.text(f"siting.limit_{kind}", role=labels, unit=unit)


def statement_lines(plan: SitingPlan, texts: Catalogue) -> list[str]:
    """Return what was asked for and what the plan rests on."""
    asked = [
        texts.text(
            "siting.asked_line",
            name=texts.text(f"siting.asked.{name}"),
            value=_value(name, value, texts),
        )
        for name, value in plan.asked.items()
        if value is not None
    ]
    said = [texts.text(f"assumption.{one.code}", **one.values) for one in plan.statements]
    return [*asked, *said, *(problem.line(texts) for problem in plan.problems)]


def _value(name: str, value: object, texts: Catalogue) -> str:
    if isinstance(value, bool):
        return texts.text("siting.yes" if value else "siting.no")
    if isinstance(value, list):
        return texts.text("siting.and").join(_value(name, one, texts) for one in value)
    if isinstance(value, float) and value >= _MANY:
        return f"{value:,.0f}"
    key = f"{_CODES.get(name, name)}.{value}"
    return texts.text(key) if name in _CODES and texts.has(key) else str(value)
