"""Columns of the tables of capacity: what services can give, and who finds a place."""

from collections.abc import Sequence

from care_map.schema.columns import Column, Table, column

__all__ = ["BEDS_BY_UNIT", "CAPACITY_BY_FACILITY", "CAPACITY_BY_UNIT"]

_SERVICE = column("service", "text", "服务", "service")
_CATCHMENT = column("catchment", "text", "服务范围口径", "catchment")
_UNIT = (
    column("unit_id", "text", "区划代码", "unit code"),
    column("unit_name", "text", "单元名称", "unit"),
    column("level", "text", "级别", "level"),
)
_CAPACITY_UNIT = column("capacity_unit", "text", "计量单位", "unit of capacity")
_PLACES: Sequence[Column] = (
    column("assigned", "integer", "能安排人数", "elders with a place"),
    column("full", "integer", "因满员无法安排", "no place, all full"),
    column("open", "integer", "能力不明、无法判定", "open, capacity unknown"),
)

CAPACITY_BY_UNIT = Table(
    "capacity_by_unit",
    "各单元服务能力",
    "capacity by unit",
    (
        *_UNIT,
        _SERVICE,
        _CATCHMENT,
        column("elders", "integer", "老年人数", "elders"),
        column("demand", "integer", "需要该服务的老年人", "elders who need it"),
        column("demand_weighted", "number", "加权需求", "demand, weighted by grade"),
        column("supply", "number", "服务能力", "supply"),
        _CAPACITY_UNIT,
        column("facilities", "integer", "提供服务的设施", "facilities that give it"),
        column("capacity_unknown", "integer", "能力不明的设施", "of these, capacity unknown"),
        column("access_2sfca", "number", "每百人可及能力（2SFCA）", "per 100 elders, 2SFCA"),
        column("access_e2sfca", "number", "每百人可及能力（E2SFCA）", "per 100 elders, E2SFCA"),
        column(
            "access_gaussian", "number", "每百人可及能力（高斯衰减）", "per 100 elders, Gaussian"
        ),
        column("zero_access", "integer", "范围内没有该服务", "elders without any access"),
        column("zero_share", "number", "没有该服务的比例", "share without any access"),
        column("undetermined", "integer", "无法判定", "undetermined"),
        *_PLACES,
    ),
)
"""A row per unit, service and catchment. Access is the mean of the elders who need the service and
whose place is known, weighted as in `demand_weighted`, which counts those alone; elders of
`zero_access` are in it with 0. `assigned`, `full`, `open`, `zero_access` and `undetermined` sum to
`demand`; the first three are empty where the lists do not say who needs the service, and of
homes in all catchments but the widest by car. `supply` counts known capacities of facilities in the
unit: the facilities whose capacity is blank are in `capacity_unknown`."""

CAPACITY_BY_FACILITY = Table(
    "capacity_by_facility",
    "各设施服务能力",
    "capacity by facility",
    (
        column("facility_id", "text", "设施编号", "facility id"),
        column("facility_name", "text", "设施名称", "facility"),
        column("roles", "list", "设施类型", "types"),
        column("unit_id", "text", "区划代码", "unit code"),
        _SERVICE,
        _CATCHMENT,
        column("capacity", "number", "服务能力", "capacity"),
        _CAPACITY_UNIT,
        column("demand", "integer", "范围内需要该服务的老年人", "elders in reach who need it"),
        column("demand_weighted", "number", "范围内加权需求", "demand in reach, weighted"),
        column("ratio", "number", "每百人能力", "capacity per 100 in reach"),
        column("nearest", "integer", "就近的老年人", "elders in reach whose nearest it is"),
        column("overloaded", "flag", "就近超员", "more nearest than places"),
        column("assigned", "integer", "安排人数", "elders assigned"),
        column("free", "number", "剩余能力", "free capacity"),
    ),
)
"""A row per facility, service and catchment. `nearest` counts the elders in reach who need the
service and have none nearer, not in the whole district; `overloaded` where they are more than it
has places. `assigned` is what the assignment gives it, which sends some of them farther; it is
empty where the lists do not say who needs the service."""

BEDS_BY_UNIT = Table(
    "beds_by_unit",
    "各单元床位",
    "beds by unit",
    (
        *_UNIT,
        column("elders", "integer", "老年人数", "elders"),
        column("facilities", "integer", "有床位的设施", "facilities with beds"),
        column("beds", "integer", "床位", "beds"),
        column("nursing_beds", "integer", "护理型床位", "nursing beds"),
        column("other_beds", "integer", "其他床位", "other beds"),
        column("unsplit_beds", "integer", "未区分护理型的床位", "beds whose kind is blank"),
        column("beds_unknown", "integer", "床位数不明的机构", "homes whose beds are blank"),
        column("beds_per_100", "number", "每百名老年人床位", "beds per 100 elders"),
        column("open_beds", "integer", "开放床位", "open beds"),
        column("free_beds", "integer", "空余床位", "free beds"),
        column("occupancy", "number", "入住率", "occupancy"),
    ),
)
"""A row per unit: beds of operating facilities of the district, once per site. `nursing_beds`,
`other_beds` and `unsplit_beds` sum to `beds`. `open_beds` and `free_beds` are of the facilities
that tell both; occupancy is what is taken of them."""
