"""The one place where columns are spelled: names, kinds, Chinese headers, meanings.

Inputs are read through it (Chinese headers and their synonyms), outputs are written through it
(titles of sheets, field dictionaries, aliases of GIS layers).
"""

from dataclasses import dataclass
from typing import Literal

from care_map.messages import Language

__all__ = [
    "ACCESS",
    "BUILDINGS",
    "COUNTED",
    "COVERAGE_BY_UNIT",
    "CROSSWALK",
    "DEMAND",
    "DEMAND_COUNTS",
    "FACILITIES",
    "FACILITY_LOAD",
    "GAPS",
    "ISSUES",
    "NETWORK_REPORT",
    "ROADS",
    "SETTING_FLIPS",
    "SOURCE_QUALITY",
    "TABLES",
    "TARGETS",
    "UNITS",
    "Column",
    "Kind",
    "Table",
]

Kind = Literal["text", "integer", "number", "date", "flag", "list", "geometry"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Name in tables and files, ASCII, with its unit.
    kind
        What a cell holds; a ``"list"`` is separated by 、；; or , in files.
    zh, en
        Title for people; `zh` is also read as a header.
    aliases
        More headers that mean this column.
    required
        Whether an input must have it.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    required: bool = False

    def title(self, language: Language) -> str:
        """Return the column's title in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and columns in their order."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    def title(self, language: Language) -> str:
        """Return the table's title in `language`."""
        return self.zh if language == "zh" else self.en

    @property
    def names(self) -> list[str]:
        """Names of the columns in their order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _c(name: str, kind: Kind, zh: str, en: str, *aliases: str, required: bool = False) -> Column:
    return Column(name, kind, zh, en, aliases, required)


_LON = _c("lon", "number", "经度", "longitude", "lng", "long", "x", "longitude")
_LAT = _c("lat", "number", "纬度", "latitude", "y", "latitude")
_WKT = _c("wkt", "text", "WKT几何", "WKT geometry", "geometry", "geom")
_TOWN = _c(
    "town_name",
    "text",
    "乡镇街道",
    "town or street",
    "所属乡镇街道",
    "镇街",
    "街道",
    "乡镇",
    "所属镇街",
)
_COMMUNITY = _c(
    "community_name",
    "text",
    "村社区",
    "community or village",
    "村（社区）",
    "社区",
    "村",
    "村居",
    "所属村社区",
)
_SETTING = _c("setting", "text", "城乡", "setting", "城乡类型")
_ADDRESS = _c("address", "text", "地址", "address", "详细地址", "住址", "家庭住址", "居住地址")
_QUALITY = _c("location_quality", "text", "位置精度", "location quality")
_PLACED_BY = _c("placed_by", "text", "定位依据", "placed by")


def _share(age: int) -> Column:
    spelled = [
        f"{age}岁{above}{words}{sign}"
        for above in ("及以上", "以上", "及以上人口", "以上人口")
        for words in ("占比", "比例", "比重", "占总人口比重")
        for sign in ("", "（%）", "%")
    ]
    spelled += [f"{age}+占比", f"{age}+占比（%）", f"pct_{age}plus", f"share_{age}plus"]
    title = f"{age}岁及以上占比"
    aliases = [header for header in spelled if header != title]
    return _c(f"share_{age}", "number", title, f"share of {age} and over", *aliases)


_SHARE_60, _SHARE_65 = _share(60), _share(65)

UNITS = Table(
    "units",
    "区划单元",
    "units",
    (
        _c(
            "unit_id",
            "text",
            "区划代码",
            "unit code",
            "代码",
            "统计用区划代码",
            "行政区划代码",
            "code",
            "id",
            required=True,
        ),
        _c("name", "text", "名称", "name", "单元名称", "区划名称", "乡镇街道名称", required=True),
        _c("level", "text", "级别", "level", "层级"),
        _c("parent_id", "text", "上级代码", "parent code", "上级区划代码"),
        _c("parent_name", "text", "上级名称", "parent name", "上级区划名称"),
        _SETTING,
        _c("urban_rural_code", "text", "城乡分类代码", "urban-rural code", "城乡分类"),
        _c("population", "integer", "常住人口", "resident population", "人口"),
        _c("registered", "integer", "户籍人口", "registered population"),
        _c("households", "integer", "户数", "households", "家庭户数"),
        _c("elders", "integer", "老年人口", "elders", "老年人数", "老年人"),
        _SHARE_60,
        _SHARE_65,
        _c("few_elders", "flag", "老年人较少", "few elders"),
        _c("valid_from", "date", "启用日期", "valid from"),
        _c("valid_to", "date", "停用日期", "valid to"),
        _WKT,
    ),
)

FACILITIES = Table(
    "facilities",
    "设施",
    "facilities",
    (
        _c("facility_id", "text", "设施编号", "facility id", "编号", "机构编号", "序号", "id"),
        _c("name", "text", "设施名称", "name", "名称", "机构名称", "单位名称", required=True),
        _c("roles", "list", "设施类型", "types", "类型", "机构类型", "角色"),
        _c("stage", "text", "阶段", "stage", "状态", "建设阶段"),
        _c("planned_date", "date", "立项日期", "planned on"),
        _c("siting_date", "date", "选址日期", "siting on"),
        _c("building_date", "date", "开工日期", "building since"),
        _c("finished_date", "date", "完工日期", "finished on"),
        _c("accepted_date", "date", "验收日期", "accepted on"),
        _c("operating_date", "date", "运营日期", "operating since", "投用日期", "开业日期"),
        _c("suspended_date", "date", "停运日期", "suspended since"),
        _c("unit_id", "text", "区划代码", "unit code", "所属区划代码"),
        _TOWN,
        _COMMUNITY,
        _c("serves_units", "list", "服务范围", "serves units"),
        _c("operator_centre", "text", "带站中心", "operating centre"),
        _ADDRESS,
        _c("phone", "text", "电话", "phone", "联系电话"),
        _c("hours", "text", "开放时间", "hours", "服务时间"),
        _c("operator", "text", "运营方", "operator", "运营单位"),
        _c("ownership", "text", "产权", "ownership", "产权性质"),
        _c("operator_kind", "text", "运营方式", "operator kind", "运营模式"),
        _c(
            "floor_area_m2",
            "number",
            "建筑面积（平方米）",
            "floor area, m2",
            "建筑面积",
            "建筑面积(㎡)",
            "面积",
        ),
        _c("land_area_m2", "number", "用地面积（平方米）", "land area, m2", "用地面积", "占地面积"),
        _c("build_mode", "text", "建设方式", "how built"),
        _c("beds", "integer", "床位数（张）", "beds", "床位数", "床位", "核定床位数"),
        _c(
            "nursing_beds",
            "integer",
            "护理型床位（张）",
            "nursing beds",
            "护理型床位",
            "护理床位数",
        ),
        _c(
            "day_care_beds",
            "integer",
            "日间照料床位（张）",
            "day-care beds",
            "日间照料床位",
            "日托床位",
        ),
        _c("open_beds", "integer", "开放床位（张）", "open beds", "开放床位", "开放床数"),
        _c("free_beds", "integer", "空余床位（张）", "free beds", "空余床位"),
        _c("zones", "list", "功能区", "zones"),
        _c("contracts", "list", "签约机构", "contracts"),
        _c("own_clinic", "flag", "内设医疗", "own clinic"),
        _c("delivers", "flag", "送餐上门", "delivers", "是否送餐"),
        _c("staff", "integer", "工作人员", "staff"),
        _c("certified_staff", "integer", "持证人员", "certified staff"),
        _c("rating", "text", "等级", "rating", "评定等级"),
        _c("fee", "text", "收费", "fee", "收费标准"),
        _c("accepts", "list", "收住对象", "accepts", "收容对象"),
        _c("step_free", "flag", "无障碍", "step-free"),
        _c("updated", "date", "更新日期", "updated"),
        _QUALITY,
        _PLACED_BY,
        _LON,
        _LAT,
        _WKT,
    ),
)

DEMAND = Table(
    "demand",
    "老年人",
    "demand",
    (
        _c("demand_id", "text", "编号", "demand id", "老人编号", "序号", "id"),
        _c("elders", "integer", "老年人数", "elders", "老年人口", "人数"),
        _c("age", "integer", "年龄", "age"),
        _c("grade_scheme", "text", "评估标准", "grade scheme"),
        _c("grade", "text", "能力等级", "grade", "评估等级"),
        _c("groups", "list", "重点对象", "groups", "对象类别", "人员类别"),
        _c("needs", "list", "服务需求", "needs"),
        _c("residence", "text", "居住状况", "residence"),
        _c("willing", "flag", "意愿", "willing"),
        _c("signed", "flag", "签约", "signed"),
        _c("last_visit", "date", "最近探访", "last visit"),
        _c("floor", "integer", "楼层", "floor"),
        _c("lift", "flag", "电梯", "lift"),
        _c("unit_id", "text", "区划代码", "unit code", "所属区划代码"),
        _TOWN,
        _COMMUNITY,
        _SETTING,
        _ADDRESS,
        _QUALITY,
        _PLACED_BY,
        _c("origin", "text", "来源", "origin"),
        _LON,
        _LAT,
        _WKT,
    ),
)

_GROUP_COUNTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "aged_80",
        "高龄老年人数",
        "aged 80 and over",
        ("80岁及以上人数", "80岁及以上人口", "高龄人数"),
    ),
    ("living_alone", "独居老年人数", "living alone", ("独居人数",)),
    ("empty_nest", "空巢老年人数", "empty nest", ("空巢人数",)),
    ("left_behind", "留守老年人数", "left behind", ("留守人数",)),
    ("no_kin", "孤寡老年人数", "without kin", ("孤寡人数",)),
    ("disabled", "失能老年人数", "disabled", ("失能人数",)),
    ("semi_disabled", "半失能老年人数", "partly disabled", ("半失能人数",)),
    ("dementia", "失智老年人数", "dementia", ("失智人数",)),
    ("bereaved", "失独老年人数", "bereaved of the only child", ("失独人数",)),
    ("special_family", "计划生育特殊家庭老年人数", "special family", ()),
    ("destitute_scattered", "分散特困老年人数", "destitute, at home", ("分散特困人数",)),
    ("destitute_central", "集中特困老年人数", "destitute, in homes", ("集中特困人数",)),
    ("low_income", "低保老年人数", "low income", ("低保人数",)),
    ("hardship", "经济困难老年人数", "hardship", ("经济困难人数",)),
    ("severe_disability", "重残老年人数", "severe disability", ("重残人数",)),
)

COUNTED = (
    _c("counted_unit_id", "text", "统计单元代码", "unit counted for"),
    _c("counted_level", "text", "统计级别", "level counted for"),
)
"""The unit that a number of elders was counted for: no rate is shown of anything smaller. Empty
for elders and places that have a position of their own."""

DEMAND_COUNTS = Table(
    "demand_counts",
    "老年人数",
    "counts of elders",
    (
        *DEMAND.columns,
        _c("population", "integer", "常住人口", "resident population", "总人口"),
        _c("registered", "integer", "户籍人口", "registered population"),
        _SHARE_60,
        _SHARE_65,
        *(
            _c(f"elders_{group}", "integer", zh, f"elders: {en}", *aliases)
            for group, zh, en, aliases in _GROUP_COUNTS
        ),
    ),
)
"""What a list of demand is read with: what a list of elders has, and what counts of units have
besides."""

BUILDINGS = Table(
    "buildings",
    "建筑物",
    "buildings",
    (
        _c("building", "text", "建筑用途", "use", "用途", "建筑类型", "类型", "type", "fclass"),
        _c(
            "floors",
            "number",
            "层数",
            "floors",
            "地上层数",
            "楼层数",
            "总层数",
            "levels",
            "building:levels",
            "floor",
        ),
    ),
)

TARGETS = Table(
    "targets",
    "目标任务",
    "targets",
    (
        _c("unit_id", "text", "区划代码", "unit code", "所属区划代码", "统计用区划代码"),
        _TOWN,
        _c("roles", "list", "设施类型", "types", "类型", "建设任务", required=True),
        _c("year", "integer", "年度", "year", "年份", required=True),
        _c("quarter", "integer", "季度", "quarter"),
        _c("target", "integer", "目标数（处）", "target", "目标数", "任务数", required=True),
        _c("responsible", "text", "责任单位", "responsible", "牵头单位"),
        _c("note", "text", "备注", "note", "说明"),
    ),
)
"""A row is what a notice or a plan asks of a unit (of the whole district without one) by the end
of a year or of a quarter of it."""

CROSSWALK = Table(
    "crosswalk",
    "区划对照",
    "crosswalk",
    (
        _c(
            "from_unit_id",
            "text",
            "原区划代码",
            "former unit code",
            "原代码",
            "旧代码",
            "旧区划代码",
            "调整前代码",
        ),
        _c("from_name", "text", "原名称", "former name", "旧名称", "原单位", "调整前名称"),
        _c(
            "to_unit_id",
            "text",
            "现区划代码",
            "present unit code",
            "现代码",
            "新代码",
            "新区划代码",
            "调整后代码",
        ),
        _c("to_name", "text", "现名称", "present name", "新名称", "现单位", "调整后名称"),
        _c("share", "number", "划入份额", "share", "份额", "比例", "占比"),
        _c("since", "date", "调整日期", "since", "变更日期", "生效日期"),
        _c("note", "text", "备注", "note", "说明", "依据"),
    ),
)
"""A row is one unit, or a part of it, and what it has become; without a share it is all of it."""

ROADS = Table(
    "roads",
    "道路",
    "roads",
    (
        _c("highway", "text", "道路等级", "class", "fclass", "type", required=True),
        _c("name", "text", "道路名称", "name", "路名"),
        _c("oneway", "text", "单行", "one-way"),
        _c("maxspeed_kph", "number", "限速（公里/小时）", "speed limit, km/h", "maxspeed", "限速"),
        _c("bridge", "text", "桥梁", "bridge"),
        _c("tunnel", "text", "隧道", "tunnel"),
        _c("layer", "integer", "层", "layer"),
        _c("surface", "text", "路面", "surface"),
        _c("foot", "text", "步行", "foot"),
        _c("access", "text", "通行", "access"),
        _c("motor_vehicle", "text", "机动车", "motor vehicle"),
        _c("bicycle", "text", "自行车", "bicycle"),
        _c("oneway_bicycle", "text", "自行车单行", "one-way for bicycles"),
        _c("junction", "text", "路口", "junction"),
        _c("conveying", "text", "自动扶梯", "conveying"),
        _c("motorroad", "text", "汽车专用", "motorroad"),
    ),
)

_UNIT_ID = _c("unit_id", "text", "区划代码", "unit code")
_UNIT_NAME = _c("unit_name", "text", "单元名称", "unit")
_LEVEL = _c("level", "text", "级别", "level")
_CIRCLE = _c("circle", "text", "服务圈", "circle")
_PROFILE = _c("profile", "text", "出行方式", "profile")
_GROUP = _c("group", "text", "人群", "group")
_ELDERS = _c("elders", "integer", "老年人数", "elders")
_FACILITY_ID = _c("facility_id", "text", "设施编号", "facility id")

COVERAGE_BY_UNIT = Table(
    "coverage_by_unit",
    "各单元覆盖情况",
    "coverage by unit",
    (
        _UNIT_ID,
        _UNIT_NAME,
        _LEVEL,
        _c("setting", "text", "城乡", "setting"),
        _CIRCLE,
        _PROFILE,
        _GROUP,
        _ELDERS,
        _c("covered", "integer", "已覆盖", "covered"),
        _c("uncovered", "integer", "未覆盖", "uncovered"),
        _c("undetermined", "integer", "无法判定", "undetermined"),
        _c("rate_low", "number", "覆盖率下限", "rate, low"),
        _c("rate_high", "number", "覆盖率上限", "rate, high"),
        _c("median_minutes", "number", "中位分钟", "median minutes"),
        _c("p90_minutes", "number", "第90百分位分钟", "90th percentile minutes"),
        _c("covered_any_district", "integer", "含邻区设施已覆盖", "covered, any district"),
        _c("path_completeness", "number", "步行道测绘完整度", "footpaths mapped, score"),
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
        _c("demand_id", "text", "需求点编号", "demand id"),
        _CIRCLE,
        _PROFILE,
        _UNIT_ID,
        _c("setting", "text", "城乡", "setting"),
        _ELDERS,
        _c("minutes", "number", "分钟", "minutes"),
        _FACILITY_ID,
        _c("status", "text", "结论", "status"),
        _c("reason", "text", "原因", "reason"),
        _c("minutes_any_district", "number", "含邻区分钟", "minutes, any district"),
        _c("facility_id_any_district", "text", "含邻区设施编号", "facility, any district"),
        _c(
            "estimate_minutes",
            "number",
            "估算分钟（超出接驳距离）",
            "estimated minutes, beyond the access limit",
        ),
        _c("snap_status", "text", "接驳状态", "snap status"),
    ),
)

GAPS = Table(
    "gaps",
    "服务缺口",
    "gaps",
    (
        _c("gap_id", "text", "缺口编号", "gap id"),
        _c("rank", "integer", "序号", "rank"),
        _c("name", "text", "地点", "place"),
        _CIRCLE,
        _PROFILE,
        _UNIT_ID,
        _UNIT_NAME,
        _c("setting", "text", "城乡", "setting"),
        _c("status", "text", "结论", "status"),
        _ELDERS,
        _c("priority_elders", "integer", "重点对象人数", "priority elders"),
        _c("reasons", "list", "原因", "reasons"),
        _FACILITY_ID,
        _c("facility_name", "text", "最近设施", "nearest facility"),
        _c("minutes", "number", "最近设施分钟", "minutes to it"),
        _c(
            "minutes_if_operating",
            "number",
            "未运营设施投运后分钟",
            "minutes if all built ones operated",
        ),
        _c("remedy", "text", "建议", "remedy"),
        _c("lon", "number", "经度", "longitude"),
        _c("lat", "number", "纬度", "latitude"),
    ),
)

FACILITY_LOAD = Table(
    "facility_load",
    "设施负荷",
    "facility load",
    (
        _FACILITY_ID,
        _c("facility_name", "text", "设施名称", "facility"),
        _c("roles", "list", "设施类型", "types"),
        _UNIT_ID,
        _CIRCLE,
        _PROFILE,
        _c("elders_nearest", "integer", "就近且在圈内老年人", "elders inside whose nearest it is"),
    ),
)

NETWORK_REPORT = Table(
    "network_report",
    "路网报告",
    "network report",
    (
        _c("mode", "text", "方式", "mode"),
        _c("item", "text", "指标", "item"),
        _c("value", "number", "数值", "value"),
        _c("unit", "text", "单位", "unit"),
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
        _c("setting", "text", "采用的城乡", "setting in use"),
        _c("rule", "text", "判定依据", "rule"),
        _c("rule_setting", "text", "该依据的城乡", "setting by it"),
        _c("other_rule", "text", "与之相反的依据", "rule that says the opposite"),
        _c("elders", "integer", "涉及老年人数", "elders concerned"),
    ),
)
"""A row per unit and pair of rules that say different things of it."""

SOURCE_QUALITY = Table(
    "source_quality",
    "数据质量",
    "data quality",
    (
        _c("dataset", "text", "数据", "data"),
        _c("source", "text", "文件", "file"),
        _c("rows_read", "integer", "读到的行", "rows read"),
        _c("rows_used", "integer", "采用的行", "rows used"),
        _c("rows_left_out", "integer", "未采用的行", "rows left out"),
        _c("left_out", "text", "未采用的原因", "left out because"),
        _c("with_point", "integer", "有自己的位置", "with a place of their own"),
        _c("placed", "integer", "位置为单元内一点", "placed somewhere in their unit"),
        _c("without_point", "integer", "没有位置", "without a place"),
        _c("in_units", "integer", "在单元内", "inside a unit"),
        _c("outside_units", "integer", "在单元外", "outside all units"),
        _c("duplicates", "integer", "疑似重复", "possible duplicates"),
        _c("unknown_columns", "text", "不认识的列", "unknown columns"),
        _c("encoding", "text", "编码", "encoding"),
        _c("datum_verdict", "text", "坐标基准检查", "datum check"),
        _c("filled", "text", "要紧列的填写率", "cells filled in columns that matter"),
        _c("errors", "integer", "错误", "errors"),
        _c("warnings", "integer", "警告", "warnings"),
    ),
)
"""A row per file and what it was read as. `rows_read` is `rows_used` and `rows_left_out`; it is
empty where the file could not be read. Findings are those of the whole file."""

ISSUES = Table(
    "issues",
    "数据问题",
    "issues",
    (
        _c("severity", "text", "程度", "severity"),
        _c("code", "text", "类别", "code"),
        _c("source", "text", "文件", "file"),
        _c("row", "integer", "行", "row"),
        _c("column", "text", "列", "column"),
        _c("value", "text", "值", "value"),
        _c("count", "integer", "数量", "count"),
        _c("message", "text", "问题", "message"),
        _c("advice", "text", "建议", "advice"),
    ),
)

TABLES = (
    COVERAGE_BY_UNIT,
    ACCESS,
    GAPS,
    FACILITY_LOAD,
    NETWORK_REPORT,
    SETTING_FLIPS,
    SOURCE_QUALITY,
    ISSUES,
)
"""The tables that a run writes."""
