"""Columns of what siting gives: chosen sites, whom they cover, what was left out, the frontier."""

from care_map.schema.columns import Column, Table, column

__all__ = ["FRONTIER", "SITES", "SITES_BY_GROUP", "SITES_BY_UNIT", "SITES_LEFT_OUT"]

_ID = column("candidate_id", "text", "备选编号", "candidate id")
_NAME = column("name", "text", "场地名称", "name")
_UNIT_ID = column("unit_id", "text", "区划代码", "unit code")
_UNIT_NAME = column("unit_name", "text", "单元名称", "unit name")

_CHANGE: tuple[Column, ...] = (
    column("elders", "integer", "老年人数", "elders"),
    column("covered_before", "integer", "原已覆盖", "covered before"),
    column("newly_covered", "integer", "新增覆盖", "newly covered"),
    column("covered_after", "integer", "建成后覆盖", "covered after"),
    column("rate_before", "number", "原覆盖率", "rate before"),
    column("rate_after", "number", "建成后覆盖率", "rate after"),
)

SITES = Table(
    "sites",
    "选址方案",
    "chosen sites",
    (
        column("order", "integer", "顺序", "order"),
        column("year", "integer", "年度", "year"),
        _ID,
        _NAME,
        column("role", "text", "建为", "becomes"),
        _UNIT_ID,
        _UNIT_NAME,
        column("town_name", "text", "乡镇街道", "town or street"),
        column("address", "text", "地址", "address"),
        column("build_mode", "text", "建设方式", "how built"),
        column("floor_area_m2", "number", "建筑面积（平方米）", "floor area, m2"),
        column("cost_yuan", "number", "费用（元）", "cost, yuan"),
        column("reaches", "integer", "单独可达", "within its reach"),
        column("newly_covered", "integer", "新增覆盖", "newly covered"),
        column("covered_after", "integer", "累计覆盖", "covered so far"),
        column("rate_after", "number", "累计覆盖率", "rate so far"),
        column("operator_centre", "text", "带站中心", "run by centre"),
    ),
)
"""A row per chosen site, in the order in which each adds most to those before it (of each year).
`reaches` counts those within its reach who were not covered; `newly_covered` those whom none
before it reaches."""

SITES_BY_UNIT = Table(
    "sites_by_unit",
    "分镇街新增覆盖",
    "newly covered by unit",
    (_UNIT_ID, _UNIT_NAME, column("level", "text", "级别", "level"), *_CHANGE),
)
SITES_BY_GROUP = Table(
    "sites_by_group",
    "重点对象新增覆盖",
    "newly covered by group",
    (column("group", "text", "对象", "group"), *_CHANGE),
)
SITES_LEFT_OUT = Table(
    "sites_left_out",
    "未参加选址的场地",
    "sites that could not be chosen",
    (
        _ID,
        _NAME,
        column("types", "list", "可建类型", "could become"),
        column("reason", "text", "原因代码", "code of the reason"),
        column("words", "text", "原因", "reason"),
    ),
)
FRONTIER = Table(
    "frontier",
    "费用与覆盖",
    "cost and coverage",
    (
        column("asked", "number", "个数或预算", "number or budget asked"),
        column("sites", "integer", "新建个数", "new sites"),
        column("cost_yuan", "number", "费用（元）", "cost, yuan"),
        column("covered", "integer", "覆盖人数", "covered"),
        column("newly_covered", "integer", "新增覆盖", "newly covered"),
        column("rate", "number", "覆盖率", "rate"),
        column("yuan_per_elder", "number", "每新增覆盖一人（元）", "yuan per newly covered"),
        column("status", "text", "求解状态", "status"),
        column("bound", "number", "上界", "bound"),
        column("gap", "number", "差距", "gap"),
        column("candidate_ids", "list", "选中场地", "chosen"),
    ),
)
