"""Columns of the tables that a run writes."""

from care_map.schema.columns import Table, column

__all__ = [
    "ACCESS",
    "COVERAGE_BY_UNIT",
    "FACILITY_LOAD",
    "GAPS",
    "GAP_REASONS",
    "ISSUES",
    "NETWORK_REPORT",
    "SERVICE_AREAS",
    "SETTING_FLIPS",
    "SOURCE_QUALITY",
]

_UNIT_ID = column("unit_id", "text", "区划代码", "unit code")
_UNIT_NAME = column("unit_name", "text", "单元名称", "unit")
_LEVEL = column("level", "text", "级别", "level")
_CIRCLE = column("circle", "text", "服务圈", "circle")
_PROFILE = column("profile", "text", "出行方式", "profile")
_GROUP = column("group", "text", "人群", "group")
_ELDERS = column("elders", "integer", "老年人数", "elders")
_FACILITY_ID = column("facility_id", "text", "设施编号", "facility id")

COVERAGE_BY_UNIT = Table(
    "coverage_by_unit",
    "各单元覆盖情况",
    "coverage by unit",
    (
        _UNIT_ID,
        _UNIT_NAME,
        _LEVEL,
        column("setting", "text", "城乡", "setting"),
        _CIRCLE,
        _PROFILE,
        _GROUP,
        _ELDERS,
        column("covered", "integer", "已覆盖", "covered"),
        column("uncovered", "integer", "未覆盖", "uncovered"),
        column("undetermined", "integer", "无法判定", "undetermined"),
        column("rate_low", "number", "覆盖率下限", "rate, low"),
        column("rate_high", "number", "覆盖率上限", "rate, high"),
        column("median_minutes", "number", "中位分钟", "median minutes"),
        column("p90_minutes", "number", "第90百分位分钟", "90th percentile minutes"),
        column("covered_any_district", "integer", "含邻区设施已覆盖", "covered, any district"),
        column("path_completeness", "number", "步行道测绘完整度", "footpaths mapped, score"),
    ),
)
"""One row per unit, setting, circle, profile and group that has elders, and one of all elders for
every unit. `unit_id`, `level` and `setting` are ``all`` on rows of the whole study and of all
settings; `unit_id` is ``none`` for elders outside the units of a level. `median_minutes` is empty
where more than half of the determined elders cannot reach any facility, and where none is
determined. `path_completeness` is a hint on the unit's roads, the same on all of its rows."""

ACCESS = Table(
    "access",
    "逐点可达性",
    "access",
    (
        column("demand_id", "text", "需求点编号", "demand id"),
        _CIRCLE,
        _PROFILE,
        _UNIT_ID,
        column("setting", "text", "城乡", "setting"),
        _ELDERS,
        column("minutes", "number", "分钟", "minutes"),
        _FACILITY_ID,
        column("means", "text", "到达途径", "means"),
        column("status", "text", "结论", "status"),
        column("reason", "text", "原因", "reason"),
        column("minutes_any_district", "number", "含邻区分钟", "minutes, any district"),
        column("facility_id_any_district", "text", "含邻区设施编号", "facility, any district"),
        column(
            "estimate_minutes",
            "number",
            "估算分钟（超出接驳距离）",
            "estimated minutes, beyond the access limit",
        ),
        column("snap_status", "text", "接驳状态", "snap status"),
    ),
)
"""One row per demand point, circle and profile. `means` is the way that `minutes` and
`facility_id` tell of: the circle's own (walk, drive, cycle), or delivery where that alone covers or
leaves it open; it is empty where no facility is named."""

GAPS = Table(
    "gaps",
    "服务缺口",
    "gaps",
    (
        column("gap_id", "text", "缺口编号", "gap id"),
        column("rank", "integer", "序号", "rank"),
        column("name", "text", "地点", "place"),
        _CIRCLE,
        _PROFILE,
        _UNIT_ID,
        _UNIT_NAME,
        column("setting", "text", "城乡", "setting"),
        column("status", "text", "结论", "status"),
        _ELDERS,
        column("priority_elders", "integer", "重点对象人数", "priority elders"),
        column("reasons", "list", "原因", "reasons"),
        _FACILITY_ID,
        column("facility_name", "text", "最近设施", "nearest facility"),
        column("minutes", "number", "最近设施分钟", "minutes to it"),
        column("remedy", "text", "建议", "remedy"),
        column("remedy_elders", "integer", "建议可覆盖人数", "elders that it would cover"),
        column("remedy_minutes", "number", "建议后分钟", "minutes with it"),
        column("lon", "number", "经度", "longitude"),
        column("lat", "number", "纬度", "latitude"),
    ),
)

"""A row per place whose elders are uncovered or undetermined, largest first in each circle.
`reasons` are those that suffice alone (:data:`GAP_REASONS`), `combined` if none does; of
undetermined elders, what is not known."""

GAP_REASONS = Table(
    "gap_reasons",
    "缺口原因检验",
    "reasons of gaps, tested",
    (
        column("gap_id", "text", "缺口编号", "gap id"),
        _CIRCLE,
        column("reason", "text", "假设去除的因素", "factor taken away"),
        column("suffices", "flag", "单独成立", "suffices alone"),
        _ELDERS,
        column("elders_helped", "integer", "去除后可覆盖人数", "elders covered without it"),
        column("minutes", "number", "现分钟", "minutes now"),
        column("minutes_without", "number", "去除后分钟", "minutes without it"),
        column("limit_minutes", "number", "服务圈分钟", "minutes of the circle"),
    ),
)
"""A row per gap of uncovered elders and factor that was taken away alone, for the largest gaps.
It suffices where at least half of the gap's elders would be covered. Minutes are weighted medians.
Of `distance` the minutes are those of a straight line: beyond the limit they prove that nothing on
the way could help."""

FACILITY_LOAD = Table(
    "facility_load",
    "设施负荷",
    "facility load",
    (
        _FACILITY_ID,
        column("facility_name", "text", "设施名称", "facility"),
        column("roles", "list", "设施类型", "types"),
        _UNIT_ID,
        _CIRCLE,
        _PROFILE,
        column(
            "elders_nearest", "integer", "就近且在圈内老年人", "elders inside whose nearest it is"
        ),
    ),
)

SERVICE_AREAS = Table(
    "service_areas",
    "服务范围（示意）",
    "service areas, for the eye",
    (
        _CIRCLE,
        _PROFILE,
        column("setting", "text", "城乡", "setting"),
        column("minutes", "number", "服务圈分钟", "minutes of the circle"),
    ),
)
"""A layer: where the facilities that count are within the circle's minutes, for the eye only. A row
per circle and profile, and per setting where their rules differ (`setting` is empty where one rule
holds for all); every required group is reached there, or somebody delivers."""

NETWORK_REPORT = Table(
    "network_report",
    "路网报告",
    "network report",
    (
        column("mode", "text", "方式", "mode"),
        column("item", "text", "指标", "item"),
        column("value", "number", "数值", "value"),
        column("unit", "text", "单位", "unit"),
    ),
)

SETTING_FLIPS = Table(
    "setting_flips",
    "城乡判定不一致",
    "settings that depend on the rule",
    (
        _UNIT_ID,
        _UNIT_NAME,
        _LEVEL,
        column("setting", "text", "采用的城乡", "setting in use"),
        column("rule", "text", "判定依据", "rule"),
        column("rule_setting", "text", "该依据的城乡", "setting by it"),
        column("other_rule", "text", "与之相反的依据", "rule that says the opposite"),
        column("elders", "integer", "涉及老年人数", "elders concerned"),
    ),
)
"""A row per unit and pair of rules that say different things of it."""

SOURCE_QUALITY = Table(
    "source_quality",
    "数据质量",
    "data quality",
    (
        column("dataset", "text", "数据", "data"),
        column("source", "text", "文件", "file"),
        column("rows_read", "integer", "读到的行", "rows read"),
        column("rows_used", "integer", "采用的行", "rows used"),
        column("rows_left_out", "integer", "未采用的行", "rows left out"),
        column("left_out", "text", "未采用的原因", "left out because"),
        column("with_point", "integer", "有自己的位置", "with a place of their own"),
        column("placed", "integer", "位置为单元内一点", "placed somewhere in their unit"),
        column("without_point", "integer", "没有位置", "without a place"),
        column("in_units", "integer", "在单元内", "inside a unit"),
        column("outside_units", "integer", "在单元外", "outside all units"),
        column("duplicates", "integer", "疑似重复", "possible duplicates"),
        column("unknown_columns", "text", "不认识的列", "unknown columns"),
        column("encoding", "text", "编码", "encoding"),
        column("datum_verdict", "text", "坐标基准检查", "datum check"),
        column("filled", "text", "要紧列的填写率", "cells filled in columns that matter"),
        column("errors", "integer", "错误", "errors"),
        column("warnings", "integer", "警告", "warnings"),
    ),
)
"""A row per file and what it was read as. `rows_read` is `rows_used` and `rows_left_out`; it is
empty where the file could not be read. Findings are those of the whole file."""

ISSUES = Table(
    "issues",
    "数据问题",
    "issues",
    (
        column("severity", "text", "程度", "severity"),
        column("code", "text", "类别", "code"),
        column("source", "text", "文件", "file"),
        column("row", "integer", "行", "row"),
        column("column", "text", "列", "column"),
        column("value", "text", "值", "value"),
        column("count", "integer", "数量", "count"),
        column("message", "text", "问题", "message"),
        column("advice", "text", "建议", "advice"),
    ),
)
