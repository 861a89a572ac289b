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
      kept.shelf = new Shelf(areasNow().flatMap((area) => area.shape.map((polygon) => asPolygon(polygon))));
    }
    return kept.shelf;
  };
  return new PaintedTiles(shelf, paintAreas, { pane: "areas" });
}

function paintAreas(context, things, place) {
  context.beginPath();
  tracePaths(context, things.flatMap((thing) => thing.rings), place, true);
  context.fillStyle = AREA_FILL;
  context.fill("evenodd");
  strokePolygons(context, things, place, { colour: AREA_LINE, width: 1, dash: [4, 3] });
}
