"""`care-map compare`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_map.cli.arguments import Arguments
from care_map.cli.findings import counts, problem_lines
from care_map.cli.layout import columns, plain
from care_map.cli.progress import spinner
from care_map.cli.session import Session, session_of

if TYPE_CHECKING:
    from care_map.messages import Catalogue
    from care_map.workflows.compare import Comparison

__all__ = ["compare_command"]

_INDENT = "  "
_HEADS = ("circle", "before", "after", "more", "gained", "lost")
_MOST_TOWNS = 12


def compare_command(
    context: typer.Context,
    run_a: Annotated[str, typer.Argument(metavar="run_a")],
    run_b: Annotated[str, typer.Argument(metavar="run_b")],
    out: Annotated[str | None, typer.Option("--out", metavar="dir")] = None,
    crosswalk: Annotated[str | None, typer.Option("--crosswalk", metavar="file")] = None,
) -> None:
    """Compare two runs and write map, tables, winners and losers."""
    session = session_of(context)
    arguments = Arguments()
    if crosswalk is not None:
        arguments.file(crosswalk, "--crosswalk")
    arguments.done()

    from care_map.workflows.compare import compare

    with spinner(session) as progress:
        progress("compare")
        found = compare(run_a, run_b, crosswalk=crosswalk)
        texts = session.texts_for(found.found.after.language)
        target = Path(out) if out is not None else _beside(Path(run_a), Path(run_b))
        found.save(target, language=texts.language)
    _print(session, found, target.resolve(), texts)


def _beside(run_a: Path, run_b: Path) -> Path:
    """Return a folder beside the later run that is named after both."""
    before, after = run_a.resolve(), run_b.resolve()
    return after.with_name(f"{before.name}-{after.name}-compare")


def _print(session: Session, found: "Comparison", folder: Path, texts: "Catalogue") -> None:
    page = folder / "map.html"
    session.answer(
        {
            "folder": str(folder),
            "map": str(page),
            "summary": dict(found.summary),
            "problems": counts(found.problems),
        }
    )
    from care_map.outputs.map.compare_page import run_name

    names = {
        "before": run_name(found.found.before, texts),
        "after": run_name(found.found.after, texts),
    }
    session.say(texts.text("compare.sides", **names), "", *_circles(found, texts), "")
    session.say(*_towns(found, texts))
    cost = found.summary["cost_yuan"]
    if isinstance(cost, int | float):
        session.say("", texts.text("compare.cost", cost=f"{cost:,.0f}"))
    session.say(*problem_lines(found.problems, texts))
    session.say(texts.text("cli.run.folder", folder=str(folder)))
    session.say(texts.text("cli.run.map", file=str(page)))


def _circles(found: "Comparison", texts: "Catalogue") -> list[str]:
    from care_map.outputs.map.compare_payload import title_of

    rows = [[texts.text(f"compare.head.{name}") for name in _HEADS]]
    last = ""
    listed = found.summary["circles"]
    for row in listed if isinstance(listed, list) else []:
        if row["circle"] != last:
            last = row["circle"]
            title = plain(title_of(found.found, last, texts))
            rows.append([title, *[""] * (len(_HEADS) - 1)])
        profiles = dict.fromkeys(filter(None, (row["profile_before"], row["profile_after"])))
        shown = " → ".join(texts.label("profile", one) for one in profiles)
        rates = [_rate(row[f"rate_low_{side}"], texts) for side in ("before", "after")]
        more = row["rate_low_more"]
        rates.append(texts.text("cli.run.no_rate") if more is None else f"{more * 100:+.1f}")
        moved = [_count(row[name], texts) for name in ("newly_covered", "newly_uncovered")]
        rows.append([_INDENT + shown, *rates, *moved])
    return columns(rows, right=range(1, len(_HEADS)))


def _rate(share: float | None, texts: "Catalogue") -> str:
    return texts.text("cli.run.no_rate") if share is None else f"{share:.1%}"


def _count(number: object, texts: "Catalogue") -> str:
    return texts.text("cli.run.no_rate") if number is None else f"{number:,}"


def _towns(found: "Comparison", texts: "Catalogue") -> list[str]:
    """Return who wins and who loses most by town, of each circle's first reading."""
    table = found.winners
    rows = table[(table["level"] == "town") & (table["group"] == "all")]
    lines: list[str] = []
    for (circle, profile), part in rows.groupby(["circle", "profile_after"], sort=False):
        if profile != _first(found, str(circle)):
            continue
        moved = part[(part["newly_covered"] > 0) | (part["newly_uncovered"] > 0)]
        most = moved.reindex(moved["net"].abs().sort_values(ascending=False, kind="stable").index)
        from care_map.outputs.map.compare_payload import title_of

        if len(most):
            title = plain(title_of(found.found, str(circle), texts))
            lines.append(texts.text("compare.towns", circle=title))
        lines += [_INDENT + _town(row, texts) for row in most.head(_MOST_TOWNS).to_dict("records")]
        if len(most) > _MOST_TOWNS:
            lines.append(_INDENT + texts.text("compare.more_towns", count=len(most) - _MOST_TOWNS))
    return lines or [texts.text("compare.nobody")]


def _first(found: "Comparison", circle: str) -> str | None:
    return found.found.pairs[circle][0][1]


def _town(row: Mapping[object, object], texts: "Catalogue") -> str:
    name = str(row["unit_name"])
    values = {
        "town": texts.text("compare.no_unit") if name == "none" else plain(name),
        "gained": int(str(row["newly_covered"])),
        "lost": int(str(row["newly_uncovered"])),
    }
    return texts.text("compare.town", **values)
