"""A list of idle property, as an office keeps it: what each could become, its area, its cost."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from care_map.demo.facility_plan import Planned
from care_map.demo.frontage import Frontage
from care_map.demo.names import STREETS
from care_map.demo.plane import Floats, to_degrees
from care_map.demo.settlements import Settlement
from care_map.demo.units import Units
from care_map.messages import catalogue
from care_map.vocabulary import CARE_TYPES

__all__ = ["idle_property"]

_KINDS = {
    "urban": ("国有门面房", "闲置办公楼", "原社区用房", "闲置厂房"),
    "seat": ("原镇政府办公楼", "旧粮站", "闲置供销社", "原镇卫生院旧楼"),
    "village": ("闲置村小学", "旧村委会", "闲置农房", "原村卫生室"),
}
_AREA_M2 = {"urban": (260, 640), "seat": (280, 1300), "village": (60, 340)}
_TYPES = {
    "urban": ("community_station",),
    "seat": ("community_station", "town_centre"),
    "village": ("village_point", "village_station"),
}
_SHARE = {"urban": 0.85, "seat": 0.7, "village": 0.6}
_CENTRE_M2 = 800
_YUAN_PER_M2 = (700, 2100)
_MODES = ("改扩建", "租赁", "购置")
_DRAWN, _NEAR_M, _FAR_M = 60, 600.0, 750.0
_WITHOUT_POINT, _WITHOUT_COST = (7,), (11, 23)


def idle_property(
    rng: np.random.Generator,
    units: Units,
    settlements: list[Settlement],
    frontage: Frontage,
    planned: list[Planned],
) -> pd.DataFrame:
    """Return a row per property with Chinese headers, some with gaps as in every real list.

    Parameters
    ----------
    rng
        Random generator.
    units, settlements, frontage
        The district and where houses stand in it.
    planned
        The facilities: property stands apart from them.
    """
    texts = catalogue("zh")
    communities = units.table.iloc[units.first_community :]
    lonely = _lonely(frontage, planned)
    rows: list[dict[str, object]] = []
    for home, one in enumerate(settlements):
        if one.kind not in _KINDS or rng.random() > _SHARE[one.kind]:
            continue
        spot = _spot(rng, units, frontage, home, lonely)
        if spot is None:
            continue
        lon, lat = to_degrees(*spot)
        area = int(rng.integers(*_AREA_M2[one.kind]))
        types = [kind for kind in _TYPES[one.kind] if kind != "town_centre" or area >= _CENTRE_M2]
        kind = str(rng.choice(_KINDS[one.kind]))
        unit = str(communities["name"].iloc[home])
        town = str(units.table["name"].iloc[1 + one.parent])
        number = len(rows) + 1
        cost = round(area * float(rng.uniform(*_YUAN_PER_M2)) / 10_000, 1)
        rows.append(
            {
                "资产编号": f"Z{number:03d}",
                "场地名称": f"{unit}{kind}",
                "可建类型": "、".join(texts.label("facility_type", role) for role in types),
                "建筑面积（平方米）": area,
                "改造费用（万元）": None if number in _WITHOUT_COST else cost,
                "建设方式": str(rng.choice(_MODES)),
                "产权": "公有" if one.parent < len(STREETS) or rng.random() < 0.8 else "私有",
                "可服务人数": int(area // 8),
                "区划代码": communities["unit_id"].iloc[home],
                "乡镇街道": town,
                "村社区": unit,
                "地址": f"{town}{unit}{number % 60 + 1}号",
                "经度": None if number in _WITHOUT_POINT else round(float(lon), 6),
                "纬度": None if number in _WITHOUT_POINT else round(float(lat), 6),
                "备注": "合成数据",
            }
        )
    return pd.DataFrame(rows)


def _spot(
    rng: np.random.Generator,
    units: Units,
    frontage: Frontage,
    home: int,
    lonely: Floats,
) -> tuple[float, float] | None:
    """Return a door in a community: of some that are drawn, that with most houses far from care."""
    near = np.flatnonzero((frontage.community == home) & (frontage.weight >= 0.4))
    if not near.size:
        return None
    drawn = rng.permutation(near)[:_DRAWN]
    x, y = frontage.x[drawn, None], frontage.y[drawn, None]
    beside = abs(frontage.x - x.mean()) <= np.ptp(x) + _NEAR_M
    beside &= abs(frontage.y - y.mean()) <= np.ptp(y) + _NEAR_M
    far = np.flatnonzero((lonely > 0) & beside)
    within = np.hypot(frontage.x[far] - x, frontage.y[far] - y) <= _NEAR_M
    # The last digits of a sum depend on the number of cores: without them equals stay equal.
    houses = np.round(within @ lonely[far], 6)
    best = drawn[np.argsort(-houses, kind="stable")]
    door_x, door_y = frontage.beside(best, rng.uniform(10, 20, best.size))
    inside = np.flatnonzero(units.community_of(door_x, door_y) == home)
    return (float(door_x[inside[0]]), float(door_y[inside[0]])) if inside.size else None


def _lonely(frontage: Frontage, planned: list[Planned]) -> Floats:
    """Return how thickly houses stand where no care is near, 0 elsewhere."""
    care = np.array(
        [
            (one.x, one.y)
            for one in planned
            if one.stage == "operating" and set(one.roles) & set(CARE_TYPES)
        ]
    )
    away, _ = cKDTree(care).query(np.column_stack([frontage.x, frontage.y]))
    return np.where(away > _FAR_M, frontage.weight, 0.0)
