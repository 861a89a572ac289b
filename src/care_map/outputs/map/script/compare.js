// The comparison page: differences by unit, who wins and who loses, what came and what went.

const NUMBERS = ["elders", "covered", "uncovered", "low", "high", "median"];
const STEPS = [
  { below: -0.1, colour: "#a9612a" },
  { below: -0.02, colour: "#e8b57a" },
  { below: -0.0005, colour: "#f7e6cc" },
  { below: 0.0005, colour: "#f4f4f1" },
  { below: 0.02, colour: "#d7e2f2" },
  { below: 0.1, colour: "#86a2d1" },
  { below: Infinity, colour: "#2f559f" },
];
const GAIN = "#2f559f";
const LOSS = "#c8691b";
const CHANGES = { new: "#0b6e63", closed: "#c8351d", moved: "#7a4fa3", changed: "#8a8d94" };
const GAP_CHANGES = { opened: "#c8351d", larger: "#c8351d", closed: "#0b6e63", smaller: "#0b6e63" };
const DISC_PX = 20;
const UNKNOWN_UNIT = "#edece5";
const PANES = { units: 400, cells: 410, water: 420, roads: 430, border: 440, gaps: 620, places: 630 };
const state = {
  circle: data.circles.length ? data.circles[0].id : "",
  reading: 0,
  group: data.groups.some((group) => group.id === "all") ? "all" : (data.groups[0] || { id: "" }).id,
  level: data.level,
  sort: { column: "net", descending: true },
};

function circleShown() {
  return data.circles.find((circle) => circle.id === state.circle) || { title: "", readings: [] };
}

function rowsShown() {
  const rows = data.figures[`${state.circle}|${state.reading}|${state.group}`] || [];
  return rows.map((row) => {
    const figures = { unit: data.units[row[0]], index: row[0] };
    NUMBERS.forEach((name, at) => {
      figures[name] = [row[1 + 2 * at], row[2 + 2 * at]];
    });
    const [gained, lost] = row.slice(1 + 2 * NUMBERS.length);
    return { ...figures, gained, lost, net: figures.covered[1] - figures.covered[0] };
  });
}

function difference(pair) {
  return known(pair[0]) && known(pair[1]) ? pair[1] - pair[0] : null;
}

function stepColour(rate) {
  return known(rate) ? STEPS.find((step) => rate < step.below).colour : null;
}

function signed(number) {
  if (!known(number)) return t("none");
  return number > 0 ? `+${count(number)}` : count(number).replace("-", "−");
}

function tenths(number) {
  return known(number) ? number.toFixed(1) : t("none");
}

function points(share) {
  if (!known(share)) return t("none");
  const shown = (share * 100).toFixed(1);
  return share > 0 ? `+${shown}` : shown.replace("-", "−");
}

function tone(number) {
  if (!number) return "";
  return number > 0 ? "gain" : "loss";
}

function start(id) {
  const map = makeMap(id);
  const view = makeView(map);
  const bounds = wholeBounds();
  if (bounds) map.fitBounds(bounds, { padding: [14, 14], maxZoom: 16 });
  renderLists(map);
  render(map, view);
  // On a phone the legend would hide the map that it explains.
  if (window.innerWidth <= 800) document.querySelector("details.card").open = false;
  return map;
}

function makeMap(id) {
  const map = L.map(id, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 19, minZoom: 3, fadeAnimation: false, center: [0, 0], zoom: 3 });
  L.control.attribution({ prefix: "Leaflet" }).addTo(map);
  L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  for (const [name, level] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    if (!["gaps", "places"].includes(name)) pane.style.pointerEvents = "none";
  }
  map.getPane("units").style.opacity = 0.88;
  return map;
}

function makeView(map) {
  const view = {
    units: unitTiles(differenceFill, { colour: "#8d929c", width: 0.8 }),
    cells: new PaintedTiles(cellShelf(), paintCells, { pane: "cells", margin: DISC_PX }),
    roads: L.layerGroup(),
    facilities: L.layerGroup(data.facilities.filter((one) => one.point).map(facilityMark)),
    gaps: L.layerGroup(),
  };
  if (Object.keys(data.roads).length) view.roads.addLayer(lineLayer(data.roads, ROADS, "roads"));
  if (Object.keys(data.barriers).length) view.roads.addLayer(lineLayer(data.barriers, BARRIERS, "water"));
  if (data.outline.length) L.polyline(data.outline.map(decode), { pane: "border", color: "#2b2f36", weight: 1.6, interactive: false }).addTo(map);
  const layers = { units: view.units, cells: view.cells, facilities: view.facilities, gaps: view.gaps, roads: view.roads };
  const overlays = {};
  for (const [name, layer] of Object.entries(layers)) {
    layer.addTo(map);
    overlays[t(`layer_${name}`)] = layer;
  }
  const control = L.control.layers(null, overlays, { position: "topright" }).addTo(map);
  control.getContainer().querySelector("a").title = t("layers");
  map.on("click", ({ latlng }) => {
    const index = map.hasLayer(view.units) ? unitUnder([latlng.lat, latlng.lng], state.level) : null;
    if (known(index)) openUnit(map, index, latlng);
  });
  return view;
}

function wholeBounds() {
  const found = data.outline.flatMap(decode);
  if (!found.length) found.push(...data.units.filter((unit) => unit.point).map((unit) => latLng(unit.point)));
  if (!found.length) found.push(...[...data.facilities, ...data.gaps].filter((one) => one.point).map((one) => latLng(one.point)));
  if (!found.length) found.push(...Object.values(data.cells).flat().map(latLng));
  return found.length ? L.latLngBounds(found) : null;
}

function render(map, view) {
  const rows = rowsShown();
  renderChoices(map, view);
  renderFigures(rows.find((row) => row.unit.level === "all"));
  view.units.redraw();
  placeGaps(map, view);
  view.cells._things = cellShelf();
  view.cells.redraw();
  renderTable(map, view, rows);
  renderLegend();
}

function choice(title, options, chosen, change) {
  const listed = options.map((one) => el("option", { value: one.id, selected: String(one.id) === String(chosen) }, one.title));
  return el("label", {}, el("small", {}, title), el("select", { on: { change: (event) => change(event.target.value) } }, ...listed));
}

function renderChoices(map, view) {
  const set = (changes) => {
    Object.assign(state, changes);
    map.closePopup();
    render(map, view);
  };
  const readings = circleShown().readings.map((reading, id) => ({ id, title: reading.title }));
  const parts = [
    choice(t("circle"), data.circles, state.circle, (circle) => set({ circle, reading: 0 })),
    choice(t("profile"), readings, state.reading, (reading) => set({ reading: Number(reading) })),
    choice(t("group"), data.groups, state.group, (group) => set({ group })),
  ];
  if (data.levels.length > 1) parts.push(choice(t("level"), data.levels, state.level, (level) => set({ level })));
  const focused = [...byId("choices").querySelectorAll("select")].indexOf(document.activeElement);
  byId("choices").replaceChildren(...parts);
  if (focused >= 0) byId("choices").querySelectorAll("select")[focused].focus();
}

function renderFigures(whole) {
  if (!whole) {
    byId("figures").replaceChildren(el("p", { class: "note" }, t("no_figures")));
    return;
  }
  const heads = ["", t("before"), t("after"), t("more")].map((text) => el("th", { scope: "col" }, text));
  const line = (title, pair, show, more) => el("tr", {}, el("th", { scope: "row" }, title), el("td", {}, show(pair[0])), el("td", {}, show(pair[1])), more);
  const cell = (number, text) => el("td", { class: tone(number) }, text);
  const rate = (share) => (known(share) ? `${percent(share)}%` : t("none"));
  const body = [
    line(t("rate"), whole.low, rate, cell(difference(whole.low), points(difference(whole.low)))),
    line(t("covered"), whole.covered, count, cell(whole.net, signed(whole.net))),
    line(t("uncovered"), whole.uncovered, count, el("td", {}, signed(difference(whole.uncovered)))),
    line(t("elders"), whole.elders, count, el("td", {}, signed(difference(whole.elders)))),
    line(t("median"), whole.median, tenths, el("td", {}, tenths(difference(whole.median)).replace("-", "−"))),
  ];
  const table = el("table", { class: "duo" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...body));
  const reading = circleShown().readings[state.reading] || {};
  const said = [];
  if (known(whole.gained)) said.push(el("p", {}, el("span", { class: "gain" }, t("gained", { count: count(whole.gained) })), " · ", el("span", { class: "loss" }, t("lost", { count: count(whole.lost) }))));
  if (state.group === "all" && known(reading.costEach)) said.push(el("p", {}, t("cost_each", { cost: count(data.cost), each: count(reading.costEach) })));
  if (state.group === "all" && known(reading.closed)) said.push(el("p", { class: "note" }, t("gap_counts", { closed: reading.closed, opened: reading.opened })));
  byId("figures").replaceChildren(table, ...said);
}

function differenceFill() {
  const colours = new Map(rowsShown().map((row) => [row.index, stepColour(difference(row.low))]));
  return ({ index }) => colours.get(index) || UNKNOWN_UNIT;
}

function openUnit(map, index, at) {
  const row = rowsShown().find((one) => one.index === index);
  const name = el("h3", {}, data.units[index].name);
  const body = row
    ? el("dl", {}, ...[
      [t("rate"), `${rateText(row.low[0])} → ${rateText(row.low[1])} (${points(difference(row.low))})`],
      [t("covered"), `${count(row.covered[0])} → ${count(row.covered[1])} (${signed(row.net)})`],
      [t("elders"), `${count(row.elders[0])} → ${count(row.elders[1])}`],
      [t("gained_head"), known(row.gained) ? count(row.gained) : t("none")],
      [t("lost_head"), known(row.lost) ? count(row.lost) : t("none")],
    ].flatMap(([title, text]) => [el("dt", {}, title), el("dd", {}, text)]))
    : el("p", { class: "note" }, t("no_figures"));
  popup(map, at || latLng(data.units[index].point), el("div", { class: "place" }, name, body));
}

function rateText(share) {
  return known(share) ? `${percent(share)}%` : t("none");
}

function popup(map, at, content) {
  L.popup({ maxWidth: 320, autoPanPadding: [30, 30] }).setLatLng(at).setContent(content).openOn(map);
}

function circleMark(place, colour, radius, pane) {
  return L.circleMarker(latLng(place.point), { pane, radius, color: "#fff", weight: 2, fillColor: colour, fillOpacity: 1 });
}

function facilityMark(facility) {
  return circleMark(facility, CHANGES[facility.change], 8, "places").bindPopup(() => facilityCard(facility));
}

function facilityCard(facility) {
  const said = [facility.roles.join(" · "), t(`facility_${facility.change}`)];
  if (facility.stages[0] !== facility.stages[1] && facility.stages[0] && facility.stages[1]) said.push(facility.stages.join(" → "));
  if (facility.beds[0] !== facility.beds[1] && known(facility.beds[1])) said.push(t("beds", { before: count(facility.beds[0]), after: count(facility.beds[1]) }));
  if (known(facility.metres)) said.push(t("metres", { metres: count(facility.metres) }));
  return el("div", { class: "place" }, el("h3", {}, facility.name), ...said.filter(Boolean).map((line) => el("p", {}, line)));
}

function gapCard(gap) {
  const elders = t("gap_elders", { before: count(gap.elders[0] || 0), after: count(gap.elders[1] || 0) });
  return el("div", { class: "place" }, el("h3", {}, gap.name || gap.unit), el("p", {}, t(`gap_${gap.change}`)), el("p", {}, elders));
}

function placeGaps(map, view) {
  const mine = data.gaps.filter((gap) => gap.circle === state.circle);
  view.gaps.clearLayers();
  mine.filter((gap) => gap.point).forEach((gap) => {
    const mark = circleMark(gap, "#fff", 6, "gaps").setStyle({ color: GAP_CHANGES[gap.change], fillOpacity: 0.65, weight: 2.5 });
    view.gaps.addLayer(mark.bindPopup(() => gapCard(gap)));
  });
  listPlaces(map, "gaps", mine, (gap) => [GAP_CHANGES[gap.change], t("pair", { what: t(`gap_${gap.change}`), name: t("gap_line", { name: gap.name || gap.unit, before: count(gap.elders[0] || 0), after: count(gap.elders[1] || 0) }) })], gapCard);
}

function renderLists(map) {
  const line = (note) => el("li", { class: note.kind }, note.text);
  const notes = data.notes.filter((note) => note.kind !== "change").map(line);
  const changes = data.notes.filter((note) => note.kind === "change").map(line);
  byId("scenario").hidden = !changes.length;
  byId("scenario").querySelector("summary").textContent = t("changes", { count: count(changes.length) });
  byId("scenario").querySelector("ul").replaceChildren(...changes);
  byId("notes").replaceChildren(...(notes.length ? notes : [el("li", { class: "note" }, t("nothing"))]));
  listPlaces(map, "facilities", data.facilities, (one) => [CHANGES[one.change], t("pair", { what: t(`facility_${one.change}`), name: one.name })], facilityCard);
}

const MOST_LISTED = 60;

function listPlaces(map, id, places, words, card) {
  const lines = places.slice(0, MOST_LISTED).map((place) => {
    const [colour, text] = words(place);
    const mark = el("i", { class: "mark", style: `background:${colour}` });
    if (!place.point) return el("li", {}, mark, text);
    const go = () => {
      map.setView(latLng(place.point), Math.max(map.getZoom(), 14));
      popup(map, latLng(place.point), card(place));
    };
    return el("li", {}, el("button", { type: "button", on: { click: go } }, mark, text));
  });
  if (places.length > MOST_LISTED) lines.push(el("li", { class: "note" }, t("more_listed", { count: places.length - MOST_LISTED })));
  byId(id).replaceChildren(...(lines.length ? lines : [el("li", { class: "note" }, t("nothing"))]));
}

// Who wins and who loses in a square: the area of a disc is their number, its sectors are which.
function cellShelf() {
  const cells = state.group === "all" ? data.cells[`${state.circle}|${state.reading}`] || [] : [];
  const most = cells.reduce((top, cell) => Math.max(top, cell[2] + cell[3]), 1);
  const things = cells.map(([lon, lat, gained, lost]) => {
    const [x, y] = pixel(latLng([lon, lat]));
    const radius = Math.max(4, Math.sqrt((gained + lost) / most) * DISC_PX);
    return { gained, lost, x, y, radius, box: [x, y, x, y] };
  });
  const shelf = new Shelf(things);
  return () => shelf;
}

function paintCells(context, things, place) {
  for (const { x, y, gained, lost, radius } of things) {
    const [px, py] = place([x, y]);
    const turn = (gained / (gained + lost)) * 2 * Math.PI;
    sector(context, px, py, radius, 0, turn, GAIN);
    sector(context, px, py, radius, turn, 2 * Math.PI, LOSS);
    if (radius > 10) write(context, px, py, String(gained + lost));
  }
}

function sector(context, x, y, radius, from, to, colour) {
  if (to <= from) return;
  context.beginPath();
  context.moveTo(x, y);
  context.arc(x, y, radius, from - Math.PI / 2, to - Math.PI / 2);
  context.closePath();
  context.globalAlpha = 0.85;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

function write(context, x, y, text) {
  context.font = "600 10px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = "#fff";
  context.fillText(text, x, y);
}

const COLUMNS = [
  ["name", (row) => row.unit.name, (row) => row.unit.name],
  ["net", (row) => signed(row.net), (row) => row.net],
  ["gained_head", (row) => count(row.gained), (row) => row.gained || 0],
  ["lost_head", (row) => count(row.lost), (row) => row.lost || 0],
  ["rate_before", (row) => rateText(row.low[0]), (row) => row.low[0]],
  ["rate_after", (row) => rateText(row.low[1]), (row) => row.low[1]],
  ["points", (row) => points(difference(row.low)), (row) => difference(row.low)],
  ["covered_before", (row) => count(row.covered[0]), (row) => row.covered[0]],
  ["covered_after", (row) => count(row.covered[1]), (row) => row.covered[1]],
  ["elders", (row) => count(row.elders[1]), (row) => row.elders[1]],
];

function renderTable(map, view, rows) {
  const mine = rows.filter((row) => row.unit.level === state.level);
  const key = (COLUMNS.find(([name]) => name === state.sort.column) || COLUMNS[1])[2];
  const turn = state.sort.descending ? -1 : 1;
  const worth = (row) => (known(key(row)) ? key(row) : -Infinity);
  mine.sort((a, b) => {
    const [one, two] = [worth(a), worth(b)];
    if (typeof one === "string") return turn * one.localeCompare(two);
    return turn * (one - two) || b.elders[1] - a.elders[1];
  });
  const heads = COLUMNS.map(([name]) => {
    const sorted = state.sort.column === name;
    const order = state.sort.descending ? "descending" : "ascending";
    const press = () => {
      state.sort = { column: name, descending: sorted ? !state.sort.descending : name !== "name" };
      renderTable(map, view, rowsShown());
    };
    return el("th", { scope: "col", "aria-sort": sorted ? order : false }, el("button", { type: "button", class: "plain", on: { click: press } }, t(name), sorted ? (state.sort.descending ? " ▼" : " ▲") : ""));
  });
  byId("head").replaceChildren(el("tr", {}, ...heads));
  byId("rows").replaceChildren(...mine.map((row) => {
    const cells = COLUMNS.slice(1).map(([name, show, value]) => el("td", { class: ["net", "points"].includes(name) ? tone(value(row)) : "" }, show(row)));
    const go = () => {
      const bounds = unitBounds(row.index);
      if (bounds) map.fitBounds(bounds, { padding: [30, 30], maxZoom: 15 });
      if (row.unit.point) openUnit(map, row.index, latLng(row.unit.point));
    };
    return el("tr", {}, el("th", { scope: "row" }, el("button", { type: "button", class: "plain", on: { click: go } }, row.unit.name)), ...cells);
  }));
}

function renderLegend() {
  const bars = STEPS.map((step) => el("i", { style: `background:${step.colour}` }));
  const marks = STEPS.slice(0, -1).map((step, at) => el("span", {}, [2, 3].includes(at) ? "" : points(step.below)));
  const scale = el("div", { class: "scale" }, el("h3", {}, t("legend_units")), el("div", { class: "bars" }, ...bars), el("div", { class: "marks" }, ...marks));
  const keys = [
    ...Object.entries(CHANGES).filter(([change]) => data.facilities.some((one) => one.change === change))
      .map(([change, colour]) => el("span", {}, el("i", { class: "disc", style: `background:${colour}` }), t(`facility_${change}`))),
  ];
  const gaps = new Set(data.gaps.filter((gap) => gap.circle === state.circle).map((gap) => gap.change));
  for (const change of Object.keys(GAP_CHANGES).filter((name) => gaps.has(name))) {
    keys.push(el("span", {}, el("i", { class: "disc", style: `border:3px solid ${GAP_CHANGES[change]}` }), t(`gap_${change}`)));
  }
  if (Object.keys(data.cells).length) {
    keys.push(el("span", {}, el("i", { class: "disc", style: `background:${GAIN}` }), t("gained_head")));
    keys.push(el("span", {}, el("i", { class: "disc", style: `background:${LOSS}` }), t("lost_head")));
    keys.push(el("small", {}, t("legend_cells", { size: data.cellSize })));
  }
  byId("legend").replaceChildren(scale, el("div", { class: "keys" }, ...keys));
}
