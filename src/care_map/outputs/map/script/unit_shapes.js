// Shapes of units: painted, found under a place, and how far they reach.

const unitShelves = new Map();

function unitShelf(level) {
  if (!unitShelves.has(level)) {
    const things = (unit, index) => (unit.level === level ? unit.shape.map((polygon) => asPolygon(polygon, { index })) : []);
    unitShelves.set(level, new Shelf(data.units.flatMap(things)));
  }
  return unitShelves.get(level);
}

// Units of the chosen level, opaque, and over the edges of their tiles, which would show where a
// pixel of the page is none of the screen. What lies below shines through by the pane's opacity.
function unitTiles(fill, line) {
  const paint = (context, things, place) => {
    fillPolygons(context, things, place, fill());
    strokePolygons(context, things, place, line);
  };
  return new PaintedTiles(() => unitShelf(state.level), paint, { pane: "units", overlap: 1 });
}

// Shapes of a unit in degrees; a box first, as most units are elsewhere.
const unitRings = new Map();

function ringsOf(index) {
  if (!unitRings.has(index)) {
    const polygons = data.units[index].shape.map((polygon) => polygon.map(decode));
    const box = polygons.flatMap((rings) => rings[0]).reduce((whole, [x, y]) => grow(whole, [x, y, x, y]), null);
    unitRings.set(index, { polygons, box });
  }
  return unitRings.get(index);
}

function unitBounds(index) {
  if (!data.units[index].shape.length) return null;
  const [south, west, north, east] = ringsOf(index).box;
  return L.latLngBounds([south, west], [north, east]);
}

// The unit of a level that a place lies in, or null.
function unitUnder(at, level) {
  const found = data.units.findIndex((unit, index) => {
    if (unit.level !== level || !unit.shape.length) return false;
    const { polygons, box } = ringsOf(index);
    return meets(box, [...at, ...at]) && polygons.some((rings) => rings.filter((ring) => inRing(ring, at)).length % 2 === 1);
  });
  return found < 0 ? null : found;
}

function inRing(ring, [y, x]) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[yi, xi], [yj, xj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
