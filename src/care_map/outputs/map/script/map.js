// The map and the page as one: a choice changes the state, and everything is shown anew.

const PANES = {
  units: 400, areas: 405, cells: 410, water: 420, roads: 430, border: 440, mark: 445, facilities: 450, names: 610, gaps: 620, tools: 640,
};
const CLOSE_ZOOM = 14.5;

function start(id) {
  keepChoices();
  if (window.innerWidth <= 800) byId("legend").parentElement.open = false;
  const map = makeMap(id);
  const view = makeView(map);
  addMapTools(map, view);
  startLayers(map, view);
  startSplit(map, view);
  renderPanels(map, view);
  connect(map, view);
  followFrame(map, view);
  map.invalidateSize({ pan: false });
  // Layers come where the map stays: painted once, and not for the whole world before.
  showWhole(map, view);
  renderMap(map, view);
  if (data.facilities.length || (data.candidates || []).length) view.facilities.layer.addTo(map);
  if (data.outline.length) view.border.addTo(map);
  view.units.mark.addTo(map);
  tell(hooks.changed, map, view);
  tell(hooks.started, map, view);
  followSize(map, view);
  return map;
}

function makeMap(id) {
  const map = L.map(id, {
    zoomControl: false, attributionControl: false, zoomSnap: 0.1, zoomDelta: 0.5, maxZoom: 19, minZoom: 3, center: [0, 0], zoom: 3,
    // Painted tiles are there at once. While tiles fade in Leaflet keeps those of the zoom before,
    // on a slow computer for good: they would shine through.
    fadeAnimation: false,
    ...calmMoves(),
  });
  L.control.attribution({ prefix: "Leaflet" }).addTo(map);
  for (const [name, level] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    if (name !== "gaps") pane.style.pointerEvents = "none";
  }
  return map;
}

function makeView(map) {
  const border = data.outline.map(decode);
  const view = {
    units: unitView(),
    names: L.layerGroup(),
    areas: areaLayer(),
    border: L.polyline(border, { pane: "border", color: "#2b2f36", weight: 1.6, interactive: false }),
    facilities: facilityView(),
    cells: data.cells ? cellLayer() : null,
    gaps: L.layerGroup(),
    roads: Object.keys(data.roads).length ? lineLayer(data.roads, ROADS, "roads") : null,
    water: Object.keys(data.barriers).length ? lineLayer(data.barriers, BARRIERS, "water") : null,
    tiles: onlineTiles(),
    capture: null,
    whole: false,
    fitting: false,
    fitted: null,
  };
  view.popup = makePopup(map, view);
  view.layers = makeLayers(map, view);
  return view;
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

// Until the reader moves the map it shows the whole study, however large its frame becomes: in one
// move, so that the same frame always gives the same view, whatever was seen before.
function showWhole(map, view) {
  const bounds = wholeBounds();
  if (!bounds) return;
  const zoom = Math.min(16, map.getBoundsZoom(bounds, false, L.point(28, 28)));
  const middle = map.project(bounds.getSouthWest(), zoom).add(map.project(bounds.getNorthEast(), zoom)).divideBy(2);
  const corner = middle.subtract(map.getSize().divideBy(2));
  const aside = legendShift(map, bounds, (point) => map.project(point, zoom).subtract(corner));
  view.fitting = true;
  map.setView(map.unproject(middle.subtract([aside, 0]), zoom), zoom, { reset: true });
  view.fitting = false;
  view.whole = true;
  view.fitted = map.getSize();
}

function followFrame(map, view) {
  map.on("movestart", () => {
    view.whole = view.whole && view.fitting;
  });
  new ResizeObserver(() => followSize(map, view)).observe(map.getContainer());
}

function followSize(map, view) {
  const { clientWidth, clientHeight } = map.getContainer();
  // To be told its size anew makes Leaflet round its centre.
  if (!map.getSize().equals([clientWidth, clientHeight])) map.invalidateSize({ pan: false });
  if (view.whole && !map.getSize().equals(view.fitted)) showWhole(map, view);
}

// Where the study would lie under the legend, it moves aside as far as there is free ground.
function legendShift(map, bounds, place) {
  const legend = byId("legend").parentElement;
  if (!legend.open) return 0;
  const ground = map.getContainer().getBoundingClientRect();
  const box = legend.getBoundingClientRect();
  const points = data.outline.flatMap(decode).map(place);
  const beside = points.filter((point) => point.y > box.top - ground.top).map((point) => point.x);
  const hidden = box.right - ground.left + 8 - beside.reduce((a, b) => Math.min(a, b), Infinity);
  const free = ground.width - place(bounds.getNorthEast()).x - 60;
  return Math.max(0, Math.min(hidden, free));
}

function addMapTools(map, view) {
  const bar = byId("tools");
  L.DomEvent.disableClickPropagation(bar);
  addTool({ id: "tool-in", text: "+", label: t("zoom_in"), title: t("zoom_in"), press: () => map.zoomIn(1) });
  addTool({ id: "tool-out", text: "−", label: t("zoom_out"), title: t("zoom_out"), press: () => map.zoomOut(1) });
  addTool({ id: "tool-whole", text: t("home"), title: t("home_tip"), press: () => showWhole(map, view) });
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  L.DomEvent.disableClickPropagation(byId("legend").parentElement);
  L.DomEvent.disableScrollPropagation(byId("legend").parentElement);
}

function connect(map, view) {
  map.on("click", (event) => {
    if (view.capture) view.capture(event);
    else askPlace(map, view, event.latlng);
  });
  if (window.matchMedia("(hover: hover)").matches) startTips(map, view);
  map.on("zoomend", () => placeMarks(map, view));
  startSearch((entry) => openEntry(map, view, entry));
}

// One tip under the pointer: the facility or candidate there, else the unit.
function startTips(map, view) {
  const tip = L.tooltip({ opacity: 1, offset: [12, 0], direction: "right" });
  map.on("mousemove", (event) => {
    const busy = view.capture || map.dragging.moving();
    const site = busy ? null : siteAt(map, view, event.latlng);
    const index = busy || !layerOn("units") ? null : unitUnder([event.latlng.lat, event.latlng.lng], state.level);
    map.getContainer().classList.toggle("over", Boolean(site));
    if (site) tip.setLatLng(event.latlng).setContent(el("b", {}, (site.facility || site.candidate).name)).addTo(map);
    else if (known(index)) tip.setLatLng(event.latlng).setContent(unitTip(index)).addTo(map);
    else tip.remove();
  });
  map.on("mouseout", () => tip.remove());
}

function render(map, view) {
  renderPanels(map, view);
  renderMap(map, view);
  tell(hooks.changed, map, view);
}

function renderPanels(map, view) {
  const change = (changes) => choose(map, view, changes);
  keepFocus(() => {
    renderCircles(change);
    renderChoices(change);
    renderFigures();
    renderKeys((index) => openUnit(map, view, index));
    renderGaps((gap) => openGap(map, view, gap), () => change({ allGaps: !state.allGaps }));
    renderTrial(change);
    renderTableChoices(change);
    renderTable(map, view);
    renderQuarters(change);
  });
  renderSplit();
  renderLegend();
}

function renderMap(map, view) {
  const painted = [view.units.layer, view.facilities.layer, view.areas, view.cells].filter((layer) => layer && map.hasLayer(layer));
  syncLayers(map, view);
  shadeUnits(map);
  placeMarks(map, view);
  painted.filter((layer) => map.hasLayer(layer)).forEach((layer) => layer.redraw());
  showChosen(map, view);
}

// What stands clear of its like: anew at every zoom.
function placeMarks(map, view) {
  placeGaps(map, view.gaps, (gap) => openGap(map, view, gap));
  placeNames(map, view.names);
}

// The map jumps: a card that opens while it glides would not know whether it is seen whole.
function openUnit(map, view, index) {
  const bounds = unitBounds(index);
  if (bounds) map.fitBounds(bounds, { padding: [30, 30], maxZoom: CLOSE_ZOOM, animate: false });
  openCard(map, view, `unit:${data.units[index].id}`);
}

function openGap(map, view, gap) {
  if (!gap.point) return;
  if (gap.circle !== state.circle) choose(map, view, { circle: gap.circle });
  openAt(map, view, gap.point, `gap:${gap.id}`);
}

// The place comes to lie low in the view, so that its card has room above it.
function openAt(map, view, point, name) {
  const zoom = Math.max(map.getZoom(), CLOSE_ZOOM);
  const above = L.point(0, map.getSize().y / 5);
  map.setView(map.unproject(map.project(latLng(point), zoom).subtract(above), zoom), zoom, { animate: false });
  openCard(map, view, name);
}

function openEntry(map, view, entry) {
  const id = entry.card.slice(entry.card.indexOf(":") + 1);
  if (entry.gap) openGap(map, view, entry.gap);
  else if (entry.card.startsWith("unit:")) openUnit(map, view, UNIT_INDEX.get(id));
  else openAt(map, view, [...data.facilities, ...(data.candidates || [])].find((one) => one.id === id).point, entry.card);
}
