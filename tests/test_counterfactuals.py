"""Studies with one planted cause each: it alone is named, and with it goes the gap.

On level streets a metre is a second; the circle is 15 minutes, 900 m.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import rasterio
from affine import Affine
from small_study import CARE, degrees, write_study
from stages import Stages

from care_map.config import read_study

ELDERS = 40
STREET = ([(-100, 0), (6100, 0)], {})
HOME, STATION = (100, -500), (700, 0)
BEND = ([HOME, (100, 0)], {})
"""1100 m by road from home to station and 781 m straight: too far for any single factor."""


@dataclass(frozen=True)
class Place:
    """A drawn place: streets with tags, lines of water, stations, and where the elders live."""

    streets: tuple = (STREET,)
    water: tuple = ()
    stations: tuple = ((*STATION, "operating"),)
    others: tuple = ()
    home: tuple = HOME
    neighbours: tuple = ()
    grade: float | None = None
    circle: str = CARE


def station(number, x, y, stage, roles="community_station"):
    return (f"F{number}", f"站{number}", roles, stage, x, y)


def assessed(folder, place):
    """Write the files of a place and assess them."""
    facilities = [station(i, *one) for i, one in enumerate((*place.stations, *place.others), 1)]
    more = ""
    if place.grade is not None:
        more = '[elevation]\npath = "dem.tif"\n'
    file = write_study(
        folder,
        facilities=facilities,
        elders=[("home", ELDERS, *place.home, ""), *place.neighbours],
        circles=[place.circle],
        more=more,
    )
    if place.grade is not None:
        write_slope(folder / "dem.tif", place.grade)
    roads = [(line, {"highway": "residential", **tags}) for line, tags in place.streets]
    write_osm(
        folder / "roads.osm", [*roads, *((line, {"waterway": "river"}) for line in place.water)]
    )
    text = file.read_text(encoding="utf-8").replace("roads.geojson", "roads.osm")
    file.write_text(text, encoding="utf-8")
    return Stages(read_study(file))


def write_osm(file, ways):
    """Write ways; those that share a drawn point share its node."""
    number = {}
    for line, _ in ways:
        for spot in line:
            number.setdefault(spot, len(number) + 1)
    rows = ['<osm version="0.6">']
    for spot, node in number.items():
        lon, lat = degrees(*spot)
        rows.append(f'<node id="{node}" lon="{lon!r}" lat="{lat!r}"/>')
    for way_id, (line, tags) in enumerate(ways, 1):
        refs = "".join(f'<nd ref="{number[spot]}"/>' for spot in line)
        told = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        rows.append(f'<way id="{way_id}">{refs}{told}</way>')
    file.write_text("\n".join([*rows, "</osm>"]), encoding="utf-8")


def write_slope(file, grade):
    """Write heights that rise evenly to the east."""
    (west, south), (east, north) = degrees(-400, -1400), degrees(6400, 1400)
    columns, rows = 680, 40
    height = np.tile((100 + grade * 10.0 * np.arange(columns)).astype(np.float32), (rows, 1))
    place = Affine((east - west) / columns, 0, west, 0, (south - north) / rows, north)
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=place,
    ) as raster:
        raster.write(height, 1)


BANKS = (
    ([(-100, 100), (500, 100), (2900, 100), (4000, 100)], {}),
    ([(-100, -100), (500, -100), (2900, -100)], {}),
    ([(2900, 100), (2900, -100)], {"bridge": "yes"}),
)
BRIDGE = ([(500, 100), (500, -100)], {"bridge": "yes"})
NORTH, SOUTH = (500, 100), (500, -100)
CLIMB = ([(-100, 0), (500, 0), (6100, 0)], {})
STAIRS = ([(500, 0), (500, 400)], {"highway": "steps"})
FOOTWAY = ([(500, 0), (500, 400)], {"highway": "footway"})
APART = ([(0, -300), (500, -300), (2400, -300)], {})
PATH = ([(500, -300), (500, 0)], {"highway": "path"})
CROSSROADS = ([(-100, 0), (100, 0), (6100, 0)], {})
LANE = ([(1600, -500), (1600, 0)], {})
LANE_STREET = ([(-100, 0), (1600, 0), (6100, 0)], {})
LOWER = ([(180, -200), (180, 0)], {"highway": "steps"})
LOWER_STREET = ([(-100, 0), (180, 0), (6100, 0)], {})
LONGER = CARE.replace("minutes = 15", "minutes = 16")
SPEED_STREET = ([(100, 0), (100, -465)], {})

PLANTED = {
    # reason, remedy, minutes with it, and the same place without the cause
    "barrier": (
        Place(
            BANKS, water=([(-100, 0), (2850, 0)],), stations=((*NORTH, "operating"),), home=SOUTH
        ),
        Place(
            (*BANKS, BRIDGE),
            water=([(-100, 0), (2850, 0)],),
            stations=((*NORTH, "operating"),),
            home=SOUTH,
        ),
        "new_path",
        200 / 60,
    ),
    "stairs": (
        Place((CLIMB, STAIRS), stations=((500, 0, "operating"),), home=(500, 400)),
        Place((CLIMB, FOOTWAY), stations=((500, 0, "operating"),), home=(500, 400)),
        "stair_lift",
        400 / 60,
    ),
    "slope": (
        Place((CLIMB,), stations=((500, 0, "operating"),), home=(80, 0), grade=0.15),
        Place((CLIMB,), stations=((500, 0, "operating"),), home=(80, 0), grade=0.0),
        "stair_lift",
        420 / 60,
    ),
    "not_operating": (
        Place((CLIMB,), stations=((2900, 0, "operating"), (600, 0, "finished")), home=(300, 0)),
        Place((CLIMB,), stations=((2900, 0, "operating"), (600, 0, "operating")), home=(300, 0)),
        "open_built",
        300 / 60,
    ),
    "wrong_service": (
        Place((CROSSROADS, BEND), others=((100, -200, "operating", "town_centre"),)),
        Place((CROSSROADS, BEND), others=((100, -200, "operating"),)),
        "contract",
        300 / 60,
    ),
    "component": (
        Place((CLIMB, APART), stations=((500, 0, "operating"),), home=(500, -300)),
        Place((CLIMB, APART, PATH), stations=((500, 0, "operating"),), home=(500, -300)),
        "new_path",
        300 / 60,
    ),
    "speed": (
        Place((CROSSROADS, SPEED_STREET), stations=((565, 0, "operating"),), home=(100, -465)),
        Place(
            (CROSSROADS, SPEED_STREET),
            stations=((565, 0, "operating"),),
            home=(100, -465),
            circle=LONGER,
        ),
        "outreach",
        930 / 1.11 / 60,
    ),
    "distance": (
        Place((CLIMB,), stations=((1400, 0, "operating"),), home=(50, 0)),
        Place((CLIMB,), stations=((600, 0, "operating"),), home=(50, 0)),
        "new_station",
        0.0,
    ),
    "no_facility_in_unit": (
        Place((LANE_STREET, LANE), stations=((1000, 0, "operating"),), home=(1600, -500)),
        Place(
            (LANE_STREET, LANE),
            stations=((1000, 0, "operating"), (1600, -100, "operating")),
            home=(1600, -500),
        ),
        "new_station",
        0.0,
    ),
}


def gap_of(result):
    assert len(result.gaps) == 1
    return result.gaps.iloc[0]


def sufficing(result):
    rows = result.gap_reasons
    return rows.loc[rows["suffices"], "reason"].tolist()


@pytest.mark.parametrize("cause", PLANTED)
def test_the_planted_cause_alone_is_named(tmp_path, cause):
    place, _, remedy, minutes = PLANTED[cause]
    result = assessed(tmp_path, place)
    gap = gap_of(result)
    assert (gap["elders"], gap["status"], gap["reasons"]) == (ELDERS, "uncovered", cause)
    assert sufficing(result) == [cause]
    assert (gap["remedy"], gap["remedy_elders"]) == (remedy, ELDERS)
    assert gap["remedy_minutes"] == pytest.approx(minutes, abs=0.2)


@pytest.mark.parametrize("cause", PLANTED)
def test_without_the_cause_there_is_no_gap(tmp_path, cause):
    result = assessed(tmp_path, PLANTED[cause][1])
    assert result.gaps.empty
    assert result.gap_reasons.empty
    assert set(result.access["status"]) <= {"covered", "uncovered"}


def test_what_suffices_only_together_is_combined(tmp_path):
    """200 m of stairs and 320 m uphill: 600 + 800 s; 200 + 800 or 600 + 320 are too long."""
    uphill = Place(
        (LOWER_STREET, LOWER), stations=((500, 0, "operating"),), home=(180, -200), grade=0.15
    )
    result = assessed(tmp_path / "both", uphill)
    gap = gap_of(result)
    assert gap["minutes"] == pytest.approx(1400 / 60, abs=0.2)
    assert (gap["reasons"], gap["remedy"]) == ("combined", "new_station")
    assert (gap["remedy_elders"], gap["remedy_minutes"]) == (ELDERS, pytest.approx(0))
    tried = result.gap_reasons.set_index("reason")["minutes_without"]
    assert tried["stairs"] == pytest.approx(1000 / 60, abs=0.2)
    assert tried["slope"] == pytest.approx(920 / 60, abs=0.2)
    # Take one of the two away, and the other suffices.
    stairs = ([(180, -320), (180, 0)], {"highway": "steps"})
    level = replace(uphill, streets=(LOWER_STREET, stairs), home=(180, -320), grade=None)
    assert gap_of(assessed(tmp_path / "stairs", level))["reasons"] == "stairs"


def test_several_causes_that_each_suffice_are_all_named(tmp_path):
    """Over the river, and a station not open yet on this bank."""
    place = Place(
        BANKS,
        water=([(-100, 0), (2850, 0)],),
        stations=((*NORTH, "operating"), (800, -100, "finished")),
        home=SOUTH,
    )
    gap = gap_of(assessed(tmp_path, place))
    assert gap["reasons"] == "not_operating;barrier"
    assert (gap["remedy"], gap["remedy_minutes"]) == (
        "open_built",
        pytest.approx(300 / 60, abs=0.1),
    )


def test_a_station_of_the_unit_that_is_far_is_one_of_the_unit(tmp_path):
    """Then the unit has one, and it is not that which makes the gap."""
    place = PLANTED["no_facility_in_unit"][0]
    near = replace(place, stations=(*place.stations, (2900, 0, "operating")))
    result = assessed(tmp_path, near)
    assert gap_of(result)["reasons"] == "combined"


def test_a_remedy_tells_of_those_whom_it_covers(tmp_path):
    """A station in the middle of three hamlets that no road joins serves one of them."""
    place = Place(
        (
            ([(-100, 0), (50, 0), (6100, 0)], {}),
            ([(50, 400), (2450, 400)], {}),
            ([(50, -400), (2450, -400)], {}),
        ),
        stations=((1400, 0, "operating"),),
        home=(50, 0),
        neighbours=(("north", 30, 50, 400, ""), ("south", 30, 50, -400, "")),
    )
    gap = gap_of(assessed(tmp_path, place))
    assert (gap["elders"], gap["reasons"], gap["remedy"]) == (100, "distance", "new_station")
    assert (gap["remedy_elders"], gap["remedy_minutes"]) == (ELDERS, pytest.approx(0.0))


def test_few_elders_are_proposed_a_stop(tmp_path):
    place = PLANTED["distance"][0]
    result = assessed(tmp_path, place)
    assert gap_of(result)["remedy"] == "new_station"
    file = tmp_path / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n[limits]\nstation_elders = {ELDERS + 1}\n", encoding="utf-8")
    assert Stages(read_study(file)).gaps["remedy"].tolist() == ["mobile_stop"]


def test_without_roads_only_what_needs_none_is_tried(tmp_path):
    straight = CARE.replace('"standard"', '"straight_line"')
    file = write_study(
        tmp_path, circles=[straight], roads=False, elders=[("home", ELDERS, 1400, 0, "")]
    )
    result = Stages(read_study(file))
    assert gap_of(result)["reasons"] == "distance"
    assert set(result.gap_reasons["reason"]) == {
        "not_operating",
        "wrong_service",
        "speed",
        "distance",
    }
