"""What a run found, on the screen and as JSON."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from care_map.cli.findings import counts, problem_lines
from care_map.cli.layout import columns, plain
from care_map.cli.session import Session

if TYPE_CHECKING:
    from care_map.messages import Catalogue
    from care_map.workflows.run import Run

__all__ = ["print_run"]

_HEADS = ("circle", "rate", "covered", "uncovered", "undetermined", "gaps")
_INDENT = "  "
_LEDGER = ("target", "due", "accepted", "operating", "in_progress", "late", "existing_before")
_FIGURES = ("covered", "uncovered", "undetermined", "gaps")


def print_run(session: Session, done: "Run", *, study_folder: str | None = None) -> None:
    """Print a finished run: figures, findings, labels and where the map lies.

    Parameters
    ----------
    session
        The call.
    done
        The run.
    study_folder
        Folder of the study, where the command has made one.
    """
    from care_map.diagnostics.effects import effect_lines

    result = done.result
    texts = session.texts_for(result.study.language)
    folder = done.folder.resolve()
    issues, page = folder / "issues.csv", folder / done.map_file.relative_to(done.folder)
    found = counts(result.problems)
    session.answer(
        {
            **({"study_folder": study_folder} if study_folder else {}),
            "folder": str(folder),
            "map": str(page),
            "issues": str(issues),
            "summary": dict(result.summary),
            "labels": list(result.labels),
            "problems": found,
        }
    )
    session.say(*_title(result.summary, texts), *_table(done, texts), "")
    session.say(*_notice(result.summary, texts))
    session.say(*problem_lines(result.problems, texts))
    effects = effect_lines(result.effects, texts)
    if effects:
        session.say("", texts.text("quality.effects"), *(f"{_INDENT}{line}" for line in effects))
    numbers = {name: found[name] for name in ("error", "warning", "info")}
    session.say(texts.text("cli.run.problems", file=str(issues), **numbers))
    session.say(
        *(texts.text("cli.run.label", label=texts.text(f"data.{c}")) for c in result.labels)
    )
    if study_folder:
        session.say(texts.text("cli.run.study_folder", folder=study_folder))
    session.say(texts.text("cli.run.folder", folder=str(folder)))
    session.say(texts.text("cli.run.map", file=str(page)))


def _title(summary: Mapping[str, object], texts: "Catalogue") -> list[str]:
    day = summary["as_of"] or texts.text("cli.run.as_listed")
    head = texts.text("cli.run.title", study=summary["study"], as_of=day)
    names = ("units", "facilities", "facilities_with_point", "elders")
    return [head, texts.text("cli.run.counts", **{name: summary[name] for name in names}), ""]


def _table(done: "Run", texts: "Catalogue") -> list[str]:
    """Return a line per circle and profile."""
    circles = done.result.summary["circles"]
    if not isinstance(circles, list) or not circles:
        return [texts.text("cli.run.no_figures")]
    titles = {circle.id: circle.title_in(texts.language) for circle in done.result.study.circles}
    rows = [[texts.text(f"cli.run.head.{name}") for name in _HEADS]]
    last = None
    for row in circles:
        if row["circle"] != last:
            last = row["circle"]
            title = plain(titles.get(last) or texts.label("circle", last))
            rows.append([title, *[""] * (len(_HEADS) - 1)])
        rate = _rate(row["rate_low"], row["rate_high"], texts)
        figures = [f"{row[name]:,}" for name in _FIGURES]
        rows.append([_INDENT + texts.label("profile", row["profile"]), rate, *figures])
    return columns(rows, right=range(1, len(_HEADS)))


def _notice(summary: Mapping[str, object], texts: "Catalogue") -> list[str]:
    """Return how many clauses have which verdict, and a line per type of the ledger."""
    verdicts, ledger = summary.get("verdicts"), summary.get("ledger")
    if not isinstance(verdicts, Mapping) or not isinstance(ledger, list):
        return []
    comma = texts.text("report.list")
    known = ((code, count) for code, count in verdicts.items() if count)
    named = (f"{texts.label('verdict', code)} {count}" for code, count in known)
    lines = [
        texts.text("cli.run.notice", day=summary["policy_day"]),
        _INDENT
        + texts.text("cli.run.verdicts", counts=comma.join(named), missed=summary["missed"]),
    ]
    if ledger:
        rows = [[texts.text(f"cli.run.ledger.{name}") for name in ("role", *_LEDGER)]]
        for row in ledger:
            role = comma.join(texts.label("facility_type", one) for one in row["role"].split(";"))
            if row.get("total"):
                role = texts.text("cli.run.ledger.total", role=role)
            rows.append([_INDENT + role, *(_count(row[name], texts) for name in _LEDGER)])
        lines += columns(rows, right=range(1, len(_LEDGER) + 1))
    return [*lines, ""]


def _count(value: object, texts: "Catalogue") -> str:
    return texts.text("cli.run.no_rate") if value is None else f"{value:,}"


def _rate(low: float | None, high: float | None, texts: "Catalogue") -> str:
    if low is None or high is None:
        return texts.text("cli.run.no_rate")
    ends = dict.fromkeys((f"{low:.1%}", f"{high:.1%}"))
    return "–".join(ends)
