"""Grids: everything that a cell touches is listed there; legs are blocked where they cross."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from care_map.network.grid import by_cell, leg_is_blocked, point_grid, segment_grid


def listed(grid, column, row):
    cell = row * grid.columns + column
    return sorted(grid.item[grid.offset[cell] : grid.offset[cell + 1]].tolist())


def cells_of(grid):
    for row in range(grid.rows):
        for column in range(grid.columns):
            x, y = grid.x0 + column * grid.cell_m, grid.y0 + row * grid.cell_m
            yield column, row, shapely.box(x, y, x + grid.cell_m, y + grid.cell_m)


def random_segments(seed, count=40, extent=500.0):
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, extent, (count, 2))
    # Some on cell borders, some upright or level, some of no length.
    start[: count // 4] = np.round(start[: count // 4] / 50) * 50
    end = start + rng.normal(0, 80, (count, 2))
    end[::5, 0] = start[::5, 0]
    end[1::5, 1] = start[1::5, 1]
    end[2::10] = start[2::10]
    return np.column_stack([start, end])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_segment_stands_in_every_cell_that_it_touches(seed):
    segments = random_segments(seed)
    grid = segment_grid(segments, cell_m=50.0)
    tree = shapely.STRtree(shapely.linestrings(segments.reshape(-1, 2, 2)))
    assert len(grid.offset) == grid.columns * grid.rows + 1
    for column, row, box in cells_of(grid):
        items = listed(grid, column, row)
        assert len(set(items)) == len(items)
        assert set(tree.query(box, predicate="intersects").tolist()) <= set(items)
        # And nothing that is far from the cell.
        assert set(items) <= set(tree.query(box, predicate="dwithin", distance=0.01).tolist())


def test_every_point_stands_in_its_cell_once():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-300, 300, 200), rng.uniform(0, 900, 200)
    grid = point_grid(x, y, cell_m=70.0)
    assert sorted(grid.item.tolist()) == list(range(200))
    for column, row, box in cells_of(grid):
        for i in listed(grid, column, row):
            assert box.covers(shapely.Point(x[i], y[i]))


def test_points_on_cell_borders_stand_in_one_cell():
    x = np.array([0.0, 100.0, 200.0, 200.0])
    grid = point_grid(x, x, cell_m=100.0)
    assert (grid.columns, grid.rows) == (3, 3)
    assert [listed(grid, k, k) for k in range(3)] == [[0], [1], [2, 3]]


def test_points_are_put_in_the_order_of_cells_wherever_they_lie():
    rng = np.random.default_rng(6)
    grid = point_grid(*rng.uniform(0, 300, (2, 50)), cell_m=50.0)
    x, y = rng.uniform(-500, 800, (2, 400))
    order = by_cell(x, y, grid)
    assert sorted(order.tolist()) == list(range(400))
    column = np.clip((x - grid.x0) // grid.cell_m, 0, grid.columns - 1)
    row = np.clip((y - grid.y0) // grid.cell_m, 0, grid.rows - 1)
    assert (np.diff((row * grid.columns + column)[order]) >= 0).all()


def test_no_items_make_one_empty_cell():
    for grid in (
        segment_grid(np.empty((0, 4)), cell_m=10.0),
        point_grid(np.empty(0), np.empty(0), cell_m=10.0),
    ):
        assert (grid.columns, grid.rows) == (1, 1)
        assert listed(grid, 0, 0) == []


@pytest.mark.parametrize(
    "segment", [(5, 5, 5, 5), (0, 0, 1e-9, 0), (3, 3, 3, 90), (-7, 4, 80, 4), (80, 50, 1, 2)]
)
def test_one_segment(segment):
    grid = segment_grid(np.array([segment], dtype=float), cell_m=10.0)
    line = shapely.LineString(np.reshape(segment, (2, 2)))
    for column, row, box in cells_of(grid):
        if box.intersects(line):
            assert listed(grid, column, row) == [0]


@pytest.mark.parametrize("far", [1e7, 1e9])
def test_a_wide_extent_has_larger_cells_not_more_of_them(far):
    segments = np.array([[0, 0, 10, 10], [far, far, far + 10, far]], dtype=float)
    grid = segment_grid(segments, cell_m=1.0)
    assert grid.columns * grid.rows < 4_100_000
    assert 0 in listed(grid, 0, 0)
    assert 1 in listed(grid, grid.columns - 1, grid.rows - 1)
    points = point_grid(segments[:, 0], segments[:, 1], cell_m=1.0)
    assert points.columns * points.rows < 4_100_000


# -- legs -------------------------------------------------------------------------------------


def blocked(leg, barriers, cell_m=50.0):
    walls = np.array(barriers, dtype=float).reshape(-1, 4)
    return bool(leg_is_blocked(*map(float, leg), walls, segment_grid(walls, cell_m=cell_m)))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_leg_is_blocked_where_shapely_says_that_it_crosses(seed):
    barriers = random_segments(seed)
    rng = np.random.default_rng(seed)
    lines = shapely.linestrings(barriers.reshape(-1, 2, 2))
    grid = segment_grid(barriers, cell_m=50.0)
    for leg in rng.uniform(-100, 600, (25, 4)):
        line = shapely.LineString(leg.reshape(2, 2))
        expected = bool(shapely.crosses(line, lines).any())
        assert bool(leg_is_blocked(*leg, barriers, grid)) == expected


def test_to_touch_is_not_to_cross():
    wall = [(0, 0, 100, 0)]
    assert blocked((50, -10, 50, 10), wall)
    assert not blocked((50, 10, 50, 0), wall)
    assert not blocked((50, 0, 50, -10), wall)
    assert not blocked((0, -10, 0, 10), wall)
    assert not blocked((20, 0, 60, 0), wall)
    assert not blocked((-50, 0, 150, 0), wall)
    assert not blocked((101, -10, 101, 10), wall)
    assert not blocked((50, 10, 50, 10), wall)


def test_a_leg_far_outside_meets_nothing():
    wall = [(0, 0, 100, 0)]
    assert not blocked((1e7, 1e7, 1e7, 1e7 + 100), wall)
    assert not blocked((-1e7, -5, -1e7, 5), wall)
    assert blocked((50, -1e6, 50, 1e6), wall)


def test_no_barriers_block_nothing():
    assert not blocked((0, 0, 10, 10), [])


def test_a_barrier_of_no_length_blocks_nothing():
    assert not blocked((0, 0, 10, 10), [(5, 5, 5, 5)])
