"""A scenario in words: that it is one, and each of its changes, said on every output."""

from collections.abc import Iterable, Iterator, Mapping

from care_map.config import Study
from care_map.inputs.codes import CODED
from care_map.messages import Catalogue, catalogue
from care_map.scenarios import KINDS, AddFacility, AddRoad, Change, ChangeElders
from care_map.schema import FACILITIES
from care_map.values import Statement

__all__ = ["change_lines", "scenario_labels", "scenario_statements"]

_MOST_TOLD = 30
"""Changes that every output lists; more are counted (default)."""
_LABELS = {
    "roles": "facility_type",
    "accept": "facility_type",
    "profile": "profile",
    "setting": "setting",
    "stage": "stage",
    "group": "group",
    "circle": "circle",
}
"""Field of a change → vocabulary of its codes."""
_UNTOLD = ("facility_id", "datum", "lon", "lat", "services", "columns", "line")
_NAMES = {kind: name for name, kind in KINDS.items()}


def scenario_labels(study: Study) -> tuple[str, ...]:
    """Return the label of ``data.*`` that every output of a scenario has."""
    return () if study.scenario is None else ("scenario",)


def scenario_statements(study: Study) -> tuple[Statement, ...]:
    """Return what every output of a scenario says: that it is one, and its changes."""
    scenario = study.scenario
    if scenario is None:
        return ()
    texts = catalogue(study.language)
    count = len(scenario.changes)
    said = [Statement("scenario", {"name": scenario.name, "count": count})]
    if scenario.note:
        said.append(Statement("scenario_note", {"note": scenario.note}))
    shown = change_lines(scenario.changes[:_MOST_TOLD], texts)
    said += [Statement("scenario_change", {"change": line}) for line in shown]
    if count > _MOST_TOLD:
        said.append(Statement("scenario_more", {"count": count - _MOST_TOLD}))
    return tuple(said)


def change_lines(changes: Iterable[Change], texts: Catalogue) -> list[str]:
    """Return a sentence per change, in the catalogue's language."""
    comma = texts.text("scenario.comma")
    return [
        texts.text(
            f"scenario.change.{_NAMES[type(change)]}",
            what=getattr(change, "facility_id", ""),
            parts=comma.join(_parts(change, texts)),
        ).strip()
        for change in changes
    ]


def _parts(change: Change, texts: Catalogue) -> Iterator[str]:
    """Yield each field of a change that is not as it would be anyway."""
    if isinstance(change, AddFacility):
        yield change.name
    if isinstance(change, AddRoad):
        yield texts.text("scenario.field.points", value=len(change.line))
    lon, lat = getattr(change, "lon", None), getattr(change, "lat", None)
    if lon is not None and lat is not None:
        yield f"{lon:.5f}, {lat:.5f}"
    if isinstance(change, ChangeElders) and not change.units:
        yield texts.text("scenario.field.everywhere")
    for name in type(change).__dataclass_fields__:
        value = getattr(change, name)
        told = name in _UNTOLD or (name == "name" and isinstance(change, AddFacility))
        if told or value in (None, (), "", False):
            continue
        yield texts.text(f"scenario.field.{name}", value=_shown(name, value, texts))
    yield from _cells(change, texts)


def _cells(change: Change, texts: Catalogue) -> Iterator[str]:
    columns: Mapping[str, object] = getattr(change, "columns", {})
    for name, value in columns.items():
        if name in FACILITIES.names:
            title = FACILITIES.column(name).title(texts.language)
            yield texts.text("scenario.field.cell", title=title, value=_shown(name, value, texts))
    services: Mapping[str, float] = getattr(change, "services", {})
    for name, value in services.items():
        title = texts.label("service", name)
        yield texts.text("scenario.field.cell", title=title, value=f"{value:g}")


def _shown(name: str, value: object, texts: Catalogue) -> str:
    words = value if isinstance(value, tuple) else (value,)
    if isinstance(value, str) and (name == "accept" or _is_list(name)):
        words = tuple(value.split(";"))
    shown = [_word(name, word, texts) for word in words]
    return texts.text("scenario.comma").join(shown)


def _is_list(name: str) -> bool:
    return name in FACILITIES.names and FACILITIES.column(name).kind == "list"


def _word(name: str, word: object, texts: Catalogue) -> str:
    vocabulary = _LABELS.get(name) or CODED.get(name)
    if vocabulary:
        return texts.label(vocabulary, str(word))
    if isinstance(word, bool):
        return texts.text("scenario.field.yes" if word else "scenario.field.no")
    return f"{word:,.10g}" if isinstance(word, float) else str(word)
