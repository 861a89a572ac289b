// Facilities: a shape and colour a group, solid where they operate, hollow where they do not yet.

const FACILITY_STYLE = {
  care: { colour: "#0b7a6f", draw: drawDisc },
  meal: { colour: "#8a3c9c", draw: drawDiamond },
  medical: { colour: "#b3123f", draw: drawCross },
  other: { colour: "#5b6270", draw: drawDisc },
  candidate: { colour: "#7a4a00", draw: drawSquare },
};
const BUILT = ["finished", "accepted", "suspended"];
const CROWD = 300;
const CROWD_ZOOM = 13.5;
const HIT_PX = window.matchMedia("(pointer: coarse)").matches ? 9 : 5;

// Facilities, and sites that could become one, each at its place.
function siteThings() {
  const thing = (site) => {
    const [x, y] = pixel(latLng(site.point));
    return { ...site, x, y, box: [x, y, x, y] };
  };
  return [
    ...(data.candidates || []).map((candidate) => thing({ candidate, point: candidate.point })),
    ...data.facilities.map((facility) => thing({ facility, point: facility.point })),
  ];
}

function facilityView() {
  const shelf = new Shelf(siteThings());
  const paint = (context, things, place, zoom) => paintSites(context, things.filter((thing) => siteOn(thing, zoom)), place, zoom);
  return { shelf, layer: new PaintedTiles(() => shelf, paint, { pane: "facilities", margin: 14 }) };
}

// Where there are many, those that do not count wait until there is room for them.
function crowded(zoom) {
  return data.facilities.length > CROWD && zoom < CROWD_ZOOM;
}

function siteOn({ candidate, facility }, zoom) {
  if (candidate) return layerOn("candidates") || onTrial(candidate);
  if (crowded(zoom) && !countsNow(facility)) return false;
  return layerOn(stageNow(facility) === "operating" ? `facilities-${facility.group}` : "planned");
}

function facilityRadius(zoom) {
  const smaller = data.facilities.length > 1200 ? 1.2 : (crowded(zoom) ? 0.8 : 0);
  return Math.max(2.2, Math.min(8, 3.9 + (zoom - 11) * 0.75 - smaller));
}

function paintSites(context, things, place, zoom) {
  const radius = facilityRadius(zoom);
  const rank = ({ facility }) => (facility ? 2 * countsNow(facility) + (stageNow(facility) === "operating") : -1);
  for (const thing of [...things].sort((a, b) => rank(a) - rank(b))) {
    const [x, y] = place([thing.x, thing.y]);
    const counts = thing.candidate || countsNow(thing.facility);
    context.globalAlpha = counts ? 1 : 0.5;
    if (thing.candidate) drawSite(context, x, y, radius, "candidate", onTrial(thing.candidate) ? "operating" : "candidate");
    else drawSite(context, x, y, counts ? radius : radius * 0.8, thing.facility.group, stageNow(thing.facility));
  }
  context.globalAlpha = 1;
}

// Solid: in operation. Hollow: built, but not in operation. Hollow and dashed: not yet built.
function drawSite(context, x, y, radius, group, stage) {
  const style = FACILITY_STYLE[group];
  const solid = stage === "operating";
  style.draw(context, x, y, solid ? radius : radius + 0.4);
  context.setLineDash(solid || BUILT.includes(stage) || stage === "candidate" ? [] : [1.7, 1.3]);
  context.lineWidth = solid ? 1.2 : 1.4;
  context.fillStyle = solid ? style.colour : "#fff";
  context.strokeStyle = solid ? "#fff" : style.colour;
  if (solid) context.stroke();
  context.fill();
  if (!solid) context.stroke();
}

function drawDisc(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function drawDiamond(context, x, y, radius) {
  const r = radius * 1.15;
  polygonPath(context, [[x, y - r], [x + r, y], [x, y + r], [x - r, y]]);
}

function drawSquare(context, x, y, radius) {
  const r = radius * 0.85;
  polygonPath(context, [[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]]);
}

function drawCross(context, x, y, radius) {
  const r = radius * 1.05;
  const a = r * 0.38;
  const signs = [[-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a], [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a]];
  polygonPath(context, signs.map(([dx, dy]) => [x + dx, y + dy]));
}

function polygonPath(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

// The facility or candidate under a point of the map, or null; of the nearest, one that counts.
function siteAt(map, view, point) {
  const [x, y] = pixel([point.lat, point.lng]);
  const reach = (facilityRadius(map.getZoom()) + HIT_PX) / 2 ** map.getZoom();
  const rank = ({ facility }) => (facility ? 1 + countsNow(facility) : 0);
  const near = view.facilities.shelf.within([x - reach, y - reach, x + reach, y + reach])
    .filter((thing) => siteOn(thing, map.getZoom()))
    .map((thing) => ({ thing, distance: Math.hypot(thing.x - x, thing.y - y) }))
    .filter((hit) => hit.distance <= reach)
    .sort((a, b) => a.distance - b.distance || rank(b.thing) - rank(a.thing));
  return near.length ? near[0].thing : null;
}

function siteCardName({ facility, candidate }) {
  return candidate ? `candidate:${candidate.id}` : `facility:${facility.id}`;
}
