// Units: coloured by the low end of the rate, named where there is room.

const CLASSES = [
  { below: 0.2, colour: "#a9612a" },
  { below: 0.4, colour: "#e09a4a" },
  { below: 0.6, colour: "#fae3bf" },
  { below: 0.75, colour: "#c7d5eb" },
  { below: 0.9, colour: "#86a2d1" },
  { below: Infinity, colour: "#3f63a8" },
];
const HATCH = "no-data";
const SVG = "http://www.w3.org/2000/svg";

function rateColour(figures) {
  if (!figures || !known(figures.low)) return null;
  return CLASSES.find((entry) => figures.low < entry.below).colour;
}

function unitShapes(map) {
  const renderer = L.svg({ pane: "units", padding: 0.5 });
  const layer = L.layerGroup();
  const shapes = new Map();
  data.units.forEach((unit, index) => {
    if (!unit.shape.length) return;
    const rings = unit.shape.map((polygon) => polygon.map(decode));
    const shape = L.polygon(rings, { renderer, pane: "units", bubblingMouseEvents: true });
    shapes.set(index, shape);
  });
  renderer.addTo(map);
  addHatch(map.getPane("units").querySelector("svg"));
  return { layer, shapes };
}

function addHatch(svg) {
  const node = (tag, attributes) => {
    const made = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  };
  const pattern = node("pattern", {
    id: HATCH, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  pattern.append(
    node("rect", { width: 7, height: 7, fill: "#eceae4" }),
    node("rect", { width: 2, height: 7, fill: "#bdbab2" }),
  );
  const defs = node("defs", {});
  defs.append(pattern);
  svg.prepend(defs);
}

// Discs of elders are read against a paler ground.
function unitStyle(figures, chosen, pale) {
  const colour = rateColour(figures);
  return {
    color: chosen ? "#111827" : "#fff",
    weight: chosen ? 2.5 : 1,
    fillColor: colour || `url(#${HATCH})`,
    fillOpacity: pale ? 0.3 : 0.85,
  };
}

function paintUnits(view, pale) {
  const rows = new Map(unitsNow().map((entry) => [entry.index, entry.figures]));
  for (const [index, shape] of view.shapes) {
    if (rows.has(index)) {
      view.layer.addLayer(shape);
      shape.setStyle(unitStyle(rows.get(index), index === state.unit, pale));
    } else view.layer.removeLayer(shape);
  }
  const chosen = view.shapes.get(state.unit);
  if (chosen && rows.has(state.unit) && chosen._map) chosen.bringToFront();
}

function unitFigures(index) {
  const entry = unitsNow().find((row) => row.index === index);
  return entry ? entry.figures : null;
}

function unitTip(index) {
  const figures = unitFigures(index);
  const unit = data.units[index];
  return el("div", {}, el("b", {}, unit.name), ` ${rateRange(figures)}`);
}

function unitCard(index) {
  const unit = data.units[index];
  const figures = unitFigures(index);
  const title = el("h3", {}, unit.name, unit.parent ? el("small", {}, unit.parent) : "");
  if (!figures) return el("div", { class: "place" }, title, el("p", { class: "note" }, t("no_figures")));
  return el("div", { class: "place" }, title, factList([
    [t("setting"), unit.setting],
    [t("rate"), rateRange(figures)],
    [t("elders"), figures.elders],
    [t("covered"), figures.covered],
    [t("uncovered"), figures.uncovered],
    [t("undetermined"), figures.undetermined],
    [t("median"), known(figures.median) ? decimal(figures.median) : ""],
  ]));
}

// Names are set where they do not run into each other, the units with most elders first.
function placeNames(map, layer) {
  layer.clearLayers();
  const taken = [];
  const entries = unitsNow().filter((entry) => entry.unit.point);
  const weight = (entry) => (entry.figures ? entry.figures.elders || 0 : 0);
  for (const entry of entries.sort((a, b) => weight(b) - weight(a))) {
    const at = latLng(entry.unit.point);
    const centre = map.latLngToLayerPoint(at);
    const half = textWidth(entry.unit.name) / 2 + 3;
    const box = [centre.x - half, centre.y - 8, centre.x + half, centre.y + 8];
    if (taken.some((other) => meets(other, box)) || half * 2 > unitWidth(map, entry.unit)) continue;
    taken.push(box);
    layer.addLayer(nameMarker(at, entry.unit.name));
  }
}

function textWidth(name) {
  return [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e80 ? 12 : 6.6), 0);
}

// Half as wide again as the unit is what a name may be: it stays readable to whom it belongs.
function unitWidth(map, unit) {
  const points = unit.shape.flatMap((polygon) => decode(polygon[0]));
  const lons = points.map((point) => point[1]);
  const west = map.latLngToLayerPoint([points[0][0], lons.reduce((a, b) => Math.min(a, b))]);
  const east = map.latLngToLayerPoint([points[0][0], lons.reduce((a, b) => Math.max(a, b))]);
  return (east.x - west.x) * 1.5;
}

function nameMarker(at, name) {
  const icon = L.divIcon({ className: "unit-name", html: el("span", {}, name), iconSize: [0, 0] });
  return L.marker(at, { icon, pane: "names", interactive: false, keyboard: false });
}
