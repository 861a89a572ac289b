"""From one coordinate reference system to another, made ready once.

PROJ takes some 40 ms to prepare a transformation, however few points it is for.
"""

from functools import lru_cache

from pyproj import CRS, Transformer

__all__ = ["transformer"]


@lru_cache(maxsize=64)
def transformer(source: CRS | str, target: CRS | str) -> Transformer:
    """Return the transformation between two systems, x or longitude first.

    Parameters
    ----------
    source, target
        Coordinate reference systems.

    Examples
    --------
    >>> x, y = transformer("EPSG:4326", "EPSG:4545").transform(108.0, 30.0)
    >>> round(x), round(y)
    (500000, 3320113)
    """
    return Transformer.from_crs(source, target, always_xy=True)
