"""Places and findings that the tests of several readers need."""

import shapely


def square(west, south, side=0.01):
    """Return a square in degrees as WKT, quoted for CSV."""
    return f'"{shapely.box(west, south, west + side, south + side).wkt}"'


def told(problem, *names):
    """Return fields of a finding's message."""
    return tuple(problem.values[name] for name in names)
