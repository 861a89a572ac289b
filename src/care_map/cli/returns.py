"""`care-map returns new` and `care-map returns merge`."""

from typing import TYPE_CHECKING, Annotated

import typer

from care_map.cli.arguments import Arguments
from care_map.cli.findings import problem_lines, problem_objects
from care_map.cli.progress import spinner
from care_map.cli.session import Session, session_of

if TYPE_CHECKING:
    from care_map.messages import Catalogue
    from care_map.workflows.returns import MergedReturns

__all__ = ["merge_command", "new_forms_command"]

_NAMED_TOWNS = 12


def new_forms_command(
    context: typer.Context,
    study: Annotated[str, typer.Argument(metavar="study")],
    out: Annotated[str | None, typer.Option("--out", metavar="dir")] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="period")] = None,
    *,
    with_elders: Annotated[bool, typer.Option("--with-elders", metavar="")] = False,
) -> None:
    """Write one return workbook per town."""
    session = session_of(context)

    from care_map.config import read_study
    from care_map.workflows.returns import new_returns

    with spinner(session, "forms"):
        described = read_study(study)
        texts = session.texts_for(described.language)
        forms = new_returns(
            described, out=out, period=period, with_elders=with_elders, language=texts.language
        )
    session.answer(
        {
            "folder": str(forms.folder),
            "period": forms.period,
            "files": [str(file) for file in forms.files],
            "problems": problem_objects(forms.problems, texts),
        }
    )
    session.say(*problem_lines(forms.problems, texts))
    made = {"folder": str(forms.folder), "period": forms.period}
    session.say(texts.text("cli.returns.made", count=len(forms.files), **made))
    session.say(texts.text("cli.returns.next"))


def merge_command(
    context: typer.Context,
    study: Annotated[str, typer.Argument(metavar="study")],
    folder: Annotated[str, typer.Argument(metavar="folder")],
    out: Annotated[str | None, typer.Option("--out", metavar="dir")] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="period")] = None,
    received: Annotated[str | None, typer.Option("--received", metavar="date")] = None,
    *,
    with_elders: Annotated[bool, typer.Option("--with-elders", metavar="")] = False,
) -> None:
    """Merge a folder of returns."""
    session = session_of(context)
    arguments = Arguments()
    day = arguments.date(received, "--received")
    arguments.done()

    from care_map.config import read_study
    from care_map.workflows.returns import merge_returns

    with spinner(session, "merge"):
        described = read_study(study)
        texts = session.texts_for(described.language)
        merged = merge_returns(
            described,
            folder,
            out=out,
            period=period,
            with_elders=with_elders,
            received=day,
            language=texts.language,
        )
    problems = problem_objects(merged.problems, texts)
    answer = {"folder": str(merged.folder), "summary": dict(merged.summary), "problems": problems}
    session.answer(answer)
    _say(session, merged, texts)


def _say(session: Session, merged: "MergedReturns", texts: "Catalogue") -> None:
    summary = merged.summary
    session.say(*problem_lines(merged.problems, texts))
    session.say(texts.text("cli.returns.period", period=merged.period))
    chase, marked = summary["chase"], summary["marked"]
    counts = {"towns": summary["towns"], "returned": summary["returned"]}
    session.say(
        texts.text("cli.returns.town", **counts, chase=len(chase), marked=len(marked)),
    )
    if chase:
        towns = (str(town["town"]) for town in chase[:_NAMED_TOWNS])
        names = texts.text("report.list").join(towns)
        more = "…" if len(chase) > _NAMED_TOWNS else ""
        session.say(texts.text("cli.returns.chase", names=names + more))
    rows = {"rows": summary["rows"], "listed": summary["listed"]}
    session.say(texts.text("cli.returns.rows", **rows, merged=sum(summary["merged"].values())))
    changed = {"removed": summary["removed"], "changed": summary["changed_cells"]}
    session.say(texts.text("cli.returns.changes", added=summary["added"], **changed))
    session.say(texts.text("cli.returns.folder", folder=str(merged.folder)))
    session.say(texts.text("cli.returns.use"), *merged.study_lines)
