"""`care-map site`."""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from care_map.cli.arguments import Arguments
from care_map.cli.findings import problem_lines
from care_map.cli.layout import columns, plain
from care_map.cli.progress import spinner
from care_map.cli.session import Session, session_of
from care_map.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

    from care_map.assessment import Assessment
    from care_map.messages import Catalogue
    from care_map.siting.plan import SitingPlan

__all__ = ["site_command"]

_STEPS = 10
_THOUSANDS = re.compile(r"\d{1,3}([,，]\d{3})+")
_HEADS = ("order", "name", "role", "town_name", "cost_yuan", "newly_covered", "rate_after")


def site_command(
    context: typer.Context,
    study: Annotated[str, typer.Argument(metavar="study")],
    circle: Annotated[str, typer.Option("--circle", metavar="circle")],
    add: Annotated[str | None, typer.Option("--add", metavar="sites")] = None,
    budget: Annotated[str | None, typer.Option("--budget", metavar="budget")] = None,
    cover: Annotated[str | None, typer.Option("--cover", metavar="share")] = None,
    candidates: Annotated[str, typer.Option("--candidates", metavar="candidates")] = "list",
    role: Annotated[str | None, typer.Option("--role", metavar="role")] = None,
    objective: Annotated[str, typer.Option("--objective", metavar="objective")] = "cover",
    build_mode: Annotated[list[str] | None, typer.Option("--build-mode", metavar="mode")] = None,
    floor: Annotated[str | None, typer.Option("--floor", metavar="share")] = None,
    times: Annotated[str | None, typer.Option("--times", metavar="times")] = None,
    span: Annotated[str | None, typer.Option("--span", metavar="times")] = None,
    span_minutes: Annotated[str | None, typer.Option("--span-minutes", metavar="minutes")] = None,
    profile: Annotated[str | None, typer.Option("--profile", metavar="profile")] = None,
    first_year: Annotated[str | None, typer.Option("--first-year", metavar="year")] = None,
    spacing: Annotated[str | None, typer.Option("--spacing", metavar="metres")] = None,
    method: Annotated[str, typer.Option("--method", metavar="method")] = "auto",
    time_limit: Annotated[str | None, typer.Option("--time-limit", metavar="seconds")] = None,
    out: Annotated[str | None, typer.Option("--out", metavar="dir")] = None,
    *,
    frontier: Annotated[bool, typer.Option("--frontier", metavar="")] = False,
    one_per_unit: Annotated[bool, typer.Option("--one-per-unit", metavar="")] = False,
    quotas: Annotated[bool, typer.Option("--quotas", metavar="")] = False,
    any_area: Annotated[bool, typer.Option("--any-area", metavar="")] = False,
    capacitated: Annotated[bool, typer.Option("--capacitated", metavar="")] = False,
    cheapest: Annotated[bool, typer.Option("--cheapest", metavar="")] = False,
) -> None:
    """Choose where to build next and write the plan."""
    session = session_of(context)
    arguments = Arguments()
    from care_map.inputs.codes import codebook, normal_word
    from care_map.planning.options import Method
    from care_map.siting.request import Objective, SiteOptions

    options: SiteOptions = {
        "add": _counts(arguments, add, "--add"),
        "budget": _amounts(arguments, budget, "--budget"),
        "cover": arguments.share(cover, "--cover"),
        "candidates": candidates,
        "role": None if role is None else codebook("facility_type").get(normal_word(role), role),
        "objective": arguments.choice(objective, "--objective", get_args(Objective)),
        "build_modes": build_mode or (),
        "floor": arguments.share(floor, "--floor") or 0.0,
        "times": _one(arguments, times, "--times", 1),
        "span": _one(arguments, span, "--span", 0),
        "span_minutes": float(_one(arguments, span_minutes, "--span-minutes", 0)),
        "profile": profile,
        "first_year": arguments.count(first_year, "--first-year"),
        "spacing_m": float(_one(arguments, spacing, "--spacing", 250)),
        "method": arguments.choice(method, "--method", get_args(Method)),
        "time_limit_s": float(_one(arguments, time_limit, "--time-limit", 60)),
        "one_per_unit": one_per_unit,
        "quotas": quotas,
        "areas": not any_area,
        "capacitated": capacitated,
        "cheapest": cheapest,
    }
    if frontier and add is None and budget is None:
        values = {"other": "--add / --budget"}
        arguments.problems.append(Problem("site_only_with", column="--frontier", values=values))
    arguments.done()

    from care_map.workflows.site_run import site_run

    with spinner(session) as progress:
        done = site_run(
            study,
            circle=circle,
            options=options,
            out=None if out is None else Path(out),
            frontier_steps=_STEPS if frontier else 0,
            progress=progress,
        )
    _print(session, study, done.result, done.plan, done.frontier, done.folder)


def _counts(arguments: Arguments, text: str | None, option: str) -> list[int] | None:
    if text is None:
        return None
    numbers = [arguments.count(part, option) for part in text.replace("，", ",").split(",")]
    return [one for one in numbers if one is not None]


def _amounts(arguments: Arguments, text: str | None, option: str) -> list[float] | None:
    if text is None:
        return None
    if _THOUSANDS.fullmatch(text):
        # A budget of a thousand yuan a year is nobody's.
        values = {"plain": re.sub("[,，]", "", text)}
        problem = Problem("site_thousands", column=option, value=text, values=values)
        arguments.problems.append(problem)
        return []
    amounts = []
    for part in text.replace("，", ",").split(","):
        try:
            amounts.append(float(part))
        except ValueError:
            arguments.problems.append(Problem("cli_amount", column=option, value=text))
            return []
    return amounts


def _one(arguments: Arguments, text: str | None, option: str, default: int) -> int:
    number = arguments.count(text, option)
    return default if number is None else number


def _print(
    session: Session,
    study: str,
    result: "Assessment",
    plan: "SitingPlan",
    frontier: "pd.DataFrame | None",
    folder: Path,
) -> None:
    """Print the plan, or the one object that `--json` asks for."""
    from care_map.outputs.site_words import result_lines

    texts = session.texts_for(result.study.language)
    answer = {"study": result.study.name, "labels": list(result.labels), **plan.summary()}
    if frontier is not None:
        answer["frontier"] = (
            frontier.astype(object).where(frontier.notna(), None).to_dict("records")
        )
    session.answer({**answer, "folder": str(folder.resolve())})
    title, *lines = result_lines(plan, result.study, texts)
    session.say(
        title, *(texts.text("cli.run.label", label=texts.text(f"data.{c}")) for c in result.labels)
    )
    table = _table(plan, texts)
    session.say("", *table, *([""] if table else []), *lines)
    session.say(*problem_lines(plan.problems, texts))
    session.say(texts.text("siting.written", folder=str(folder.resolve())))
    if plan.found:
        file = str(folder.resolve() / "scenario.toml")
        session.say(texts.text("siting.next", study=study, scenario=file))


def _table(plan: "SitingPlan", texts: "Catalogue") -> list[str]:
    from care_map.schema.siting import SITES

    if not plan.found:
        return []
    rows = [[SITES.column(name).title(texts.language) for name in _HEADS]]
    for row in plan.sites.to_dict("records"):
        cost = row["cost_yuan"]
        rows.append(
            [
                str(row["order"]),
                plain(str(row["name"])),
                texts.label("facility_type", str(row["role"])),
                plain(str(row["town_name"])),
                "—" if math.isnan(cost) else f"{cost:,.0f}",
                f"{row['newly_covered']:,}",
                f"{row['rate_after']:.1%}",
            ]
        )
    return columns(rows, right=(0, 4, 5, 6))
