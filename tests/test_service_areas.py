"""Service areas: for the eye, but not untrue."""

import numpy as np
import pytest
import shapely
from small_study import CARE, CORNER, write_study

import care_map as cm
from care_map.outputs.map.geometry import GEOGRAPHIC
from care_map.outputs.map.payload import map_payload
from care_map.projections import transformer

FOOT = 'profile = "standard"\nminutes = 15'
BOTH = f'id = "both"\nrequire = [["community_station"], ["community_health_centre"]]\n{FOOT}'
SPLIT = (
    'id = "split"\nrequire = [["community_station"]]\n'
    'urban = { profile = "standard", minutes = 15 }\n'
    'rural = { profile = "standard", minutes = 50 }'
)
MEALS = (
    f'id = "meals"\nrequire = [["meal_point"]]\n{FOOT}\n'
    'delivery = { types = ["community_health_centre"], profile = "standard", minutes = 5 }'
)


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    folder = tmp_path_factory.mktemp("street")
    facilities = [
        ("F1", "站", "community_station", "operating", 500, 0),
        ("F3", "卫生服务中心", "community_health_centre", "operating", 1500, 0),
    ]
    file = write_study(folder, circles=[CARE, BOTH, SPLIT, MEALS], facilities=facilities)
    text = (folder / "facilities.csv").read_text(encoding="utf-8").splitlines()
    delivers = ("delivers", "", "是")
    rows = [f"{row},{cell}" for row, cell in zip(text, delivers, strict=True)]
    (folder / "facilities.csv").write_text("\n".join(rows), encoding="utf-8")
    return cm.assess(cm.read_study(file))


def area(result, circle, setting=""):
    table = result.service_areas
    mine = (table["circle"] == circle) & (table["setting"] == setting)
    (shape,) = table.geometry[mine & (table["profile"] == "standard")]
    return shapely.transform(shape, lambda xy: xy - CORNER)


def along(shape):
    """Return from where to where the street is inside."""
    left, _, right, _ = shapely.intersection(shape, shapely.LineString([(0, 0), (6000, 0)])).bounds
    return left, right


def test_the_street_is_inside_as_far_as_one_walks(street):
    left, right = along(area(street, "care"))
    assert left == pytest.approx(0, abs=1)
    assert right == pytest.approx(1400, abs=40)


def test_a_conjunction_is_what_both_reach(street):
    left, right = along(area(street, "both"))
    assert left == pytest.approx(600, abs=40)
    assert right == pytest.approx(1400, abs=40)


def test_each_rule_holds_in_the_units_of_its_setting(street):
    urban, rural = area(street, "split", "urban"), area(street, "split", "rural")
    assert along(urban)[1] == pytest.approx(1400, abs=40)
    left, right = along(rural)
    # The border of the rural town is at 3000; 50 minutes from 500 end at 3500.
    assert left == pytest.approx(3000, abs=1)
    assert right == pytest.approx(3500, abs=40)
    assert shapely.area(shapely.intersection(urban, rural)) < 1


def test_who_is_delivered_to_is_inside(street):
    # Nobody walks to a meal point; five minutes round the one that delivers.
    left, right = along(area(street, "meals"))
    assert left == pytest.approx(1200, abs=40)
    assert right == pytest.approx(1800, abs=40)


def test_minutes_and_settings_are_the_rules(street):
    rows = street.service_areas[["circle", "profile", "setting", "minutes"]].to_records(index=False)
    assert set(map(tuple, rows.tolist())) >= {
        ("care", "standard", "", 15.0),
        ("care", "elder", "", 15.0),
        ("split", "standard", "urban", 15.0),
        ("split", "standard", "rural", 50.0),
    }
    assert street.service_areas.crs == street.crs
    assert street.service_areas.geometry.is_valid.all()


def test_lists_alone_have_no_areas(tmp_path):
    nowhere = [("F1", "站", "community_station", "operating", None, None)]
    file = write_study(tmp_path, facilities=nowhere, elders=None, units="names")
    result = cm.assess(cm.read_study(file))
    assert result.service_areas.empty
    assert result.lattice is None


def test_points_of_the_lattice_lie_on_their_side(demo_result):
    """Nearly all points agree with the polygons; the others are within two cells of the line."""
    lattice, table = demo_result.lattice, demo_result.service_areas
    x, y = transformer("EPSG:4326", demo_result.crs).transform(lattice.lon, lattice.lat)
    for circle in lattice.circles:
        mine = (table["circle"] == circle.circle) & (table["profile"] == circle.profile)
        shape = shapely.union_all(table.geometry[mine].to_numpy())
        shapely.prepare(shape)
        known = circle.status != "undetermined"
        inside = shapely.contains_xy(shape, x, y)
        wrong = known & (inside != (circle.status == "covered"))
        assert wrong[known].mean() < 0.02
        assert inside.any()


def test_the_page_shows_what_the_table_has_but_for_detail(street):
    shown = map_payload(street)["areas"]
    table = street.service_areas.to_crs(GEOGRAPHIC)
    assert set(shown) == set(table["circle"] + "|" + table["profile"])
    for key, entries in shown.items():
        circle, profile = key.split("|")
        rows = table[(table["circle"] == circle) & (table["profile"] == profile)]
        assert [one["setting"] for one in entries] == rows["setting"].tolist()
        for entry, exact in zip(entries, rows.geometry, strict=True):
            drawn = shapely.union_all([_polygon(rings) for rings in entry["shape"]])
            apart_m = 111_320 * shapely.hausdorff_distance(drawn, exact)
            assert apart_m < 30


def _polygon(rings):
    shell, *holes = (np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / 1e5 for flat in rings)
    return shapely.Polygon(shell, holes)
