"""Columns of the tables of a comparison, of mobile stops and of centres with stations."""

from collections.abc import Iterable

from care_map.schema.columns import Column, Kind, Table, column

__all__ = [
    "CENTRE_LOADS",
    "CENTRE_STATIONS",
    "COMPARED_COVERAGE",
    "COMPARED_FACILITIES",
    "COMPARED_GAPS",
    "COMPARED_LEDGER",
    "COMPARED_VERDICTS",
    "COMPARISON_TABLES",
    "MOBILE_STOPS",
    "WINNERS",
]

_SIDES = (("before", "前", "before"), ("after", "后", "after"))
_UNITS = (
    column("units_before", "list", "单元代码（前）", "unit codes, before"),
    column("units_after", "list", "单元代码（后）", "unit codes, after"),
    column("unit_name", "text", "单元名称", "unit"),
    column("level", "text", "级别", "level"),
    column("setting", "text", "城乡", "setting"),
)
_READING = (
    column("circle", "text", "服务圈", "circle"),
    column("profile_before", "text", "出行方式（前）", "profile, before"),
    column("profile_after", "text", "出行方式（后）", "profile, after"),
    column("group", "text", "人群", "group"),
)


def _pair(name: str, kind: Kind, zh: str, en: str) -> Iterable[Column]:
    """Return a figure before and after."""
    for side, zh_side, en_side in _SIDES:
        yield column(f"{name}_{side}", kind, f"{zh}（{zh_side}）", f"{en}, {en_side}")


def _trio(name: str, kind: Kind, zh: str, en: str) -> Iterable[Column]:
    """Return a figure before and after, and its difference."""
    yield from _pair(name, kind, zh, en)
    yield column(f"{name}_more", kind, f"{zh}（增减）", f"{en}, difference")


COMPARED_COVERAGE = Table(
    "compared_coverage",
    "覆盖对比",
    "coverage compared",
    (
        *_UNITS,
        *_READING,
        *_trio("elders", "integer", "老年人数", "elders"),
        *_trio("covered", "integer", "已覆盖", "covered"),
        *_trio("uncovered", "integer", "未覆盖", "uncovered"),
        *_trio("undetermined", "integer", "无法判定", "undetermined"),
        *_trio("rate_low", "number", "覆盖率下限", "rate, low"),
        *_trio("rate_high", "number", "覆盖率上限", "rate, high"),
        *_trio("median_minutes", "number", "中位分钟", "median minutes"),
    ),
)
"""A row per unit (or lot of units that a crosswalk binds together), setting, circle, profile and
group. A difference is after less before; it is empty where a side is. Medians of lots of several
units are empty: they cannot be made of those of their parts."""

WINNERS = Table(
    "winners",
    "受益与受损",
    "winners and losers",
    (
        *_UNITS,
        *_READING,
        column("newly_covered", "integer", "新增覆盖", "newly covered"),
        column("newly_uncovered", "integer", "不再覆盖", "covered no more"),
        column("net", "integer", "净增", "net"),
        column("came", "integer", "新增老年人", "elders that came"),
        column("left", "integer", "减少老年人", "elders that left"),
        column("basis", "text", "计算依据", "told by"),
    ),
)
"""A row per town and village, circle, profile and group of whom anything has changed, and one of
the whole study. `basis` is ``elders`` where each elder was followed by id, ``net`` where only the
differences of towns' counts are known. Covered after is covered before, `newly_covered` more,
`newly_uncovered` fewer; elders who came or left are among these two where they are covered."""

COMPARED_GAPS = Table(
    "compared_gaps",
    "缺口对比",
    "gaps compared",
    (
        column("change", "text", "变化", "change"),
        column("circle", "text", "服务圈", "circle"),
        column("name", "text", "地点", "place"),
        column("unit_name", "text", "单元名称", "unit"),
        *_trio("elders", "integer", "老年人数", "elders"),
        *_pair("gap_id", "text", "缺口编号", "gap id"),
        column("metres", "number", "相距（米）", "metres apart"),
        column("lon", "number", "经度", "longitude"),
        column("lat", "number", "纬度", "latitude"),
    ),
)
"""A row per gap. Gaps of one circle and status within the gap radius of each other are one, the
nearest first; ``closed`` has none after, ``opened`` none before."""

COMPARED_FACILITIES = Table(
    "compared_facilities",
    "设施变化",
    "facilities that changed",
    (
        column("change", "text", "变化", "change"),
        column("facility_id", "text", "设施编号", "facility id"),
        column("name", "text", "设施名称", "name"),
        column("roles", "list", "设施类型", "types"),
        *_pair("stage", "text", "阶段", "stage"),
        *_pair("beds", "integer", "床位数（张）", "beds"),
        column("metres", "number", "移动（米）", "metres moved"),
        column("lon", "number", "经度", "longitude"),
        column("lat", "number", "纬度", "latitude"),
    ),
)

COMPARED_VERDICTS = Table(
    "compared_verdicts",
    "结论对比",
    "verdicts compared",
    (
        column("clause_id", "text", "条款编号", "clause id"),
        column("cite", "text", "出处", "place in the notice"),
        column("title", "text", "条款", "clause"),
        column("measure", "text", "指标", "measure"),
        *_pair("verdict", "text", "结论", "verdict"),
        *_pair("words", "text", "说明", "in words"),
        *_pair("figure_low", "number", "数值下限", "figure, low"),
        *_pair("figure_high", "number", "数值上限", "figure, high"),
        column("change", "text", "变化", "change"),
    ),
)

COMPARED_LEDGER = Table(
    "compared_ledger",
    "台账对比",
    "ledger compared",
    (
        column("units_before", "list", "单元代码（前）", "unit codes, before"),
        column("units_after", "list", "单元代码（后）", "unit codes, after"),
        column("name", "text", "单元名称", "unit"),
        column("role", "text", "设施类型", "type"),
        column("total", "flag", "总任务", "target in total"),
        *_pair("target", "integer", "目标数", "target"),
        *_pair("due", "integer", "应完成", "due"),
        *_pair("accepted", "integer", "已验收", "accepted"),
        *_pair("operating", "integer", "已运营", "operating"),
        *_pair("late", "integer", "欠账", "late"),
        *_pair("existing_before", "integer", "此前已有", "there before"),
        column("accepted_more", "integer", "验收增减", "accepted, difference"),
    ),
)

COMPARISON_TABLES = (
    COMPARED_COVERAGE,
    WINNERS,
    COMPARED_GAPS,
    COMPARED_FACILITIES,
    COMPARED_VERDICTS,
    COMPARED_LEDGER,
)
"""The tables that a comparison writes."""

MOBILE_STOPS = Table(
    "mobile_stops",
    "流动服务点",
    "mobile stops",
    (
        column("unit_id", "text", "区划代码", "unit code"),
        column("unit_name", "text", "单元名称", "unit"),
        column("elders", "integer", "未覆盖老年人", "uncovered elders"),
        column("facility_id", "text", "服务点编号", "stop id"),
        column("facility_name", "text", "服务点", "stop"),
        column("minutes", "number", "步行分钟", "minutes' walk"),
        column("within_walk", "integer", "步行可达老年人", "elders within a walk"),
    ),
)
"""A row per village with uncovered elders: the stop that is nearest to its middle, and how many of
its uncovered elders have any stop within the walk from their own homes."""

CENTRE_STATIONS = Table(
    "centre_stations",
    "中心带站",
    "centres with stations",
    (
        column("facility_id", "text", "服务站编号", "station id"),
        column("name", "text", "服务站", "station"),
        column("unit_id", "text", "区划代码", "unit code"),
        column("centre_id", "text", "带站中心编号", "centre id"),
        column("centre_name", "text", "带站中心", "centre"),
        column("minutes", "number", "分钟", "minutes"),
        column("own_street", "flag", "本街道", "own street"),
        column("listed_centre", "text", "名册所列中心", "centre in the list"),
        column("load", "integer", "负荷", "load"),
        column("reason", "text", "原因", "reason"),
    ),
)
"""A row per station; without a centre where none is within reach (``beyond``) or those that are
have no room (``full``)."""

CENTRE_LOADS = Table(
    "centre_loads",
    "中心负荷",
    "loads of centres",
    (
        column("facility_id", "text", "中心编号", "centre id"),
        column("name", "text", "中心", "centre"),
        column("unit_id", "text", "区划代码", "unit code"),
        column("stations", "integer", "带站数", "stations"),
        column("span", "integer", "带站上限", "most stations"),
        column("of_own_street", "integer", "其中本街道", "of its own street"),
        column("street_stations", "integer", "本街道站数", "stations of its street"),
        column("load", "integer", "负荷", "load"),
        column("longest_minutes", "number", "最远分钟", "longest minutes"),
    ),
)
