"""The district's own notice, as invented as the district: a policy pack and what is typed in."""

from importlib import resources
from pathlib import Path

import pandas as pd

from care_map.demo.names import STREETS, TOWNS

__all__ = ["write_notice"]

_FIRST_TOWNS = 11
"""Towns that owe their centre in the first year; the others owe it in the second."""
_POINTS_2020, _POINTS_2021 = 12, 12
"""Towns that owe points in the first year, counted from the front, and in the second, from the
end."""
_LAST_RETURN = "2021Q2"


def write_notice(folder: Path) -> None:
    """Write the notice of the district, and the two lists that an office types in.

    Parameters
    ----------
    folder
        Folder of the demonstration study; ``notice.toml`` and its CSV files, ``stated.csv`` and
        ``received.csv`` are written there.
    """
    text = (resources.files(__package__) / "notice.toml").read_text(encoding="utf-8")
    (folder / "notice.toml").write_text(text, encoding="utf-8", newline="\n")
    _write(_ledger(), folder / "notice_ledger.csv", encoding="utf-8")
    _write(_units(), folder / "notice_units.csv", encoding="utf-8")
    _write(_stated(), folder / "stated.csv", encoding="utf-8-sig")
    _write(_received(), folder / "received.csv", encoding="utf-8-sig")


def _write(table: pd.DataFrame, path: Path, *, encoding: str) -> None:
    table.to_csv(path, index=False, encoding=encoding, lineterminator="\n")


def _units() -> pd.DataFrame:
    """Return the streets and towns, with columns of a pack's units."""
    kinds = ["street"] * len(STREETS) + ["town"] * len(TOWNS)
    return pd.DataFrame({"name": [*STREETS, *TOWNS], "kind": kinds})


def _ledger() -> pd.DataFrame:
    """Return yearly targets, with columns of a pack's ledger."""
    rows = [(town, "street_centre", 2020, 1, "新建") for town in STREETS]
    rows += [(town, "community_station", 2020, 4, "") for town in STREETS]
    rows += [(town, "community_station", 2021, 1, "") for town in STREETS]
    rows += [
        (town, "town_centre", 2020 if number < _FIRST_TOWNS else 2021, 1, "改扩建")
        for number, town in enumerate(TOWNS)
    ]
    rows += [(town, "village_point", 2020, 2, "") for town in TOWNS[:_POINTS_2020]]
    rows += [(town, "village_point", 2021, 1, "") for town in TOWNS[-_POINTS_2021:]]
    table = pd.DataFrame(rows, columns=["town", "role", "year", "target", "build_mode"])
    table["note"] = ""
    # A remark as notices have them, so that it can be seen where it goes.
    table.loc[(table["town"] == STREETS[-1]) & (table["year"] == 2021), "note"] = "暂计入（合成）"
    return table


def _stated() -> pd.DataFrame:
    """Return a figure that no list gives, typed in; another that is asked for is left out."""
    return pd.DataFrame(
        {
            "条款编号": ["demo_17"],
            "数值": [320],
            "数据日期": ["2021-06-30"],
            "佐证材料": ["培训签到表（合成示例）"],
            "责任单位": ["示范区民政局（虚构）"],
        }
    )


def _received() -> pd.DataFrame:
    """Return the quarterly returns that came: all of the first quarter, some of the second."""
    towns = [*STREETS, *TOWNS]
    rows = [(town, "2021Q1", f"2021-04-{number % 9 + 1:02d}") for number, town in enumerate(towns)]
    rows += [(town, _LAST_RETURN, "2021-06-30") for town in towns[::2]]
    return pd.DataFrame(rows, columns=["乡镇街道", "报送期", "报送日期"])
