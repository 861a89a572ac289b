"""OSM XML written by hand, and a small town in it."""


def osm(*elements, nodes):
    """Return an OSM XML document; nodes are id → longitude, latitude."""
    drawn = "".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in nodes.items())
    return f'<osm version="0.6">{drawn}{"".join(elements)}</osm>'.encode()


def way(way_id, refs, **tags):
    """Return a way."""
    ends = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    keys = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    return f'<way id="{way_id}">{ends}{keys}</way>'


GRID = {
    10 * row + column: (10 + 0.002 * column, 50 + 0.002 * row)
    for row in range(6)
    for column in range(6)
}


def town(**tags):
    """Return six streets from west to east and six from south to north."""
    tags = {"highway": "residential", **tags}
    across = [way(row + 1, [10 * row + column for column in range(6)], **tags) for row in range(6)]
    along = [
        way(column + 101, [10 * row + column for row in range(6)], **tags) for column in range(6)
    ]
    return [*across, *along]


TOWN = osm(*town(), nodes=GRID)
