"""Places that are planned by hand, so that what is wrong there has one cause that can be seen.

Each is a disc that the random road network leaves free; :mod:`care_map.demo.quarters` draws the
roads inside it.
"""

from dataclasses import dataclass

from care_map.demo.river import river_y

__all__ = ["ISLAND", "SITES", "Site", "site"]


@dataclass(frozen=True, slots=True)
class Site:
    """One planned place.

    Parameters
    ----------
    key
        Name of the cause: ``far_bank``, ``hill``, ``stairs``, ``no_road``, ``not_operating``,
        ``full`` or ``island``.
    x, y
        Middle, metres of the plane.
    radius_m
        The disc that is kept free of other roads.
    elders
        How many live there.
    urban
        Whether its unit is a community of a street.
    seed_north_m
        How far north of the middle the seed of its unit lies.
    grade_north
        Rise over run to the north; the ground is level otherwise.
    """

    key: str
    x: float
    y: float
    radius_m: float
    elders: int
    urban: bool = False
    seed_north_m: float = 0.0
    grade_north: float = 0.0


def _on_river(x: float, north_m: float) -> tuple[float, float]:
    return x, float(river_y(x)) + north_m


SITES = (
    Site("far_bank", *_on_river(-8600, 0), 700, 46, seed_north_m=260),
    Site("hill", 7200, 7600, 700, 38, grade_north=0.076),
    Site("stairs", *_on_river(-3950, 1500), 620, 52, urban=True),
    Site("no_road", -10_500, 5600, 1050, 31),
    Site("not_operating", *_on_river(4050, 1350), 620, 58, urban=True),
    Site("full", *_on_river(350, 4050), 620, 64, urban=True),
    Site("island", 10_600, -6200, 650, 9),
)
ISLAND = "island"
"""The site that is no gap of its own: its roads hang together with no others."""


def site(key: str) -> Site:
    """Return the site of that key."""
    return next(place for place in SITES if place.key == key)
