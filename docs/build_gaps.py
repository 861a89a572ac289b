"""Fill the tables of ``docs/gaps.md`` from open data.

``python docs/build_gaps.py`` starts studies of the extracts in ``../shared/data`` (another folder:
as the first argument) and renews the tables in place.
"""

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from care_map.assessment import Assessment, assess
from care_map.config import DemandSource, FacilitySource, Study, UnitSource, read_study
from care_map.messages import Catalogue, catalogue
from care_map.values import Circle, CircleRule
from care_map.workflows.start import start

__all__ = ["PAGE", "gap_rows"]

PAGE = Path(__file__).with_name("gaps.md")
DATA = Path(__file__).parents[2] / "shared" / "data"
_SHOWN = 10
_CIRCLES = {"andorra": "medical", "helsinki": "medical", "taipei": "elder_care_15"}
_BLOCK = re.compile(r"(<!-- gaps: (\w+) -->\n).*?(<!-- gaps: end -->)", re.DOTALL)
_HEAD = ("place", "people", "minutes", "reasons", "remedy", "would cover", "minutes then")
_VILLAGES = Path("113年12月行政區三段年齡組性別人口統計_村里_WGS84_臺北市.geojson")
_UNITS = {"unit_id": "V_ID", "name": "VILLAGE", "parent_id": "TOWN_ID", "parent_name": "TOWN"}
_ELDERS = {
    "demand_id": "V_ID",
    "elders": "A65UP_CNT",
    "town_name": "TOWN",
    "community_name": "VILLAGE",
}
_LISTS = {
    "114年度臺北市社區照顧關懷據點㇐覽表_coord.csv": ("據點名稱", "行政區", "community_station"),
    "114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv": (
        "據點名稱",
        "行政區",
        "community_station",
    ),
    "臺北市老人福利機構名冊1140201_coord.csv": ("機構名稱", "區域別", "care_home"),
    "臺北市社區整合型服務中心(A單位)一覽表_coord.csv": ("單位名稱", "行政區", "town_centre"),
}


def gap_rows(found: Assessment, circle: str, texts: Catalogue) -> Iterator[tuple[str, ...]]:
    """Yield the cells of the largest gaps of a circle."""
    gaps = found.gaps[found.gaps["circle"] == circle].nsmallest(_SHOWN, "rank")
    for gap in gaps.to_dict("records"):
        reasons = [texts.label("reason", word) for word in str(gap["reasons"]).split(";")]
        yield (
            str(gap["name"]),
            str(gap["elders"]),
            _number(gap["minutes"]),
            "; ".join(reasons),
            texts.label("remedy", str(gap["remedy"])),
            "" if pd.isna(gap["remedy_elders"]) else str(gap["remedy_elders"]),
            _number(gap["remedy_minutes"]),
        )


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.1f}"


def _table(rows: Iterable[Iterable[str]]) -> str:
    lines = [_HEAD, ("---",) * len(_HEAD), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _started(data: Path, name: str, folder: Path) -> Study:
    file, _ = start(data / name / f"{name}.osm.pbf", out=folder / name, language="en")
    return read_study(file)


def main(data: Path) -> None:
    """Renew the page."""
    texts = catalogue("en")
    with tempfile.TemporaryDirectory() as folder:
        studies = {name: _started(data, name, Path(folder)) for name in ("andorra", "helsinki")}
        studies["taipei"] = _taipei(data / "taipei")
        found = {name: assess(study) for name, study in studies.items()}

    def fill(match: re.Match[str]) -> str:
        name = match[2]
        rows = gap_rows(found[name], _CIRCLES[name], texts)
        return f"{match[1]}\n{_table(rows)}\n{match[3]}"

    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_BLOCK.sub(fill, page), encoding="utf-8", newline="\n")


def _taipei(folder: Path) -> Study:
    rule = CircleRule("straight_line", 15.0)
    types = ("community_station", "town_centre", "care_home")
    return Study(
        root=folder,
        name="臺北市",
        language="en",
        units=(UnitSource(path=_VILLAGES, level="community", columns=_UNITS),),
        demand=(DemandSource(path=_VILLAGES, elder_age=65, columns=_ELDERS),),
        facilities=tuple(
            FacilitySource(
                path=Path(file), columns={"name": name, "town_name": town}, values={"roles": role}
            )
            for file, (name, town, role) in _LISTS.items()
        ),
        circles=(Circle("elder_care_15", "", (types,), {"urban": rule, "rural": rule}),),
        setting="urban",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
