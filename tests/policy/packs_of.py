"""Packs of one clause, for tests of formulas, and what comes of it."""

import datetime as dt

from care_map.messages import catalogue
from care_map.packs.pack_file import PackFile
from care_map.policy.verdicts import judge_clauses


def pack(*rules, circles=(), targets=(), conditions=None, plan_from=None, **clause) -> PackFile:
    """Return a pack whose clauses have these rules; what else is named is every clause's."""
    header = {
        "id": "test",
        "name": "测试",
        "name_en": "Test",
        "title": "测试通知",
        "document": "测试〔2020〕1号",
        "issued": dt.date(2020, 1, 1),
        "version": "1",
        "plan_from": plan_from,
    }
    own = {
        "row": 1,
        "cite": "一",
        "title": "任务",
        "title_en": "Task",
        "text": ["原文"],
        "kind": "F",
        "strength": "must",
    }
    clauses = [
        {**own, "id": f"test_{number}", **clause, "rule": rule}
        for number, rule in enumerate(rules, 1)
    ]
    return PackFile.model_validate(
        {
            "pack": header,
            "condition": conditions or {},
            "circle": list(circles),
            "target": list(targets),
            "clause": clauses,
        }
    )


def judged(facts, rule, *, language="zh", **clause):
    """Return the verdict of one rule and its evidence."""
    result = judge_clauses(pack(rule, **clause), facts, texts=catalogue(language))
    return result.verdicts.iloc[0], result.evidence


def verdict(facts, rule, **clause):
    """Return the code of the verdict of one rule."""
    return judged(facts, rule, **clause)[0]["verdict"]
