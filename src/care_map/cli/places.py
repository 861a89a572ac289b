"""`care-map isochrone` and `care-map route`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from care_map.cli.arguments import Arguments
from care_map.cli.progress import spinner
from care_map.cli.session import session_of
from care_map.errors import InputError, Problem

if TYPE_CHECKING:
    from care_map.routing.routes import Route

__all__ = ["isochrone_command", "route_command"]

_DIRECTIONS: tuple[Literal["to", "from"], ...] = ("to", "from")
_SHAPES: tuple[Literal["polygons", "rings", "lines"], ...] = ("polygons", "rings", "lines")
_SUFFIXES = (".geojson", ".json", ".gpkg")


def isochrone_command(
    context: typer.Context,
    roads: Annotated[str, typer.Argument(metavar="roads")],
    at: Annotated[list[str], typer.Option("--at", metavar="lonlat")],
    minutes: Annotated[str, typer.Option("--minutes", metavar="minutes")],
    profile: Annotated[str, typer.Option("--profile", metavar="profile")] = "standard",
    direction: Annotated[str, typer.Option("--direction", metavar="direction")] = "to",
    shape: Annotated[str, typer.Option("--shape", metavar="shape")] = "polygons",
    out: Annotated[str | None, typer.Option("-o", "--out", metavar="file")] = None,
    *,
    each: Annotated[bool, typer.Option("--each", metavar="")] = False,
) -> None:
    """Write what is within some minutes of any of the points."""
    session = session_of(context)
    arguments = Arguments()
    file = arguments.file(roads, "ROADS")
    points = [arguments.lonlat(text, "--at") for text in at]
    cutoffs = arguments.minutes(minutes, "--minutes")
    way = arguments.choice(direction, "--direction", _DIRECTIONS)
    kind = arguments.choice(shape, "--shape", _SHAPES)
    target = _target(arguments, out, file)
    arguments.done()

    from care_map.cli.layer_file import layer_object, write_layer
    from care_map.workflows.places import isochrone

    with spinner(session):
        found = isochrone(
            file,
            points,
            minutes=cutoffs,
            profile=profile,
            direction=way,
            each=each,
            shape=kind,
        )
    if target is None:
        typer.echo(json.dumps(layer_object(found), ensure_ascii=False, allow_nan=False))
        return
    write_layer(found, target, layer="isochrones")
    session.answer({"file": str(target), "minutes": sorted(set(cutoffs)), "profile": profile})
    session.say(session.texts.text("cli.places.written", file=str(target)))


def route_command(
    context: typer.Context,
    roads: Annotated[str, typer.Argument(metavar="roads")],
    start: Annotated[str, typer.Option("--from", metavar="lonlat")],
    goal: Annotated[str, typer.Option("--to", metavar="lonlat")],
    profile: Annotated[str, typer.Option("--profile", metavar="profile")] = "standard",
    out: Annotated[str | None, typer.Option("-o", "--out", metavar="file")] = None,
) -> None:
    """Print time and length of the fastest way between two points, and write its line."""
    session = session_of(context)
    arguments = Arguments()
    file = arguments.file(roads, "ROADS")
    from_, to = arguments.lonlat(start, "--from"), arguments.lonlat(goal, "--to")
    target = _target(arguments, out, file)
    arguments.done()

    from care_map.cli.layer_file import layer_object, route_layer, write_layer
    from care_map.workflows.places import route

    with spinner(session):
        found = route(file, from_, to, profile=profile)
    if found.geometry is None:
        raise InputError([_no_way(found)])
    line = route_layer(found, profile=profile)
    if target is not None:
        write_layer(line, target, layer="route")
    if session.json:
        typer.echo(json.dumps(layer_object(line), ensure_ascii=False, allow_nan=False))
        return
    texts = session.texts
    label = texts.label("profile", profile)
    figures = {"minutes": found.minutes, "length_m": found.length_m, "profile": label}
    typer.echo(texts.text("cli.places.route", **figures))
    if target is not None:
        session.say(texts.text("cli.places.written", file=str(target)))


def _target(arguments: Arguments, out: str | None, roads: Path) -> Path | None:
    """Return the file to write, never the one that is read."""
    target = arguments.result_file(out, "--out", _SUFFIXES)
    if target is not None and target.exists() and roads.exists() and target.samefile(roads):
        arguments.problems.append(Problem("cli_out_is_input", column="--out", value=out))
    return target


def _no_way(found: "Route") -> Problem:
    """Say which end has no road near, or that the two are not connected."""
    lost = [
        option
        for option, status in zip(("--from", "--to"), found.snap_status, strict=True)
        if status == "beyond"
    ]
    return Problem("cli_no_way_beyond" if lost else "cli_no_way", column=" ".join(lost) or None)
