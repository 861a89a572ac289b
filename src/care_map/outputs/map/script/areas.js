// Service areas of the chosen circle and profile: for the eye, who is inside is decided by minutes.

const AREA_FILL = "rgba(11, 122, 111, .13)";
const AREA_LINE = "rgba(9, 98, 90, .85)";

function areasNow() {
  return (data.areas || {})[keyNow()] || [];
}

function areaLayer() {
  const kept = { key: "", shelf: null };
  const shelf = () => {
    if (kept.key !== keyNow()) {
      kept.key = keyNow();
      kept.shelf = new Shelf(areasNow().flatMap((area) => area.shape.map(areaThing)));
    }
    return kept.shelf;
  };
  return new PaintedTiles(shelf, paintAreas, { pane: "areas" });
}

function areaThing(polygon) {
  const rings = polygon.map((ring) => decode(ring).map(pixel));
  const box = rings[0].reduce((whole, [x, y]) => grow(whole, [x, y, x, y]), null);
  return { rings, box };
}

function paintAreas(context, things, place) {
  context.beginPath();
  for (const ring of things.flatMap((thing) => thing.rings)) {
    ring.map(place).forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
  }
  context.fillStyle = AREA_FILL;
  context.fill("evenodd");
  context.setLineDash([4, 3]);
  context.lineWidth = 1;
  context.strokeStyle = AREA_LINE;
  context.stroke();
}
