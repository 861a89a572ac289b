// The map and the page as one: a choice changes the state, and everything is shown anew.

const PANES = { units: 400, cells: 410, water: 420, roads: 430, border: 440, facilities: 450, names: 610, gaps: 620 };
const CLOSE_ZOOM = 15;

function start(id) {
  keepProfile();
  if (window.innerWidth <= 800) byId("legend").parentElement.open = false;
  const map = makeMap(id);
  const view = makeView(map);
  addControls(map, view);
  const home = wholeBounds();
  addHome(map, home);
  renderLegend(shownNow(map, view));
  showWhole(map, home);
  connect(map, view);
  render(map, view);
  return map;
}

function makeMap(id) {
  const map = L.map(id, {
    zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 19, minZoom: 3, center: [0, 0], zoom: 3,
  });
  L.control.attribution({ prefix: "Leaflet" }).addTo(map);
  for (const [name, level] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    if (name !== "units" && name !== "gaps") pane.style.pointerEvents = "none";
  }
  return map;
}

function makeView(map) {
  const border = data.outline.map(decode);
  return {
    units: unitShapes(map),
    names: L.layerGroup(),
    border: L.polyline(border, { pane: "border", color: "#2b2f36", weight: 1.6, interactive: false }),
    facilities: facilityView(map),
    cells: data.cells ? cellLayer() : null,
    gaps: L.layerGroup(),
    roads: Object.keys(data.roads).length ? lineLayer(data.roads, ROADS, "roads") : null,
    water: Object.keys(data.barriers).length ? lineLayer(data.barriers, BARRIERS, "water") : null,
  };
}

// Only layers that hold something get a switch.
function addControls(map, view) {
  const layers = [
    [view.units.shapes.size && view.units.layer, t("layer_units"), true],
    [view.units.shapes.size && view.names, t("layer_names"), true],
    ...view.facilities.groups.map(({ layer, title }) => [layer, t("layer_facilities", { title }), true]),
    [data.gaps.some((gap) => gap.point) && view.gaps, t("layer_gaps"), true],
    [view.cells, t("layer_cells"), !view.units.shapes.size],
    [view.roads, t("layer_roads"), true],
    [view.water, t("layer_water"), true],
  ].filter(([layer]) => layer);
  layers.filter(([, , on]) => on).forEach(([layer]) => layer.addTo(map));
  if (data.facilities.length) view.facilities.layer.addTo(map);
  if (data.outline.length) view.border.addTo(map);
  L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  if (layers.length) {
    const overlays = Object.fromEntries(layers.map(([layer, title]) => [title, layer]));
    const control = L.control.layers(null, overlays, { position: "topright" }).addTo(map);
    control.getContainer().querySelector("a").title = t("layers");
  }
}

function wholeBounds() {
  const points = data.outline.flatMap(decode);
  if (!points.length) points.push(...data.units.filter((unit) => unit.point).map((unit) => latLng(unit.point)));
  if (!points.length) points.push(...data.facilities.map((facility) => latLng(facility.point)));
  if (!points.length) points.push(...data.gaps.filter((gap) => gap.point).map((gap) => latLng(gap.point)));
  if (!points.length && data.cells) points.push(...data.cells.places.map((place) => latLng(place.slice(2))));
  if (!points.length) points.push(...Object.values(data.roads).flat().map((line) => decode(line)[0]));
  return points.length ? L.latLngBounds(points) : null;
}

// The legend gets ground of its own where that costs next to no size.
function showWhole(map, bounds) {
  if (!bounds) return;
  const edge = 14;
  const beside = byId("legend").parentElement.open ? byId("legend").parentElement.offsetWidth : 0;
  const fits = (left) => map.getBoundsZoom(bounds, false, L.point(2 * edge + left, 2 * edge));
  const left = beside && fits(beside) >= fits(0) - 0.25 ? beside : 0;
  map.fitBounds(bounds, { paddingTopLeft: [edge + left, edge], paddingBottomRight: [edge, edge], maxZoom: 16 });
}

function addHome(map, bounds) {
  if (!bounds) return;
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  const control = L.control({ position: "topright" });
  const back = (event) => {
    event.preventDefault();
    showWhole(map, bounds);
  };
  control.onAdd = () => {
    const link = el("a", { href: "#", role: "button", title: t("home"), "aria-label": t("home"), on: { click: back } }, "⤢");
    const bar = el("div", { class: "leaflet-bar home" }, link);
    L.DomEvent.disableClickPropagation(bar);
    return bar;
  };
  control.addTo(map);
}

function connect(map, view) {
  for (const [index, shape] of view.units.shapes) {
    shape.on("click", (event) => {
      if (!facilityAt(map, view.facilities, event.latlng)) openUnit(map, view, index, event.latlng);
    });
  }
  map.on("click", (event) => {
    const facility = facilityAt(map, view.facilities, event.latlng);
    if (facility) openPopup(map, latLng(facility.point), facilityCard(facility));
  });
  if (window.matchMedia("(hover: hover)").matches) startTips(map, view);
  map.on("zoomend", () => placeNames(map, view.names));
  map.on("overlayadd overlayremove", () => {
    const shown = shownNow(map, view);
    view.facilities.layer.redraw();
    if (shown.units) paintUnits(view.units, shown.cells);
    renderLegend(shown);
  });
  startSearch((entry) => openEntry(map, view, entry));
}

// One tip under the pointer: the facility there, else the unit.
function startTips(map, view) {
  const tip = L.tooltip({ opacity: 1, offset: [12, 0], direction: "right" });
  const indices = new Map([...view.units.shapes].map(([index, shape]) => [shape, index]));
  map.on("mousemove", (event) => {
    const facility = facilityAt(map, view.facilities, event.latlng);
    const index = indices.get(event.sourceTarget);
    map.getContainer().classList.toggle("over", Boolean(facility));
    if (!facility && !known(index)) tip.remove();
    else tip.setLatLng(event.latlng).setContent(facility ? el("b", {}, facility.name) : unitTip(index)).addTo(map);
  });
  map.on("mouseout", () => tip.remove());
}

function shownNow(map, view) {
  return {
    units: map.hasLayer(view.units.layer) && view.units.shapes.size > 0,
    gaps: map.hasLayer(view.gaps) && shownGaps().some((gap) => gap.point),
    cells: Boolean(view.cells) && map.hasLayer(view.cells),
  };
}

function render(map, view) {
  const choose = (changes) => {
    Object.assign(state, changes);
    keepProfile();
    map.closePopup();
    render(map, view);
  };
  renderCircles(choose);
  renderChoices(choose);
  renderFigures();
  renderGaps((gap) => openGap(map, gap), () => choose({ allGaps: !state.allGaps }));
  renderTable(map, view);
  paintUnits(view.units, shownNow(map, view).cells);
  placeGaps(view.gaps, (gap) => openGap(map, gap));
  placeNames(map, view.names);
  view.facilities.layer.redraw();
  if (view.cells) view.cells.redraw();
  renderLegend(shownNow(map, view));
}

function renderTable(map, view) {
  renderHead((column) => {
    const same = state.sort.column === column.id;
    state.sort = { column: column.id, descending: same && !state.sort.descending };
    renderTable(map, view);
    byId("head").querySelector('[aria-sort="ascending"] button, [aria-sort="descending"] button').focus();
  });
  renderRows((index) => openUnit(map, view, index));
}

function openPopup(map, at, card) {
  L.popup({ maxWidth: 300, autoPanPadding: [40, 40] }).setLatLng(at).setContent(card).openOn(map);
}

function openUnit(map, view, index, at = null) {
  const focused = document.activeElement && byId("rows").contains(document.activeElement);
  state.unit = index;
  state.level = data.units[index].level;
  render(map, view);
  showRow();
  if (focused) byId("rows").querySelector("[aria-current] button").focus();
  const shape = view.units.shapes.get(index);
  if (shape && !at) map.fitBounds(shape.getBounds(), { padding: [30, 30], maxZoom: CLOSE_ZOOM });
  if (shape) openPopup(map, at || latLng(data.units[index].point), unitCard(index));
}

function openGap(map, gap) {
  if (!gap.point) return;
  map.setView(latLng(gap.point), Math.max(map.getZoom(), CLOSE_ZOOM));
  openPopup(map, latLng(gap.point), gapCard(gap));
}

function openEntry(map, view, entry) {
  if (known(entry.unit)) {
    openUnit(map, view, entry.unit);
    return;
  }
  const at = latLng(entry.facility.point);
  map.setView(at, Math.max(map.getZoom(), CLOSE_ZOOM));
  openPopup(map, at, facilityCard(entry.facility));
}
