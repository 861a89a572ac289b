"""Which figures of a circle are its official ones, and what codes are called in words."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from care_map.accessibility.coverage import ALL
from care_map.assessment import Assessment
from care_map.messages import Catalogue, catalogue

__all__ = ["Reading", "Words", "everybody", "readings"]

_LABELS = {
    "compared_level": "level",
    "catchment": "catchment",
    "dataset": "dataset",
    "datum_verdict": "datum_verdict",
    "group": "group",
    "item": "network",
    "kind": "report.kind",
    "level": "level",
    "means": "means",
    "mode": "mode",
    "other_rule": "other_rule",
    "rule": "rule",
    "rule_setting": "setting",
    "setting": "setting",
    "strength": "strength",
    "service": "service",
    "severity": "report.severity",
    "status": "status",
    "unit": "report.measure",
    "unit_kind": "unit_kind",
    "verdict": "verdict",
}
_LISTS = {
    "reason": "reason",
    "reasons": "reason",
    "remedy": "remedy",
    "role": "facility_type",
    "roles": "facility_type",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A circle with its official profile and those that stand beside it."""

    circle: str
    official: str
    beside: tuple[str, ...]

    @property
    def profiles(self) -> tuple[str, ...]:
        """All profiles, the official one first."""
        return (self.official, *self.beside)


def readings(result: Assessment) -> list[Reading]:
    """Return the circles of the coverage table in their order, with their profiles.

    The official profile is the one of the circle's own rules, else the first that is listed.
    """
    own = {
        circle.id: variant.profile
        for circle in result.study.circles
        for variant in circle.variants
        if variant.official
    }
    table = result.coverage_by_unit
    found: list[Reading] = []
    for circle in _listed(table["circle"]):
        profiles = _listed(table.loc[table["circle"] == circle, "profile"])
        official = own.get(circle) if own.get(circle) in profiles else None
        official = official or profiles[0]
        beside = tuple(name for name in profiles if name != official)
        found.append(Reading(circle, official, beside))
    return found


def everybody(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all elders in all settings."""
    return table[(table["group"] == ALL) & (table["setting"] == ALL)]


@dataclass(frozen=True, slots=True)
class Words:
    """Codes of tables in the words of a language.

    Parameters
    ----------
    texts
        The catalogue.
    circles
        Titles that the study gives its circles, by id.
    """

    texts: Catalogue
    circles: Mapping[str, str]

    @classmethod
    def of(cls, result: Assessment) -> "Words":
        """Return the words of a study's language."""
        language = result.study.language
        titles = {circle.id: circle.title_in(language) for circle in result.study.circles}
        return cls(catalogue(language), {name: title for name, title in titles.items() if title})

    def circle(self, circle: str) -> str:
        """Return a circle's title: the study's own, else the catalogue's, else its id."""
        return self.circles.get(circle) or self.texts.label("circle", circle)

    def profile(self, profile: str) -> str:
        """Return a profile's label; of a joined one the labels of its parts."""
        return self.listed("profile", profile.split("+"))

    def listed(self, group: str, codes: list[str]) -> str:
        """Return the labels of several codes in one text."""
        labels = [self.texts.label(group, code) for code in codes if code]
        return self.texts.text("report.list").join(labels)

    def _flag(self, value: object) -> str | None:
        key = "template.yes" if value else "template.no"
        return None if value is None else self.texts.text(key)

    def cell(self, column: str, value: object) -> object:
        """Return a cell of the table column of that name in words, as it is if it is no code."""
        if value is None or isinstance(value, bool):
            return self._flag(value)
        if column == "circle":
            return self.circle(str(value))
        if column == "catchment" and not self.texts.has(f"catchment.{value}"):
            return self.texts.text("report.list").join(map(self.circle, str(value).split("+")))
        if column == "profile":
            return self.profile(str(value))
        if column in _LISTS:
            return self.listed(_LISTS[column], str(value).split(";"))
        return self.texts.label(_LABELS[column], str(value)) if column in _LABELS else value


def _listed(column: pd.Series) -> list[str]:
    return [str(name) for name in column.drop_duplicates()]
