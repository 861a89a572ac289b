"""Columns of the lists that are read: units, facilities, elders, targets, roads."""

from care_map.schema.checks import ELDER_CHECKS, FACILITY_CHECKS, UNIT_CHECKS
from care_map.schema.columns import Column, Table, column

__all__ = [
    "BUILDINGS",
    "CANDIDATES",
    "COUNTED",
    "CROSSWALK",
    "DEMAND",
    "DEMAND_COUNTS",
    "ELDER_LIST",
    "FACILITIES",
    "FACILITY_LIST",
    "ROADS",
    "TARGETS",
    "UNITS",
    "UNIT_LIST",
]

_LON = column("lon", "number", "经度", "longitude", "lng", "long", "x", "longitude")
_LAT = column("lat", "number", "纬度", "latitude", "y", "latitude")
_WKT = column("wkt", "text", "WKT几何", "WKT geometry", "geometry", "geom")
_TOWN = column(
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
_COMMUNITY = column(
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
_SETTING = column("setting", "text", "城乡", "setting", "城乡类型")
_FLOOR_AREA = column(
    "floor_area_m2",
    "number",
    "建筑面积（平方米）",
    "floor area, m2",
    "建筑面积",
    "建筑面积(㎡)",
    "面积",
)
_LAND_AREA = column(
    "land_area_m2", "number", "用地面积（平方米）", "land area, m2", "用地面积", "占地面积"
)
_ADDRESS = column("address", "text", "地址", "address", "详细地址", "住址", "家庭住址", "居住地址")
_QUALITY = column("location_quality", "text", "位置精度", "location quality")
_PLACED_BY = column("placed_by", "text", "定位依据", "placed by")


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
    return column(f"share_{age}", "number", title, f"share of {age} and over", *aliases)


_SHARE_60, _SHARE_65 = _share(60), _share(65)

UNITS = Table(
    "units",
    "区划单元",
    "units",
    (
        column(
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
        column(
            "name", "text", "名称", "name", "单元名称", "区划名称", "乡镇街道名称", required=True
        ),
        column("level", "text", "级别", "level", "层级"),
        column("unit_kind", "text", "单元类型", "kind of unit", "区划类型"),
        column("parent_id", "text", "上级代码", "parent code", "上级区划代码"),
        column("parent_name", "text", "上级名称", "parent name", "上级区划名称"),
        _SETTING,
        column("urban_rural_code", "text", "城乡分类代码", "urban-rural code", "城乡分类"),
        column("population", "integer", "常住人口", "resident population", "人口"),
        column("registered", "integer", "户籍人口", "registered population"),
        column("households", "integer", "户数", "households", "家庭户数"),
        column("elders", "integer", "老年人口", "elders", "老年人数", "老年人"),
        _SHARE_60,
        _SHARE_65,
        column("few_elders", "flag", "老年人较少", "few elders"),
        column("valid_from", "date", "启用日期", "valid from"),
        column("valid_to", "date", "停用日期", "valid to"),
        _WKT,
    ),
)

FACILITIES = Table(
    "facilities",
    "设施",
    "facilities",
    (
        column("facility_id", "text", "设施编号", "facility id", "编号", "机构编号", "序号", "id"),
        column("name", "text", "设施名称", "name", "名称", "机构名称", "单位名称", required=True),
        column("roles", "list", "设施类型", "types", "类型", "机构类型", "角色"),
        column("stage", "text", "阶段", "stage", "状态", "建设阶段"),
        column("planned_date", "date", "立项日期", "planned on"),
        column("siting_date", "date", "选址日期", "siting on"),
        column("building_date", "date", "开工日期", "building since"),
        column("finished_date", "date", "完工日期", "finished on"),
        column("accepted_date", "date", "验收日期", "accepted on"),
        column("operating_date", "date", "运营日期", "operating since", "投用日期", "开业日期"),
        column("suspended_date", "date", "停运日期", "suspended since"),
        column("unit_id", "text", "区划代码", "unit code", "所属区划代码"),
        _TOWN,
        _COMMUNITY,
        column("serves_units", "list", "服务范围", "serves units"),
        column("operator_centre", "text", "带站中心", "operating centre"),
        _ADDRESS,
        column("phone", "text", "电话", "phone", "联系电话"),
        column("hours", "text", "开放时间", "hours", "服务时间"),
        column("operator", "text", "运营方", "operator", "运营单位"),
        column("ownership", "text", "产权", "ownership", "产权性质"),
        column("operator_kind", "text", "运营方式", "operator kind", "运营模式"),
        _FLOOR_AREA,
        _LAND_AREA,
        column("build_mode", "text", "建设方式", "how built"),
        column("beds", "integer", "床位数（张）", "beds", "床位数", "床位", "核定床位数"),
        column(
            "nursing_beds",
            "integer",
            "护理型床位（张）",
            "nursing beds",
            "护理型床位",
            "护理床位数",
        ),
        column(
            "day_care_beds",
            "integer",
            "日间照料床位（张）",
            "day-care beds",
            "日间照料床位",
            "日托床位",
        ),
        column("open_beds", "integer", "开放床位（张）", "open beds", "开放床位", "开放床数"),
        column("free_beds", "integer", "空余床位（张）", "free beds", "空余床位"),
        column("zones", "list", "功能区", "zones"),
        column("contracts", "list", "签约机构", "contracts"),
        column("own_clinic", "flag", "内设医疗", "own clinic"),
        column("delivers", "flag", "送餐上门", "delivers", "是否送餐"),
        column("staff", "integer", "工作人员", "staff"),
        column("certified_staff", "integer", "持证人员", "certified staff"),
        column("rating", "text", "等级", "rating", "评定等级"),
        column("fee", "text", "收费", "fee", "收费标准"),
        column("accepts", "list", "收住对象", "accepts", "收容对象"),
        column("step_free", "flag", "无障碍", "step-free"),
        column("updated", "date", "更新日期", "updated"),
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
        column("demand_id", "text", "编号", "demand id", "老人编号", "序号", "id"),
        column("elders", "integer", "老年人数", "elders", "老年人口", "人数"),
        column("age", "integer", "年龄", "age"),
        column("grade_scheme", "text", "评估标准", "grade scheme"),
        column("grade", "text", "能力等级", "grade", "评估等级"),
        column("groups", "list", "重点对象", "groups", "对象类别", "人员类别"),
        column("needs", "list", "服务需求", "needs"),
        column("residence", "text", "居住状况", "residence"),
        column("willing", "flag", "意愿", "willing"),
        column("signed", "flag", "签约", "signed"),
        column("last_visit", "date", "最近探访", "last visit"),
        column("floor", "integer", "楼层", "floor"),
        column("lift", "flag", "电梯", "lift"),
        column("unit_id", "text", "区划代码", "unit code", "所属区划代码"),
        _TOWN,
        _COMMUNITY,
        _SETTING,
        _ADDRESS,
        _QUALITY,
        _PLACED_BY,
        column("origin", "text", "来源", "origin"),
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
    column("counted_unit_id", "text", "统计单元代码", "unit counted for"),
    column("counted_level", "text", "统计级别", "level counted for"),
)
"""The unit that a number of elders was counted for: no rate is shown of anything smaller. Empty
for elders and places that have a position of their own."""

DEMAND_COUNTS = Table(
    "demand_counts",
    "老年人数",
    "counts of elders",
    (
        *DEMAND.columns,
        *ELDER_CHECKS,
        column("population", "integer", "常住人口", "resident population", "总人口"),
        column("registered", "integer", "户籍人口", "registered population"),
        _SHARE_60,
        _SHARE_65,
        *(
            column(f"elders_{group}", "integer", zh, f"elders: {en}", *aliases)
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
        column("building", "text", "建筑用途", "use", "用途", "建筑类型", "类型", "type", "fclass"),
        column(
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

ELDER_LIST = Table("demand", "老年人", "demand", (*DEMAND.columns, *ELDER_CHECKS))
UNIT_LIST = Table("units", "区划单元", "units", (*UNITS.columns, *UNIT_CHECKS))
FACILITY_LIST = Table("facilities", "设施", "facilities", (*FACILITIES.columns, *FACILITY_CHECKS))
"""What lists of elders, of units and of facilities are read with: the clauses' columns besides
their own."""

CANDIDATES = Table(
    "candidates",
    "备选场地",
    "candidate sites",
    (
        column(
            "candidate_id", "text", "备选编号", "candidate id", "编号", "资产编号", "序号", "id"
        ),
        column(
            "name",
            "text",
            "场地名称",
            "name",
            "名称",
            "资产名称",
            "房屋名称",
            "闲置资产名称",
            required=True,
        ),
        column(
            "types",
            "list",
            "可建类型",
            "could become",
            "拟建类型",
            "可改造类型",
            "改造用途",
            "设施类型",
            "类型",
        ),
        _FLOOR_AREA,
        _LAND_AREA,
        column(
            "cost_yuan",
            "number",
            "费用（元）",
            "cost, yuan",
            "改造费用（元）",
            "造价（元）",
            "投资（元）",
            "估算费用（元）",
        ),
        column(
            "cost_wan",
            "number",
            "费用（万元）",
            "cost, 10,000 yuan",
            "改造费用（万元）",
            "造价（万元）",
            "投资（万元）",
            "估算费用（万元）",
        ),
        column(
            "subsidy_yuan",
            "number",
            "补助（元）",
            "subsidy, yuan",
            "补助金额（元）",
            "一次性补助（元）",
        ),
        column("build_mode", "text", "建设方式", "how built", "改造方式"),
        column("ownership", "text", "产权", "ownership", "产权性质"),
        column("beds", "integer", "可设床位（张）", "beds", "床位数（张）", "床位数", "床位"),
        column(
            "capacity", "integer", "可服务人数", "elders it could serve", "服务能力", "服务人数"
        ),
        column("unit_id", "text", "区划代码", "unit code", "所属区划代码"),
        _TOWN,
        _COMMUNITY,
        _ADDRESS,
        column("note", "text", "备注", "note", "说明"),
        _QUALITY,
        _LON,
        _LAT,
        _WKT,
    ),
)
"""A row is a place where a facility could be opened, such as idle property (闲置资产)."""

TARGETS = Table(
    "targets",
    "目标任务",
    "targets",
    (
        column("unit_id", "text", "区划代码", "unit code", "所属区划代码", "统计用区划代码"),
        _TOWN,
        column("roles", "list", "设施类型", "types", "类型", "建设任务", required=True),
        column("year", "integer", "年度", "year", "年份", required=True),
        column("quarter", "integer", "季度", "quarter"),
        column("target", "integer", "目标数（处）", "target", "目标数", "任务数", required=True),
        column("responsible", "text", "责任单位", "responsible", "牵头单位"),
        column("note", "text", "备注", "note", "说明"),
    ),
)
"""A row is what a notice or a plan asks of a unit (of the whole district without one) by the end
of a year or of a quarter of it."""

CROSSWALK = Table(
    "crosswalk",
    "区划对照",
    "crosswalk",
    (
        column(
            "from_unit_id",
            "text",
            "原区划代码",
            "former unit code",
            "原代码",
            "旧代码",
            "旧区划代码",
            "调整前代码",
        ),
        column("from_name", "text", "原名称", "former name", "旧名称", "原单位", "调整前名称"),
        column(
            "to_unit_id",
            "text",
            "现区划代码",
            "present unit code",
            "现代码",
            "新代码",
            "新区划代码",
            "调整后代码",
        ),
        column("to_name", "text", "现名称", "present name", "新名称", "现单位", "调整后名称"),
        column("share", "number", "划入份额", "share", "份额", "比例", "占比"),
        column("since", "date", "调整日期", "since", "变更日期", "生效日期"),
        column("note", "text", "备注", "note", "说明", "依据"),
    ),
)
"""A row is one unit, or a part of it, and what it has become; without a share it is all of it."""

ROADS = Table(
    "roads",
    "道路",
    "roads",
    (
        column("highway", "text", "道路等级", "class", "fclass", "type", required=True),
        column("name", "text", "道路名称", "name", "路名"),
        column("oneway", "text", "单行", "one-way"),
        column(
            "maxspeed_kph", "number", "限速（公里/小时）", "speed limit, km/h", "maxspeed", "限速"
        ),
        column("bridge", "text", "桥梁", "bridge"),
        column("tunnel", "text", "隧道", "tunnel"),
        column("layer", "integer", "层", "layer"),
        column("surface", "text", "路面", "surface"),
        column("foot", "text", "步行", "foot"),
        column("access", "text", "通行", "access"),
        column("motor_vehicle", "text", "机动车", "motor vehicle"),
        column("bicycle", "text", "自行车", "bicycle"),
        column("oneway_bicycle", "text", "自行车单行", "one-way for bicycles"),
        column("junction", "text", "路口", "junction"),
        column("conveying", "text", "自动扶梯", "conveying"),
        column("motorroad", "text", "汽车专用", "motorroad"),
    ),
)
