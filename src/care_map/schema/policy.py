"""Columns of what a notice is judged with, and of what comes of it."""

from care_map.schema.columns import Table, column

__all__ = [
    "CLAUSE_EVIDENCE",
    "CLAUSE_VERDICTS",
    "LEDGER",
    "LEDGER_LEFT_OUT",
    "LEDGER_SERIES",
    "RECEIVED",
    "SERVICES_LIST",
    "STATED",
    "UNIT_SERVICE",
]

_UNIT_ID = column("unit_id", "text", "区划代码", "unit code", "所属区划代码", "统计用区划代码")
_TOWN = column(
    "town_name", "text", "乡镇街道", "town or street", "所属乡镇街道", "镇街", "街道", "乡镇"
)
_UNIT_NAME = column("unit_name", "text", "单元名称", "unit")

SERVICES_LIST = Table(
    "services",
    "服务项目",
    "services",
    (
        column("facility_id", "text", "设施编号", "facility id", "编号", "机构编号", required=True),
        column("service", "text", "服务", "service", "服务项目", required=True),
        column("capacity", "number", "能力", "capacity", "服务能力"),
        column("capacity_unit", "text", "单位", "unit of capacity", "计量单位"),
    ),
)
"""A row is one service that a facility gives, with how much of it."""

STATED = Table(
    "stated",
    "填报数据",
    "stated figures",
    (
        column("clause_id", "text", "条款编号", "clause id", "条款", required=True),
        column("title", "text", "任务", "task"),
        column("text", "text", "原文", "text of the notice"),
        _UNIT_ID,
        _TOWN,
        column("figure", "number", "数值", "figure", "填报数", "完成数"),
        column("answer", "flag", "是否完成", "done", "是否", "结论"),
        column("stated_date", "date", "数据日期", "as of", "日期", "填报日期"),
        column("evidence", "text", "佐证材料", "evidence", "依据", "说明"),
        column("responsible", "text", "责任单位", "responsible", "填报单位"),
    ),
)
"""A row is a figure that no list can give, typed in with where it is shown. `title` and `text` are
the clause's, for whoever fills it in; they are not read."""

RECEIVED = Table(
    "received",
    "报送情况",
    "returns received",
    (
        _UNIT_ID,
        _TOWN,
        column("period", "text", "报送期", "period", "季度", required=True),
        column("received_date", "date", "收到日期", "received on", "报送日期"),
    ),
)
"""A row is a return that a town owed for a quarter (``2020Q4``), with the day it came."""

_CLAUSE = (
    column("clause_id", "text", "条款编号", "clause id"),
    column("cite", "text", "出处", "cite"),
)

CLAUSE_VERDICTS = Table(
    "clause_verdicts",
    "条款结论",
    "clause verdicts",
    (
        *_CLAUSE,
        column("title", "text", "任务", "task"),
        column("text", "text", "原文", "text of the notice"),
        column("kind", "text", "类别", "kind"),
        column("strength", "text", "约束力", "strength"),
        column("deadline", "date", "期限", "deadline"),
        column("due", "flag", "已到期", "due"),
        column("responsible", "text", "责任单位", "responsible"),
        column("verdict", "text", "结论", "verdict"),
        column("words", "text", "结论说明", "verdict in words"),
        column("target", "number", "目标", "target"),
        column("comparison", "text", "要求", "comparison"),
        column("figure_low", "number", "完成数下限", "figure, low"),
        column("figure_high", "number", "完成数上限", "figure, high"),
        column("form", "text", "数值形式", "form of the figures"),
        column("measure", "text", "计量单位", "measure"),
        column("met", "number", "达到数", "met"),
        column("not_met", "number", "未达到数", "not met"),
        column("unknown", "number", "不明数", "unknown"),
        column("missing", "text", "缺少的数据", "missing"),
        column("needed", "integer", "还需达到数", "more yes needed"),
        column("note", "text", "说明", "note"),
    ),
)
"""A row per clause. `target`, `figure_low` and `figure_high` are in `measure`; the two figures are
equal where nothing is unknown. `form` is share (a fraction of 1), number or yes_no (1 or 0)."""

CLAUSE_EVIDENCE = Table(
    "clause_evidence",
    "条款依据",
    "evidence of verdicts",
    (
        *_CLAUSE,
        column("row_kind", "text", "对象类别", "kind of row"),
        column("row_id", "text", "对象编号", "row id"),
        column("name", "text", "名称", "name"),
        _UNIT_ID,
        _UNIT_NAME,
        column("answer", "text", "是否达到", "answer"),
        column("value", "text", "依据值", "value"),
        column("missing", "text", "缺少的数据", "missing"),
    ),
)
"""A row per clause and facility or unit that it judged (of elders those that do not meet it or
are unknown); `answer` is yes, no or unknown, and away for elders who live elsewhere and are in no
denominator. `row_kind` is facility, unit, elder, service or stated."""

_TOTAL = column("total", "flag", "为期末总数", "total to be reached")

LEDGER = Table(
    "ledger",
    "建设台账",
    "ledger",
    (
        _UNIT_ID,
        _UNIT_NAME,
        column("unit_kind", "text", "单元类型", "kind of unit"),
        column("role", "text", "设施类型", "type"),
        _TOTAL,
        column("year", "integer", "年度", "year"),
        column("target", "integer", "年度任务", "target of the year"),
        column("due_date", "date", "到期日", "due on"),
        column("due", "integer", "应完成（累计）", "due so far"),
        column("accepted", "integer", "已验收（累计）", "accepted so far"),
        column("operating", "integer", "已运营（累计）", "operating so far"),
        column("in_progress", "integer", "推进中（选址至待验收）", "in progress"),
        column("late", "integer", "逾期未完成", "late"),
        column("existing_before", "integer", "计划前已有（不计入）", "there before the plan"),
        column("facility_ids", "list", "计入设施", "facilities that count"),
        column("build_mode", "text", "建设方式", "how built"),
        column("responsible", "text", "责任单位", "responsible"),
        column("note", "text", "说明", "note"),
    ),
)
"""A row per town (the whole district where the notice names none), type and year (quarter, where
a study's targets name one). `due` is the sum of the targets up to that row's that have fallen due;
`accepted` and what follows it are as of the run's day, whatever the year: what was finished late
cures an earlier year, and the note says how many came after their day. Where `total`, the target is
how many there are to be in all: what was there before the plan counts, and the latest target holds
instead of a sum. Empty counts are unknown: no list of facilities, or a unit that is not found.
`unit_id` is ``all`` for the district, ``none`` for facilities without a unit, several ids where a
town of the notice became several; a unit with facilities that the notice does not ask for has a
row with target 0."""

LEDGER_LEFT_OUT = Table(
    "ledger_left_out",
    "未计入台账的设施",
    "facilities that the ledger leaves out",
    (
        column("facility_id", "text", "设施编号", "facility id"),
        column("name", "text", "设施名称", "name"),
        column("role", "text", "设施类型", "type"),
        _UNIT_ID,
        _UNIT_NAME,
        column("reason", "text", "原因", "reason"),
        column("date", "date", "日期", "date"),
        column("note", "text", "说明", "note"),
    ),
)
"""A row per facility and type that counts towards no town's target: `reason` is before_plan,
no_date, no_unit (it counts for the district only) or no_target."""

LEDGER_SERIES = Table(
    "ledger_series",
    "建设进度",
    "ledger over quarters",
    (
        column("quarter", "text", "季度", "quarter"),
        column("quarter_end", "date", "季末", "end of quarter"),
        column("role", "text", "设施类型", "type"),
        _TOTAL,
        column("due", "integer", "应完成（累计）", "due so far"),
        column("accepted", "integer", "已验收（累计）", "accepted so far"),
        column("operating", "integer", "已运营（累计）", "operating so far"),
        column("late", "integer", "逾期未完成", "late"),
    ),
)

UNIT_SERVICE = Table(
    "unit_service",
    "单元设施配置",
    "one per unit",
    (
        _UNIT_ID,
        _UNIT_NAME,
        column("unit_kind", "text", "单元类型", "kind of unit"),
        column("roles", "list", "应有设施", "types asked for"),
        column("answer", "text", "是否配置", "answer"),
        column("how", "text", "配置情况", "how"),
        column("own_ids", "list", "本单元设施", "facilities of its own"),
        column("shared_ids", "list", "共享设施", "shared facilities"),
        column("elders", "integer", "老年人数", "elders"),
        column("covered", "integer", "圈内老年人", "elders in the circle"),
        column("note", "text", "说明", "note"),
        column("clause_id", "text", "条款编号", "clause id"),
    ),
)
"""A row per clause and unit of the kinds that it speaks of. `how` is one of own, shared, exempt,
none, own_unreached (has one that operates, but fewer than half of the elders whose answer is known
are inside the circle), next_door (has none, but at least half of them reach one elsewhere),
unknown. `answer` is yes for own, own_unreached and shared, no for none and next_door, empty for
exempt."""
