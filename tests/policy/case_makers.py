"""Cases in a few words: a figure typed in, a list of facilities or elders, a circle's share."""

from policy.case import Case
from policy.facts_of import facts


def stated(clause_id, *, met, missed, as_of="2021-06-30", words="未达到"):
    """Return pass, fail and unknown of a typed-in figure, or of yes and no."""
    kind = "answer" if isinstance(met, bool) else "figure"

    def typed(value):
        return facts(as_of=as_of, stated=[{"clause_id": clause_id, kind: value}])

    return [
        Case(clause_id, "pass", typed(met)),
        Case(clause_id, "fail", typed(missed), words_contain=words),
        Case(clause_id, "unknown", facts(as_of=as_of, stated=[]), missing_contains=clause_id),
    ]


def listed(clause_id, rows, verdict, *, as_of="2021-06-30", units=None, **expected):
    """Return a case of the district's facilities alone, or with its units."""
    found = facts(as_of=as_of, facilities=rows, units=units)
    return Case(clause_id, verdict, found, **expected)


def people(clause_id, rows, verdict, *, as_of="2021-06-30", **expected):
    """Return a case of the elders' list."""
    found = facts(as_of=as_of, elders=rows)
    return Case(clause_id, verdict, found, **expected)


def checked(clause_id, role, *, met, missed, blank, words, missing):
    """Return a facility that meets a standard, one that misses it, and one that is not known."""
    return [
        listed(clause_id, [{"roles": role, **met}], "pass", low=1.0, high=1.0),
        listed(
            clause_id,
            [{"roles": role, **met}, {"roles": role, **missed}],
            "fail",
            low=0.5,
            high=0.5,
            words_contain=words,
        ),
        listed(
            clause_id,
            [{"roles": role, **met}, {"roles": role, **blank}],
            "unknown",
            low=0.5,
            high=1.0,
            missing_contains=missing,
        ),
    ]


def built(clause_id, role, needed, *, day, late_day, as_of):
    """Return enough, one too few (one more came late), and one without a date."""
    rows = [{"roles": role, "accepted_date": day} for _ in range(needed - 1)]
    late = {"roles": role, "accepted_date": late_day}
    counted = {"as_of": as_of}
    return [
        listed(clause_id, [*rows, rows[0]], "pass", low=needed, high=needed, **counted),
        listed(
            clause_id,
            [*rows, late, {**rows[0], "stage": "building", "accepted_date": None}],
            "fail",
            low=needed - 1,
            high=needed - 1,
            words_contain="未达到",
            **counted,
        ),
        listed(
            clause_id,
            [*rows, {"roles": role, "accepted_date": None}],
            "unknown",
            low=needed - 1,
            high=needed,
            missing_contains="验收日期",
            **counted,
        ),
    ]


def circle(clause_id, name, setting, *, profile="standard"):
    """Return the share inside a circle, with bounds, and the circle without roads."""
    counts = {"covered": 60, "uncovered": 30, "undetermined": 10}
    row = {"circle": name, "setting": setting, "profile": profile, **counts}
    slower = [{**row, "profile": "elder", "covered": 50, "uncovered": 40}]
    known = facts(coverage=[row, *(slower if profile == "standard" else [])])
    return [
        Case(clause_id, "indicator", known, low=0.6, high=0.7),
        Case(clause_id, "unknown", facts(), missing_contains="测算结果"),
    ]
