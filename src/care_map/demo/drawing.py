"""Roads as they are drawn: nodes that are shared or not, ways with OSM tags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from care_map.demo.plane import Floats

__all__ = ["NOT_FOR_WALKING", "Drawing", "Way", "curve"]

NOT_FOR_WALKING = frozenset({"motorway", "motorway_link"})


@dataclass(frozen=True, slots=True)
class Way:
    """One way: numbers of its nodes in order, and its tags."""

    nodes: tuple[int, ...]
    tags: dict[str, str]

    @property
    def highway(self) -> str:
        """The class of the road, empty for rivers and railways."""
        return self.tags.get("highway", "")

    @property
    def closed(self) -> bool:
        """Whether the way ends where it starts."""
        return self.nodes[0] == self.nodes[-1]


@dataclass(slots=True)
class Drawing:
    """Nodes and ways in the order in which they were drawn."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)

    def node(self, x: float, y: float, /, **tags: str) -> int:
        """Add a node and return its number."""
        self.x.append(float(x))
        self.y.append(float(y))
        number = len(self.x) - 1
        if tags:
            self.node_tags[number] = tags
        return number

    def nodes(self, points: Iterable[Sequence[float]] | Floats) -> list[int]:
        """Add a node for each point and return their numbers."""
        return [self.node(point[0], point[1]) for point in points]

    def way(self, nodes: Sequence[int], /, **tags: str) -> None:
        """Add a way along nodes that are drawn already."""
        self.ways.append(Way(tuple(nodes), tags))

    def link(
        self, start: int, end: int, between: Floats | None = None, /, **tags: str
    ) -> list[int]:
        """Add a way from node to node over new nodes at the points between; return its nodes."""
        inner = [] if between is None else self.nodes(between)
        path = [start, *inner, end]
        self.way(path, **tags)
        return path

    def point(self, node: int) -> Floats:
        """Return a node's place."""
        return np.array([self.x[node], self.y[node]])

    def points(self, nodes: Sequence[int]) -> Floats:
        """Return the places of nodes, shape ``(n, 2)``."""
        return np.column_stack([[self.x[n] for n in nodes], [self.y[n] for n in nodes]])


def curve(corners: Floats, *, step_m: float = 60.0) -> list[Floats]:
    """Return the points between corners of a smooth curve through them.

    Parameters
    ----------
    corners
        ``(n, 2)`` points that the curve passes, n at least 2.
    step_m
        Distance of points, about.

    Returns
    -------
    list of array
        For each of the ``n - 1`` pieces the points between its two corners, ``(k, 2)``.
    """
    padded = np.vstack([2 * corners[0] - corners[1], corners, 2 * corners[-1] - corners[-2]])
    pieces = []
    for before, start, end, after in zip(
        padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True
    ):
        count = max(int(np.hypot(*(end - start)) // step_m), 1)
        t = (np.arange(1, count) / count)[:, None]
        # Catmull-Rom: through the corners, and no kinks at them.
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return pieces
