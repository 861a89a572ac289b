// Units: coloured by the low end of the rate, named where there is room.

const CLASSES = [
  { below: 0.2, colour: "#a9612a" },
  { below: 0.4, colour: "#e09a4a" },
  { below: 0.6, colour: "#fae3bf" },
  { below: 0.75, colour: "#c7d5eb" },
  { below: 0.9, colour: "#86a2d1" },
  { below: Infinity, colour: "#3f63a8" },
];
const HATCH = ["#eceae4", "#bdbab2"];
const NAME_SHIFTS = [0, 20, -20];

// A rate that is mostly open has no colour: its low end would read as a finding.
const OPEN_RATE = 0.5;

function rateKnown(figures) {
  return Boolean(figures) && known(figures.low) && !(known(figures.high) && figures.high - figures.low > OPEN_RATE);
}

function rateColour(figures) {
  if (!rateKnown(figures)) return null;
  return CLASSES.find((entry) => figures.low < entry.below).colour;
}

// The unit that the card is about has a line of its own.
function unitView() {
  return {
    layer: unitTiles(unitFill, { colour: "#fff", width: 1 }),
    mark: L.polyline([], { pane: "mark", color: "#111827", weight: 2.5, interactive: false }),
  };
}

function unitFill() {
  const colours = new Map(unitsNow().map((entry) => [entry.index, rateColour(entry.figures)]));
  return ({ index }) => colours.get(index) || HATCH;
}

// Discs of elders are read against a paler ground.
function shadeUnits(map) {
  map.getPane("units").style.opacity = layerOn("cells") ? 0.3 : 0.85;
}

function markUnit(view) {
  const chosen = layerOn("units") ? chosenUnit() : null;
  view.mark.setLatLngs(known(chosen) ? ringsOf(chosen).polygons.flat().map((ring) => [...ring, ring[0]]) : []);
}

function unitFigures(index) {
  const entry = unitsNow().find((row) => row.index === index);
  return entry ? entry.figures : null;
}

function unitTip(index) {
  const unit = data.units[index];
  return el("div", {}, el("b", {}, unit.name), ` ${rateRange(unitFigures(index))}`);
}

function unitPlace(index) {
  const unit = data.units[index];
  return unit.point ? { at: latLng(unit.point), node: card("", ...unitFacts(index)) } : null;
}

// What is known of a unit for the chosen circle, profile and group.
function unitFacts(index) {
  const unit = data.units[index];
  const figures = unitFigures(index);
  const title = el("h3", {}, unit.name, el("small", {}, [unit.parent, unit.setting].filter(Boolean).join(t("list"))));
  if (!figures) return [title, el("p", { class: "note" }, t("no_figures")), ...clauseFacts(unit)];
  const priority = priorityOf(index);
  return [
    title,
    el("p", { class: "big" }, el("b", {}, rateRange(figures)), t("of_elders", { n: count(figures.elders) })),
    figures.elders ? stackedBar(figures) : "",
    figureList([
      [t("uncovered"), figures.uncovered],
      [t("priority"), priority ? priority.uncovered : ""],
      [t("undetermined"), figures.undetermined],
      [t("median"), known(figures.median) ? decimal(figures.median) : ""],
      [t("any_title"), known(figures.any) && figures.any !== figures.covered ? figures.any : ""],
      [t("paths"), known(figures.paths) ? pathScore(figures) : ""],
    ]),
    ...clauseFacts(unit),
  ];
}

function priorityOf(index) {
  const kept = (data.priority || {})[keyNow()];
  const row = kept && kept.units.find((one) => one[0] === index);
  const gains = trialGains();
  const gain = gains && gains.units.get(index);
  return row ? { elders: row[1], uncovered: row[2] - (gain ? gain.priority : 0), undetermined: row[3] } : null;
}

function clauseFacts(unit) {
  const lines = (unit.clauses || []).map((clause) => el(
    "li",
    { class: clause.answer, title: [clause.cite, clause.strengthTitle].filter(Boolean).join(" ") },
    el("span", {}, clause.title),
    el("b", {}, clause.answerTitle),
  ));
  return section(t("clauses"), lines.length ? el("ul", { class: "lines clauses" }, ...lines) : "");
}

// Names are set where they run into no gap and no other name, units with most elders first.
function placeNames(map, layer) {
  layer.clearLayers();
  const taken = shownGaps().filter((gap) => gap.point).map((gap) => boxAround(map, latLng(gap.point), 12, 11));
  const entries = unitsNow().filter((entry) => entry.unit.point);
  const weight = (entry) => (entry.figures ? entry.figures.elders || 0 : 0);
  for (const { unit } of entries.sort((a, b) => weight(b) - weight(a))) {
    const half = textWidth(unit.name) / 2 + 3;
    if (half * 2 > unitWidth(map, unit)) continue;
    const free = NAME_SHIFTS.map((shift) => ({ shift, box: boxAround(map, latLng(unit.point), half, 8, shift) }))
      .find(({ box }) => !taken.some((other) => meets(other, box)));
    if (!free) continue;
    taken.push(free.box);
    layer.addLayer(nameMarker(latLng(unit.point), unit.name, free.shift));
  }
}

function boxAround(map, at, width, height, shift = 0) {
  const { x, y } = map.latLngToLayerPoint(at);
  return [x - width, y + shift - height, x + width, y + shift + height];
}

function textWidth(name) {
  return [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e80 ? 12 : 6.6), 0);
}

// Half as wide again as the unit is what a name may be: it stays readable to whom it belongs.
function unitWidth(map, unit) {
  const [south, west, , east] = ringsOf(UNIT_INDEX.get(unit.id)).box;
  return (map.latLngToLayerPoint([south, east]).x - map.latLngToLayerPoint([south, west]).x) * 1.5;
}

function nameMarker(at, name, shift) {
  const icon = L.divIcon({ className: "unit-name", html: el("span", {}, name), iconSize: [0, 0], iconAnchor: [0, -shift] });
  return L.marker(at, { icon, pane: "names", interactive: false, keyboard: false });
}
