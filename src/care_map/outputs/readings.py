"""Which figures of a circle are its official ones, and what codes are called in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from care_map.assessment import Assessment
from care_map.messages import Catalogue, catalogue

__all__ = ["Reading", "Words", "official_profiles", "readings", "whole_level"]

_PARTS = re.compile(r"[;+/]")
_LABELS = {
    "group": "group",
    "kind": "report.kind",
    "level": "level",
    "setting": "setting",
    "severity": "report.severity",
    "status": "status",
}
_LISTS = {"reason": "reason", "reasons": "reason", "remedy": "remedy", "roles": "facility_type"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A circle with its official profiles and those that stand beside them."""

    circle: str
    official: tuple[str, ...]
    beside: tuple[str, ...]


def readings(result: Assessment) -> list[Reading]:
    """Return the circles of the coverage table in their order, with their profiles.

    A profile is official where the circle's rules name it (all its parts, for one that joins
    several by ``;``); the first one that is listed is official in any case.
    """
    found: list[Reading] = []
    table = result.coverage_by_unit
    for circle in _listed(table["circle"]):
        profiles = _listed(table.loc[table["circle"] == circle, "profile"])
        named = official_profiles(result, circle)
        official = tuple(
            name
            for number, name in enumerate(profiles)
            if number == 0 or set(_PARTS.split(name)) <= named
        )
        beside = tuple(name for name in profiles if name not in official)
        found.append(Reading(circle, official, beside))
    return found


def official_profiles(result: Assessment, circle: str) -> set[str]:
    """Return the profiles that the rules of a circle name."""
    return {
        rule.profile
        for known in result.study.circles
        if known.id == circle
        for rule in known.rules.values()
    }


def whole_level(table: pd.DataFrame) -> str:
    """Return the level whose row is the whole study, empty if no single row is."""
    for level in ("all", "district"):
        if len(table.loc[table["level"] == level, "unit_id"].drop_duplicates()) == 1:
            return level
    return ""


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
        titles = {circle.id: circle.title for circle in result.study.circles if circle.title}
        return cls(catalogue(result.study.language), titles)

    def circle(self, circle: str) -> str:
        """Return a circle's title: the study's own, else the catalogue's, else its id."""
        return self.circles.get(circle) or self.texts.label("circle", circle)

    def profile(self, profile: str) -> str:
        """Return a profile's label; of a joined one the labels of its parts."""
        if self.texts.has(f"profile.{profile}"):
            return self.texts.label("profile", profile)
        return self.listed("profile", _PARTS.split(profile))

    def listed(self, group: str, codes: list[str]) -> str:
        """Return the labels of several codes in one text."""
        labels = [self.texts.label(group, code) for code in codes if code]
        return self.texts.text("report.list").join(labels)

    def cell(self, column: str, value: object) -> object:
        """Return a cell of the table column of that name in words, as it is if it is no code."""
        if value is None:
            return None
        if column == "circle":
            return self.circle(str(value))
        if column == "profile":
            return self.profile(str(value))
        if column in _LISTS:
            return self.listed(_LISTS[column], str(value).split(";"))
        return self.texts.label(_LABELS[column], str(value)) if column in _LABELS else value


def _listed(column: pd.Series) -> list[str]:
    return [str(name) for name in column.drop_duplicates()]
