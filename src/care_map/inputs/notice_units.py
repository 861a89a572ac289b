"""Units of a study that has no list of them: those that its notice names."""

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from care_map.errors import Problem
from care_map.inputs.settings import unit_settings
from care_map.inputs.sources import FILE, ROW
from care_map.inputs.units import no_units
from care_map.packs.notice_units import notice_units
from care_map.packs.pack_file import PackFile
from care_map.vocabulary import Setting

__all__ = ["units_of_the_notice"]


def units_of_the_notice(
    pack: PackFile, *, crs: CRS, setting: Setting | None, problems: list[Problem]
) -> gpd.GeoDataFrame:
    """Make the table of units of what a notice names; there is no polygon of them.

    Parameters
    ----------
    pack
        The study's pack.
    crs
        Metric CRS of the study.
    setting
        Setting of units whose names do not tell it.
    problems
        Gets that the units are the notice's.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`care_map.inputs.units.make_units`, with ``unit_kind``; without rows where the
        pack names no unit.
    """
    units = notice_units(pack)
    if units.empty:
        return no_units(crs)
    values = {"notice": pack.pack.title, "document": pack.pack.document}
    problems.append(Problem("units_of_notice", "info", values=values, count=len(units)))
    frame = units.reset_index(drop=True)
    frame[FILE], frame[ROW] = "", 0
    made = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=crs)
    settings = unit_settings(made, setting=setting, problems=problems)
    return made.assign(setting=pd.Series(settings, made.index, dtype=object))
