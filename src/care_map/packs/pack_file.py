"""What stands in the TOML of a policy pack, as pydantic reads it.

Clauses quote the notice; their rules are :mod:`care_map.packs.rules`. A ledger of targets by town
stands beside the pack as ``<pack>_ledger.csv``, the units of its time as ``<pack>_units.csv``.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from care_map.packs.conditions import Condition
from care_map.packs.rules import Rule
from care_map.vocabulary import Setting

__all__ = [
    "ClauseTable",
    "Conflict",
    "Delivery",
    "LedgerTarget",
    "PackCircle",
    "PackFile",
    "PackHeader",
    "PackUnit",
    "Strength",
    "Unmeasured",
]

Strength = Literal["must", "principle", "conditional", "aim", "support"]
Kind = Literal["G", "U", "F", "R", "L", "E", "D"]
_ID = r"^[a-z][a-z0-9_]*$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PackHeader(_Part):
    """``[pack]``: which notice this is.

    Attributes
    ----------
    id
        Code; `study.pack` names it.
    name
        District or other scope, in Chinese.
    name_en
        The same in English.
    title
        Title of the notice.
    document
        Document number.
    issued
        Day of issue.
    version
        Version of this encoding.
    plan_from, plan_until
        First and last day of the plan: what was accepted earlier never counts towards it.
    responsible
        Office that reports, where a clause names none.
    """

    id: Annotated[str, Field(pattern=_ID, max_length=40)]
    name: str
    name_en: str
    title: str
    document: str
    issued: dt.date
    version: str
    plan_from: dt.date | None = None
    plan_until: dt.date | None = None
    responsible: str = ""


class _RuleOfSetting(_Part):
    profile: str
    minutes: Annotated[float, Field(gt=0, le=240)]


class Delivery(_Part):
    """Who also counts as inside because a provider comes to the home.

    Attributes
    ----------
    types
        Facility types, of which those with ``delivers`` count.
    profile, minutes
        From the facility to the home.
    """

    types: tuple[str, ...] = Field(strict=False)
    profile: str
    minutes: Annotated[float, Field(gt=0, le=240)]


class PackCircle(_Part):
    """``[[circle]]``: an official circle, as a study's own and with where it comes from.

    Attributes
    ----------
    id, title, require, setting, profile, minutes, urban, rural
        As ``[[circle]]`` of a study.
    title_en
        Title in English.
    delivery
        For meals: delivered within the time counts as reached.
    direction
        ``to`` the facility, or ``from`` it.
    cite, text
        Place in the notice and its words.
    assumptions
        What the notice does not say and this pack assumes, in Chinese.
    """

    id: Annotated[str, Field(pattern=_ID, max_length=60)]
    title: str
    title_en: str = ""
    require: tuple[Annotated[tuple[str, ...], Field(strict=False)], ...] = Field(strict=False)
    setting: Setting | None = None
    profile: str | None = None
    minutes: Annotated[float, Field(gt=0, le=240)] | None = None
    urban: _RuleOfSetting | None = None
    rural: _RuleOfSetting | None = None
    delivery: Delivery | None = None
    direction: Literal["to", "from"] = "to"
    cite: str = ""
    text: str = ""
    assumptions: tuple[str, ...] = Field(default=(), strict=False)


class Conflict(_Part):
    """Where the notice contradicts itself.

    Attributes
    ----------
    readings
        What it says in each place, with the place.
    judged_as
        Which reading the rule takes; without it the verdict is ``source_conflict``.
    """

    readings: tuple[str, ...] = Field(strict=False, min_length=2)
    judged_as: str = ""


class ClauseTable(_Part):
    """One ``[[clause]]``.

    Attributes
    ----------
    id
        ``<pack>_<row>`` with a letter where one row has several rules.
    row
        Row of the list of clauses in ``docs/clauses.md``.
    cite
        Task or part of the notice.
    title
        The task in a few words.
    title_en
        The same in English.
    text
        Words of the notice, letter by letter but for spaces and line breaks; several places
        are several strings.
    kind
        G travel time, U per unit, F per facility, R rate, L ledger, E elders' records, D typed in.
    strength
        How binding the words are.
    deadline
        Day by which.
    starts
        First day of a period that a count is taken over.
    responsible
        Offices.
    denominator
        What the rate is of, in words (常住, 户籍…).
    rule
        How it is judged.
    none_is
        What the verdict is where the lists have no row that the rule speaks of.
    conflict
        Contradiction of the notice with itself.
    assumptions
        What the notice does not say and this pack assumes.
    """

    id: Annotated[str, Field(pattern=_ID, max_length=60)]
    row: Annotated[int, Field(ge=1)]
    cite: str
    title: str
    title_en: str
    text: tuple[str, ...] = Field(strict=False, min_length=1)
    kind: Kind
    strength: Strength
    deadline: dt.date | None = None
    starts: dt.date | None = None
    responsible: tuple[str, ...] = Field(default=(), strict=False)
    denominator: str = ""
    rule: Rule
    none_is: Literal["not_applicable", "unknown"] = "not_applicable"
    conflict: Conflict | None = None
    assumptions: tuple[str, ...] = Field(default=(), strict=False)

    def title_in(self, language: str) -> str:
        """Return the task in a few words of a language."""
        return self.title_en if language == "en" else self.title


class Unmeasured(_Part):
    """``[[unmeasured]]``: a sentence with a figure that no rule holds, and why not.

    Attributes
    ----------
    cite, text
        Place and words of the notice.
    why
        Reason, in Chinese.
    why_en
        The same in English.
    row
        Row of the list of clauses in ``docs/clauses.md``, where it is one.
    """

    row: Annotated[int, Field(ge=1)] | None = None
    cite: str
    text: tuple[str, ...] = Field(strict=False, min_length=1)
    why: str
    why_en: str


class LedgerTarget(_Part):
    """A target of the ledger: ``[[target]]``, or a row of ``<pack>_ledger.csv``.

    Attributes
    ----------
    town
        Name of the unit, empty for the district.
    role
        Facility type.
    year
        By the end of which year.
    target
        How many in that year.
    build_mode, note
        How they are built; the notice's remark.
    responsible
        Offices, joined with ``、``; where it is empty, those of the ledger's clause of that type
        and year.
    total
        Whether `target` is how many must stand by the end of that year, those from before the
        plan included, instead of how many that year adds.
    """

    town: str = ""
    role: str
    year: Annotated[int, Field(ge=2000, le=2100)]
    target: Annotated[int, Field(ge=0)]
    build_mode: str = ""
    responsible: str = ""
    note: str = ""
    total: bool = False


class PackUnit(_Part):
    """A unit of the notice's time: a row of ``<pack>_units.csv``.

    Attributes
    ----------
    name
        As the notice writes it.
    kind
        street, town, community or village.
    parent
        Name of its town, empty for towns and streets.
    communities, villages
        Number of them in a town or street, where the notice gives it.
    note
        The notice's remark.
    """

    name: str
    kind: Literal["street", "town", "community", "village"]
    parent: str = ""
    communities: int | None = None
    villages: int | None = None
    note: str = ""


class PackFile(_Part):
    """The whole pack; ledger and units of the CSV files are in it once it is read.

    Attributes
    ----------
    condition
        Conditions by name, to be used by several clauses.
    """

    pack: PackHeader
    condition: dict[str, Condition] = Field(default_factory=dict)
    circle: tuple[PackCircle, ...] = Field(default=(), strict=False)
    clause: tuple[ClauseTable, ...] = Field(default=(), strict=False)
    target: tuple[LedgerTarget, ...] = Field(default=(), strict=False)
    unit: tuple[PackUnit, ...] = Field(default=(), strict=False)
    unmeasured: tuple[Unmeasured, ...] = Field(default=(), strict=False)
