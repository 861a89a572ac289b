"""Help in the language of the call: what there is, what it takes, how it is written."""

import shutil
from typing import TYPE_CHECKING

from care_map.cli.layout import columns, text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import typer.core

    from care_map.messages import Catalogue

__all__ = ["PROGRAM", "command_help", "group_help", "program_help"]

PROGRAM = "care-map"
_WIDEST = 100
_INDENT = "  "
_COMMON = ("language", "quiet", "json", "help")


def program_help(names: "Iterable[str]", texts: "Catalogue") -> list[str]:
    """Return the help of the program: its commands, a line each, and the common options.

    Parameters
    ----------
    names
        The program's commands, in the order in which they are told.
    texts
        Catalogue of the help.

    Returns
    -------
    list of str
        Lines.
    """
    commands = [(name, texts.text(f"cli.command.{name}.summary")) for name in names]
    return [
        *_usage(texts, [PROGRAM, texts.text("cli.help.command_place")]),
        *_paragraph(texts.text("cli.help.about")),
        *_section(texts.text("cli.help.commands"), commands),
        *_section(texts.text("cli.help.options"), _common(texts, "version")),
        *_paragraph(texts.text("cli.help.more", program=PROGRAM)),
    ]


def group_help(group: "typer.core.TyperGroup", texts: "Catalogue", *, name: str) -> list[str]:
    """Return the help of a command that has commands of its own.

    Parameters
    ----------
    group
        Its commands.
    texts
        Catalogue of the help.
    name
        What it is called by.

    Returns
    -------
    list of str
        Lines.
    """
    key = f"cli.command.{name}"
    parts = [(part, texts.text(f"{key}.{part}.summary")) for part in group.commands]
    return [
        *_usage(texts, [PROGRAM, name, texts.text("cli.help.command_place")]),
        *_paragraph(texts.text(f"{key}.summary")),
        *_paragraph(texts.text(f"{key}.about")),
        *_section(texts.text("cli.help.commands"), parts),
        *_section(texts.text("cli.help.options"), _common(texts)),
        texts.text("cli.help.examples"),
        *(f"{_INDENT}{line}" for line in texts.text(f"{key}.example").splitlines()),
    ]


def command_help(
    command: "typer.core.TyperCommand", texts: "Catalogue", *, path: "Sequence[str]"
) -> list[str]:
    """Return the help of a command: summary, paragraph, example, arguments and options.

    Parameters
    ----------
    command
        The command; ``cli.command.<name>`` in the catalogue says what it does.
    texts
        Catalogue of the help.
    path
        What it is called by: its name, after that of the group it is in.

    Returns
    -------
    list of str
        Lines.
    """
    key = f"cli.command.{'.'.join(path)}"
    arguments: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    written = [PROGRAM, *path]
    for parameter in command.params:
        about = texts.text(f"{key}.{parameter.name}")
        # A switch has no value to name.
        place = texts.text(f"cli.place.{parameter.metavar}") if parameter.metavar else ""
        if parameter.required:
            about += texts.text("cli.help.required")
        if parameter.param_type_name == "argument":
            arguments.append((place, about))
            written.append(place if parameter.required else f"[{place}]")
        else:
            name = ", ".join(sorted(parameter.opts, key=len))
            options.append((f"{name} {place}".strip(), about))
            if parameter.required:
                written.append(f"{parameter.opts[0]} {place}")
    return [
        *_usage(texts, [*written, texts.text("cli.help.options_place")]),
        *_paragraph(texts.text(f"{key}.summary")),
        *_paragraph(texts.text(f"{key}.about")),
        *_section(texts.text("cli.help.arguments"), arguments),
        *_section(texts.text("cli.help.options"), [*options, *_common(texts)]),
        texts.text("cli.help.examples"),
        *(f"{_INDENT}{line}" for line in texts.text(f"{key}.example").splitlines()),
    ]


def _usage(texts: "Catalogue", words: list[str]) -> list[str]:
    return [texts.text("cli.help.usage", line=" ".join(words)), ""]


def _common(texts: "Catalogue", *more: str) -> list[tuple[str, str]]:
    names = {"language": f"--language {texts.text('cli.place.language')}", "help": "-h, --help"}
    return [
        (names.get(name, f"--{name}"), texts.text(f"cli.option.{name}"))
        for name in (*_COMMON, *more)
    ]


def _width() -> int:
    return min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST) - 1


def _paragraph(text: str) -> list[str]:
    return [line for part in text.splitlines() for line in wrap(part, _width())] + [""]


def _section(title: str, entries: list[tuple[str, str]]) -> list[str]:
    """Return names and what they mean in two columns, the second one wrapped."""
    if not entries:
        return []
    first = max(text_width(name) for name, _ in entries)
    room = max(_width() - first - 2 * len(_INDENT), 24)
    rows = [
        [name if number == 0 else "", line]
        for name, about in entries
        for number, line in enumerate(wrap(about, room))
    ]
    return [title, *(f"{_INDENT}{line}" for line in columns(rows)), ""]
