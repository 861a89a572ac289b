"""Coordinate reference systems: the study's metric one, and those that are refused.

Metres are only true in a projected CRS near its central meridian; every study has one.
"""

import re
import warnings

from pyproj import CRS
from pyproj.transformer import TransformerGroup

from care_map.inputs.datum import CHINA_RECTANGLE

__all__ = ["LONLAT", "has_no_transformation", "metric_crs"]

LONLAT = CRS.from_epsg(4326)

_FIRST_MERIDIAN, _LAST_MERIDIAN, _STEP = 75, 135, 3
_FIRST_EPSG = 4534
_OLD_CHINESE = re.compile(r"xian[ _]?(19)?80|beijing[ _]?(19)?54|new[ _]beijing", re.IGNORECASE)
_CGCS2000 = re.compile(
    r"china[ _](geodetic[ _]coordinate[ _]system[ _])?2000|cgcs2000", re.IGNORECASE
)


def metric_crs(lon: float, lat: float) -> CRS:
    """Return the metric CRS for a study around a point.

    Inside China's rectangle it is CGCS2000 in 3-degree Gauss-Krüger zones, EPSG 4534 for the
    meridian 75° E to 4554 for 135° E; elsewhere UTM on WGS84. Distances and areas within a few
    degrees of the point are true to about 0.1%.

    Parameters
    ----------
    lon, lat
        Degrees, WGS84.

    Returns
    -------
    pyproj.CRS

    Examples
    --------
    >>> metric_crs(108.4, 30.8).to_epsg(), metric_crs(-8.6, 41.1).to_epsg()
    (4545, 32629)
    """
    west, south, east, north = CHINA_RECTANGLE
    if west <= lon <= east and south <= lat <= north:
        nearest = _STEP * round(lon / _STEP)
        meridian = min(max(nearest, _FIRST_MERIDIAN), _LAST_MERIDIAN)
        return CRS.from_epsg(_FIRST_EPSG + (meridian - _FIRST_MERIDIAN) // _STEP)
    zone = min(max(int((lon + 180.0) // 6.0) + 1, 1), 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def has_no_transformation(crs: CRS) -> bool:
    """Tell whether a CRS has a datum that cannot be brought to WGS84.

    PROJ silently gives a zero shift for Xian 1980 and Beijing 1954, which are 50 to 150 m off.

    Parameters
    ----------
    crs
        Any CRS.

    Returns
    -------
    bool

    Examples
    --------
    >>> [has_no_transformation(CRS.from_epsg(code)) for code in (4610, 2433, 4490, 4326)]
    [True, True, False, False]
    """
    text = crs.to_wkt()
    if _OLD_CHINESE.search(text):
        return True
    if _CGCS2000.search(text):  # PROJ has no transformation for it either, and needs none
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a finer grid is not installed: metres, not hundreds
        best = TransformerGroup(crs, LONLAT, always_xy=True).transformers
    return not best or "ballpark" in best[0].description.lower()
