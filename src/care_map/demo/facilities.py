"""The facility list as an office keeps it: one card a site, Chinese headers; and its services."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from care_map.demo.facility_plan import Planned
from care_map.demo.gaps import STATIONS
from care_map.demo.names import STREETS
from care_map.demo.plane import to_degrees
from care_map.demo.settlements import Settlement
from care_map.demo.units import Units
from care_map.messages import catalogue
from care_map.schema import FACILITIES
from care_map.vocabulary import CARE_TYPES, MEAL_TYPES, STAGES

__all__ = ["facility_cards", "service_table", "write_cards"]

_AS_OF = dt.date(2021, 6, 30)
_TITLES = {
    "street_centre": "{town}养老服务中心",
    "town_centre": "{town}养老服务中心",
    "community_station": "{unit}养老服务站",
    "village_point": "{unit}互助养老服务点",
    "village_station": "{unit}养老服务站",
    "estate_point": "{short}小区互助养老点",
    "care_home": "{short}养老院",
    "district_care_centre": "示范区照护中心",
    "meal_point": "{unit}老年食堂",
    "central_kitchen": "{short}中央厨房",
    "meal_provider": "{short}家常菜馆",
    "hospital": "示范区{short}医院",
    "community_health_centre": "{town}社区卫生服务中心",
    "township_health_centre": "{town}卫生院",
    "village_clinic": "{unit}卫生室",
    "clinic": "{short}诊所",
    "nursing_home": "{short}护理院",
    "pharmacy": "{short}药房",
    "community_centre": "{unit}活动中心",
}
_AREA_M2 = {
    "street_centre": (1300, 2300),
    "town_centre": (650, 1500),
    "community_station": (190, 480),
    "village_point": (60, 200),
    "village_station": (120, 300),
    "estate_point": (40, 120),
    "care_home": (1500, 5200),
    "district_care_centre": (7200, 7201),
    "hospital": (9000, 26000),
}
_BEDS = {
    "street_centre": (18, 46),
    "town_centre": (8, 40),
    "care_home": (40, 160),
    "district_care_centre": (220, 221),
    "nursing_home": (60, 61),
}
_ZONES = {
    "street_centre": "托养区、日间照料区、助餐区、康复区、文化教育区、休闲娱乐区、健康管理区",
    "town_centre": "托养区、日间照料区、助餐区、休闲娱乐区",
    "community_station": "休闲娱乐、文化教育、生活照料、健康管理",
    "village_station": "休闲娱乐、生活照料",
}
_STEP_DAYS = 75
"""Between two stages, about."""


def facility_cards(
    rng: np.random.Generator,
    units: Units,
    settlements: list[Settlement],
    planned: list[Planned],
) -> pd.DataFrame:
    """Return a card per facility with the columns of :data:`care_map.schema.FACILITIES`."""
    texts = catalogue("zh")
    communities = units.table.iloc[units.first_community :]
    rows = []
    for number, one in enumerate(planned):
        lon, lat = to_degrees(one.x, one.y)
        row: dict[str, object] = {
            "facility_id": f"F{number + 1:04d}",
            "roles": "、".join(texts.label("facility_type", role) for role in one.roles),
            "stage": texts.label("stage", one.stage),
            "phone": f"000-0000{number + 1:04d}",
            "lon": round(float(lon), 6) if one.located else None,
            "lat": round(float(lat), 6) if one.located else None,
        }
        if one.home >= 0:
            unit = str(communities["name"].iloc[one.home])
            town = str(units.table["name"].iloc[1 + settlements[one.home].parent])
            row |= {"town_name": town, "community_name": unit}
            row["unit_id"] = communities["unit_id"].iloc[one.home]
        else:
            unit, town = f"{'一二三四五六七八九'[number % 9]}号村", "邻区"
        row["name"] = _title(one, unit, town)
        row["address"] = f"{town}{unit}{number % 90 + 1}号"
        rows.append(row | _dates(rng, one) | _building(rng, one) | _running(rng, one))
    cards = pd.DataFrame(rows)
    _share(cards, planned, settlements, communities)
    return cards[[name for name in FACILITIES.names if name in cards]]


def _title(one: Planned, unit: str, town: str) -> str:
    if one.roles[:2] == ("town_centre", "care_home"):
        return f"{town}敬老院"
    short = unit.removesuffix("社区").removesuffix("村")
    return _TITLES[one.roles[0]].format(unit=unit, town=town, short=short)


def _dates(rng: np.random.Generator, one: Planned) -> dict[str, object]:
    """Return the day of each stage up to the present one, none after the study's day."""
    reached = STAGES.index(one.stage)
    day = _AS_OF - dt.timedelta(days=int(rng.integers(12, 500)))
    dates: dict[str, object] = {}
    for stage in reversed(STAGES[: reached + 1]):
        dates[f"{stage}_date"] = day
        day -= dt.timedelta(days=int(_STEP_DAYS * rng.uniform(0.5, 1.6)))
    return dates


def _building(rng: np.random.Generator, one: Planned) -> dict[str, object]:
    kind = one.roles[0]
    card: dict[str, object] = {"step_free": "是" if rng.random() < 0.5 else "否"}
    if "care_home" in one.roles:
        card["rating"] = f"{rng.choice(['二', '三', '四'])}级"
    if kind in _AREA_M2:
        area = int(rng.integers(*_AREA_M2[kind]))
        card |= {"floor_area_m2": area, "land_area_m2": round(area * rng.uniform(0.5, 1.4))}
        card["build_mode"] = str(rng.choice(["新建", "改扩建", "购置", "租赁"]))
    beds = next(
        (int(rng.integers(*_BEDS[role])) for role in reversed(one.roles) if role in _BEDS), 0
    )
    if beds:
        open_beds = beds if one.stage == "operating" else 0
        card |= {
            "beds": beds,
            "nursing_beds": round(beds * rng.uniform(0.2, 0.7)),
            "open_beds": open_beds,
            "free_beds": round(open_beds * rng.uniform(0, 0.4)),
            "accepts": "、".join(("自理", "半失能", "失能")[: int(rng.integers(1, 4))]),
            "fee": f"{int(rng.integers(14, 42)) * 100}元/月",
        }
    if kind in ("street_centre", "town_centre", "community_station"):
        card["day_care_beds"] = int(rng.integers(4, 22))
    if kind in _ZONES:
        zones = _ZONES[kind].split("、")
        card["zones"] = "、".join(zones if rng.random() < 0.8 else zones[:-1])
    return card


def _running(rng: np.random.Generator, one: Planned) -> dict[str, object]:
    card: dict[str, object] = {"updated": _AS_OF - dt.timedelta(days=int(rng.integers(1, 60)))}
    if set(one.roles) & set(CARE_TYPES):
        public = "town_centre" in one.roles or rng.random() < 0.6
        kinds = ["公办", "公建民营"] if public else ["民办公助", "民办"]
        card["ownership"] = "公有" if public else "私有"
        card["operator_kind"] = str(rng.choice(kinds))
        card["operator"] = (
            "示范区民政事务中心"
            if card["operator_kind"] == "公办"
            else f"{rng.choice(['晨光', '松鹤', '同乐', '和风'])}养老服务公司"
        )
        card["own_clinic"] = "是" if rng.random() < 0.25 else "否"
        staff = int(rng.integers(2, 16))
        card |= {"staff": staff, "certified_staff": round(staff * rng.uniform(0.3, 1.0))}
        card["hours"] = "08:30-17:30"
    if set(one.roles) & set(MEAL_TYPES):
        always = "meal_provider" in one.roles
        card["delivers"] = "是" if always or rng.random() < 0.45 else "否"
        card["hours"] = "07:00-18:30"
    return card


def _share(
    cards: pd.DataFrame,
    planned: list[Planned],
    settlements: list[Settlement],
    communities: pd.DataFrame,
) -> None:
    """Fill in who serves whom: stations a neighbour without one, centres their stations."""
    clinics = {
        settlements[one.home].parent: str(cards["facility_id"].iloc[k])
        for k, one in enumerate(planned)
        if {"community_health_centre", "township_health_centre"} & set(one.roles)
    }
    served = {one.home for one in planned if "community_station" in one.roles}
    centres = {
        settlements[one.home].parent: str(cards["facility_id"].iloc[k])
        for k, one in enumerate(planned)
        if {"street_centre", "town_centre"} & set(one.roles)
    }
    serves, centre = [""] * len(cards), [""] * len(cards)
    cards["contracts"] = [
        clinics.get(settlements[one.home].parent, "")
        if {"street_centre", "town_centre", "care_home"} & set(one.roles)
        else ""
        for one in planned
    ]
    codes = communities["unit_id"].to_numpy()
    for k, one in enumerate(planned):
        if "community_station" not in one.roles:
            continue
        parent = settlements[one.home].parent
        centre[k] = centres.get(parent, "") if parent < len(STREETS) else ""
        lost = [
            n
            for n, s in enumerate(settlements)
            if s.parent == parent and n not in served and s.kind == "urban"
        ]
        if lost and not one.site:
            served.add(lost[0])
            serves[k] = f"{codes[one.home]}、{codes[lost[0]]}"
    for k, one in enumerate(planned):
        # The plan gives a village the station on the other bank: only its elders do not get there.
        looks_here = [n for n, s in enumerate(settlements) if one.site and s.site == one.site]
        if looks_here and looks_here[0] != one.home:
            serves[k] = f"{codes[one.home]}、{codes[looks_here[0]]}"
    cards["serves_units"], cards["operator_centre"] = serves, centre


def service_table(
    rng: np.random.Generator, cards: pd.DataFrame, planned: list[Planned]
) -> pd.DataFrame:
    """Return a row per facility and service: what it can give, and in which unit."""
    texts = catalogue("zh")
    rows = []
    for number, one in enumerate(planned):
        places = STATIONS[one.site].places if one.site else int(rng.integers(12, 60))
        offers: list[tuple[str, int, str]] = []
        if {"community_station", "street_centre", "town_centre"} & set(one.roles):
            offers += [("day_care", places, "位"), ("recreation", places * 2, "人/日")]
        if {"village_point", "village_station", "estate_point"} & set(one.roles):
            offers += [("recreation", places, "人/日")]
        if set(one.roles) & set(MEAL_TYPES):
            offers += [("meals", int(rng.integers(3, 30)) * 10, "份/日")]
        if {"care_home", "district_care_centre"} & set(one.roles):
            offers += [("respite", int(rng.integers(4, 20)), "张")]
        rows += [
            {
                "设施编号": cards["facility_id"].iloc[number],
                "服务": texts.label("service", service),
                "能力": capacity,
                "单位": unit,
            }
            for service, capacity, unit in offers
        ]
    return pd.DataFrame(rows)


def write_cards(cards: pd.DataFrame, path: Path) -> None:
    """Write the cards as a workbook with Chinese headers, the same bytes each time."""
    with xlsxwriter.Workbook(
        str(path), {"in_memory": True, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        book.set_properties({"title": "示范区养老服务设施", "created": dt.datetime(2021, 6, 30)})  # noqa: DTZ001
        sheet = book.add_worksheet("设施")
        bold = book.add_format({"bold": True, "text_wrap": True})
        for column, name in enumerate(cards.columns):
            sheet.write_string(0, column, FACILITIES.column(str(name)).zh, bold)
            for row, value in enumerate(cards[name].tolist(), start=1):
                _write(sheet, row, column, value)
        sheet.freeze_panes(1, 2)
        sheet.set_column(1, 2, 26)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object) -> None:
    if isinstance(value, dt.date) and not pd.isna(value):
        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()))
    elif isinstance(value, str):
        if value:
            sheet.write_string(row, column, value)
    elif isinstance(value, (int, float)) and not pd.isna(value):
        sheet.write_number(row, column, value)
