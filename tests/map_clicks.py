"""The page's payload read back as the page reads it: a click, its lattice point, its answer.

Written from the description in docs/map.md, with nothing of the package.
"""

import base64
import bisect

import numpy as np

KINDS = {1: "<u1", 2: "<u2", 4: "<u4"}


def unpacked(text, size):
    """Return an array of whole numbers of so many bytes each."""
    return np.frombuffer(base64.b64decode(text), KINDS[size]).astype(np.int64)


class Clicks:
    """What a page can answer of clicks, as its script does it."""

    def __init__(self, payload):
        """Unpack the arrays once."""
        self.payload, self.lattice = payload, payload["lattice"]
        self.cells = [unpacked(grid["cells"], 4).tolist() for grid in self.lattice["grids"]]
        self.setting = unpacked(self.lattice["setting"], 1)
        k, size = self.lattice["k"], self.lattice["facilityBytes"]
        self.facility = [
            unpacked(p["facility"], size).reshape(-1, k) for p in self.lattice["parts"]
        ]
        self.minutes = [unpacked(p["minutes"], 2).reshape(-1, k) for p in self.lattice["parts"]]
        self.status = {
            key: unpacked(circle["status"], 1) for key, circle in self.lattice["circles"].items()
        }

    def points(self):
        """Return longitude and latitude of all points, in their order."""
        found = []
        for grid, cells in zip(self.lattice["grids"], self.cells, strict=True):
            found += [self._middle(grid, cell) for cell in cells]
        return np.array(found)

    def point_of(self, lon, lat):
        """Return number, longitude and latitude of the lattice point of a click, else None."""
        for grid, cells in zip(self.lattice["grids"], self.cells, strict=True):
            at = self._in_cell(grid, cells, *self._cell(grid, lon, lat))
            if at is not None:
                return at
        grid, cells = self.lattice["grids"][-1], self.cells[-1]
        column, row = self._cell(grid, lon, lat)
        around = [
            self._in_cell(grid, cells, column + dx, row + dy)
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
        ]
        near = [at for at in around if at is not None]
        squeeze = np.cos(np.radians(lat))
        return min(
            near,
            key=lambda at: np.hypot((at[1] - lon) * squeeze, at[2] - lat),
            default=None,
        )

    def answer(self, key, point):
        """Return for each part the facilities' ids and minutes, and whether there is no road."""
        circle = self.lattice["circles"][key]
        return [self._times(number, point) for number in circle["parts"]]

    def _times(self, number, point):
        told = self.minutes[number][point]
        names = [
            self.payload["facilities"][row]["id"] if value < self.lattice["noRoad"] else None
            for row, value in zip(self.facility[number][point], told, strict=True)
        ]
        minutes = [
            value / self.lattice["perMinute"]
            for value in told.tolist()
            if value < self.lattice["noRoad"]
        ]
        return [name for name in names if name], minutes, told[0] == self.lattice["noRoad"]

    def _cell(self, grid, lon, lat):
        column = int(np.floor((lon - grid["lon0"]) / grid["dlon"]))
        return column, int(np.floor((lat - grid["lat0"]) / grid["dlat"]))

    def _in_cell(self, grid, cells, column, row):
        if not (0 <= column < grid["columns"] and 0 <= row < grid["rows"]):
            return None
        cell = row * grid["columns"] + column
        place = bisect.bisect_left(cells, cell)
        if place == len(cells) or cells[place] != cell:
            return None
        return (grid["first"] + place, *self._middle(grid, cell))

    def _middle(self, grid, cell):
        row, column = divmod(cell, grid["columns"])
        return (
            grid["lon0"] + (column + 0.5) * grid["dlon"],
            grid["lat0"] + (row + 0.5) * grid["dlat"],
        )
