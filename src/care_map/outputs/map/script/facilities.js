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

// All are painted by one layer, so that those that count lie on top; a group's own layer is
// empty and only says whether the group is switched on.
function facilityView(map) {
  const groups = data.facilityGroups
    .filter((group) => data.facilities.some((facility) => facility.group === group.id))
    .map((group) => ({ id: group.id, title: group.title, layer: L.layerGroup() }));
  const shelf = new Shelf(facilityThings());
  const on = (facility) => groups.some((group) => group.id === facility.group && map.hasLayer(group.layer));
  const paint = (context, things, place, zoom) => {
    paintFacilities(context, things.filter((thing) => on(thing.facility)), place, zoom);
  };
  const layer = new PaintedTiles(() => shelf, paint, { pane: "facilities", margin: 14 });
  return { groups, shelf, on, layer };
}

function facilityRadius(zoom) {
  const crowded = data.facilities.length > 1200 ? 1.2 : 0;
  return Math.max(2.2, Math.min(8, 3.9 + (zoom - 11) * 0.75 - crowded));
}

function paintFacilities(context, things, place, zoom) {
  const radius = facilityRadius(zoom);
  const rank = ({ facility }) => 2 * countsNow(facility) + facility.operating;
  const order = [...things].sort((a, b) => rank(a) - rank(b));
  for (const thing of order) {
    const [x, y] = place([thing.x, thing.y]);
    const counts = countsNow(thing.facility);
    context.globalAlpha = counts ? 1 : 0.5;
    drawFacility(context, x, y, counts ? radius : radius * 0.8, thing.facility);
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

// The facility under a point of the map, or null; of the nearest, one that counts goes first.
function facilityAt(map, view, point) {
  const [x, y] = pixel([point.lat, point.lng]);
  const reach = HIT_PX / 2 ** map.getZoom();
  const box = [x - reach, y - reach, x + reach, y + reach];
  const near = view.shelf.within(box)
    .filter((thing) => view.on(thing.facility))
    .map((thing) => ({ thing, distance: Math.hypot(thing.x - x, thing.y - y) }))
    .filter((hit) => hit.distance <= reach)
    .sort((a, b) => a.distance - b.distance || countsNow(b.thing.facility) - countsNow(a.thing.facility));
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
