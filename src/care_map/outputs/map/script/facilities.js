// Facilities: a shape and colour a group, solid where they operate, dashed and hollow elsewhere.

const FACILITY_STYLE = {
  care: { colour: "#0b7a6f", draw: drawDisc },
  meal: { colour: "#8a3c9c", draw: drawDiamond },
  medical: { colour: "#b3123f", draw: drawCross },
  other: { colour: "#5b6270", draw: drawDisc },
};
const HIT_PX = 12;

function facilityThings() {
  return data.facilities.map((facility) => {
    const [x, y] = pixel(latLng(facility.point));
    return { facility, x, y, box: [x, y, x, y] };
  });
}

// One layer a group, so that each can be switched off.
function facilityLayers() {
  const things = facilityThings();
  return data.facilityGroups
    .map((group) => ({ group, things: things.filter((thing) => thing.facility.group === group.id) }))
    .filter((entry) => entry.things.length)
    .map(({ group, things: mine }) => {
      const shelf = new Shelf(mine);
      const layer = new PaintedTiles(() => shelf, paintFacilities, { pane: "facilities", margin: 14 });
      return { group, shelf, layer };
    });
}

function facilityRadius(zoom) {
  const crowded = data.facilities.length > 1200 ? 1.2 : 0;
  return Math.max(2.2, Math.min(8, 3.9 + (zoom - 11) * 0.75 - crowded));
}

function paintFacilities(context, things, place, zoom) {
  const radius = facilityRadius(zoom);
  const order = [...things].sort((a, b) => countsNow(a.facility) - countsNow(b.facility));
  for (const thing of order) {
    const [x, y] = place([thing.x, thing.y]);
    context.globalAlpha = countsNow(thing.facility) ? 1 : 0.42;
    drawFacility(context, x, y, radius, thing.facility);
  }
  context.globalAlpha = 1;
}

function drawFacility(context, x, y, radius, facility) {
  const style = FACILITY_STYLE[facility.group];
  style.draw(context, x, y, radius);
  context.setLineDash(facility.operating ? [] : [2, 1.6]);
  context.lineWidth = facility.operating ? 1.4 : 1.5;
  context.fillStyle = facility.operating ? style.colour : "#fff";
  context.strokeStyle = facility.operating ? "#fff" : style.colour;
  if (facility.operating) context.stroke();
  context.fill();
  if (!facility.operating) context.stroke();
}

function drawDisc(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function drawDiamond(context, x, y, radius) {
  const r = radius * 1.15;
  polygonPath(context, [[x, y - r], [x + r, y], [x, y + r], [x - r, y]]);
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

// The facility under a point of the map, or null; only of layers that are switched on.
function facilityAt(map, layers, point) {
  const [x, y] = pixel([point.lat, point.lng]);
  const reach = HIT_PX / 2 ** map.getZoom();
  const box = [x - reach, y - reach, x + reach, y + reach];
  const near = layers
    .filter((entry) => map.hasLayer(entry.layer))
    .flatMap((entry) => entry.shelf.within(box))
    .map((thing) => ({ thing, distance: Math.hypot(thing.x - x, thing.y - y) }))
    .filter((hit) => hit.distance <= reach)
    .sort((a, b) => a.distance - b.distance);
  return near.length ? near[0].thing.facility : null;
}

function facilityCard(facility) {
  const stage = facility.operating ? facility.stage : t("not_operating", { stage: facility.stage || t("none") });
  const lines = [
    [t("types"), facility.roles.join(t("list"))],
    [t("stage"), stage],
    [t("unit"), facility.unit],
    ...Object.entries(facility.details || {}).map(([name, value]) => [t(name), value]),
  ];
  return el(
    "div",
    { class: "place" },
    el("h3", {}, facility.name),
    facility.outside ? el("p", { class: "note" }, t("outside_area")) : "",
    factList(lines),
  );
}

function factList(lines) {
  const filled = lines.filter(([, value]) => known(value) && value !== "");
  return el("dl", {}, ...filled.flatMap(([name, value]) => [
    el("dt", {}, name),
    el("dd", {}, typeof value === "number" ? value.toLocaleString("en-US") : String(value)),
  ]));
}
