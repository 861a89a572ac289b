// The A3 sheet: the live map, its legend and figures in a layout for paper, and the way back.

const SHEET_GAPS = 14;
const METRES_PER_PX = 0.0254 / 96;
const SMALLEST_TYPE_PX = 6;
const SCALE_STEPS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5];
const BAR_STEPS = [0.8, 2, 4, 8];

// Metres of ground under a pixel of the page, at a latitude and a zoom.
function groundPerPx(lat, zoom) {
  return (2 * Math.PI * 6378137 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** zoom);
}

function zoomOfScale(lat, scale) {
  return Math.log2(groundPerPx(lat, 0) / (scale * METRES_PER_PX));
}

function roundUp(number, steps) {
  const ten = 10 ** Math.floor(Math.log10(number));
  const step = [...steps, 10].find((one) => one * ten >= number * 0.9999);
  return step * ten;
}

function roundDown(number, steps) {
  const ten = 10 ** Math.floor(Math.log10(number));
  return [...steps].reverse().find((one) => one * ten <= number * 1.0001) * ten;
}

function scaleNow(map) {
  return groundPerPx(map.getCenter().lat, map.getZoom()) / METRES_PER_PX;
}

function sheetSubtitle() {
  const title = (list, id) => (list.find((one) => one.id === id) || { title: "" }).title;
  const level = title(data.levels, state.level);
  const quarter = known(state.quarter) ? (data.quarters || [])[state.quarter] : null;
  return [
    title(data.circles, state.circle),
    title(profilesNow(), state.profile),
    title(data.groups, state.group),
    level ? t("sheet_level", { level }) : "",
    quarter ? quarter.title : "",
  ].filter(Boolean).join(t("sheet_between"));
}

function sheetGap(gap) {
  return el(
    "tr",
    {},
    el("td", {}, el("span", { class: gap.undetermined ? "number open" : "number" }, String(gap.rank))),
    el("th", { scope: "row" }, gapTitle(gap), el("small", {}, gapReasons(gap))),
    el("td", { class: "figure" }, count(gap.elders)),
    el("td", {}, gap.remedy || t("none")),
  );
}

// As many gaps as the sheet has room for; how many there are is said.
function fillGaps() {
  const { gaps } = gapsNow();
  const list = byId("sheet-gaps");
  const rows = gaps.slice(0, SHEET_GAPS).map(sheetGap);
  list.replaceChildren(...rows);
  const room = byId("sheet-side");
  while (rows.length > 1 && room.scrollHeight > room.clientHeight) rows.pop().remove();
  byId("sheet-gaps-note").textContent = gaps.length
    ? t("sheet_gaps_of", { n: rows.length, all: count(gaps.length) })
    : t("gaps_none");
}

// Small type before a lost sentence; what even that has no room for is counted.
function fitAssumptions() {
  const box = byId("sheet-assumptions");
  if (!box) return;
  const lines = [...box.querySelectorAll("li")];
  lines.forEach((line) => { line.hidden = false; });
  byId("sheet-more").textContent = "";
  const full = () => box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth;
  for (let size = 10; size >= SMALLEST_TYPE_PX; size -= 0.5) {
    box.style.fontSize = `${size}px`;
    if (!full()) return;
  }
  let left = 0;
  for (const line of lines.reverse()) {
    if (!full()) break;
    line.hidden = true;
    left += 1;
    byId("sheet-more").textContent = t("sheet_more", { n: left });
  }
}

function drawScale(map) {
  const metre = 1 / groundPerPx(map.getCenter().lat, map.getZoom());
  const length = roundDown(230 / metre, BAR_STEPS);
  const unit = length >= 1000 ? 1000 : 1;
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => el("span", {}, String((length * part) / unit)));
  marks[4].append(` ${t(unit === 1 ? "unit_metres" : "unit_kilometres")}`);
  const parts = [0, 1, 2, 3].map(() => el("i", {}));
  const bar = el("div", { class: "bar-parts" }, ...parts);
  const names = el("div", { class: "bar-marks" }, ...marks);
  [bar, names].forEach((line) => { line.style.width = `${length * metre}px`; });
  byId("sheet-scale").replaceChildren(bar, names);
  const number = Number(scaleNow(map).toPrecision(3));
  byId("sheet-number").textContent = t("sheet_scale", { n: number.toLocaleString("en-US") });
}

// Takes a node to another place; what it gives back takes it home.
function borrow(node, place) {
  const mark = document.createComment("");
  node.replaceWith(mark);
  place.append(node);
  return () => mark.replaceWith(node);
}

function redrawTiles(map) {
  map.eachLayer((layer) => layer instanceof PaintedTiles && layer.redraw());
}

whenStarted((map, view) => {
  const bar = byId("bar-tools");
  bar.append(
    el("button", { type: "button", id: "copy-link" }, t("link_copy")),
    el("button", { type: "button", id: "print", title: t("print_title"), on: { click: () => open() } }, t("print")),
  );
  let kept = null;

  function open() {
    if (kept) return;
    const bounds = map.getBounds();
    kept = { centre: map.getCenter(), zoom: map.getZoom(), snap: map.options.zoomSnap, home: [] };
    map.closePopup();
    document.body.dataset.print = "";
    byId("preview").hidden = false;
    kept.home.push(borrow(byId("figures"), byId("sheet-figures")));
    kept.home.push(borrow(byId("legend"), byId("sheet-legend")));
    kept.home.push(borrow(map.getContainer(), byId("sheet-map")));
    // Paper cannot be unfolded.
    kept.folded = [...byId("legend").querySelectorAll("details:not([open])")];
    kept.folded.forEach((list) => { list.open = true; });
    byId("sheet-subtitle").textContent = sheetSubtitle();
    map.options.zoomSnap = 0;
    map.scrollWheelZoom.disable();
    sheet.on = true;
    map.invalidateSize({ animate: false, pan: false });
    fitSheet(bounds);
    fillGaps();
    fitAssumptions();
    fitDesk();
    byId("sheet-back").focus();
  }

  // The whole map where it was seen whole, else what was seen, at a round scale.
  function fitSheet(seen) {
    const whole = wholeBounds();
    const wanted = whole && seen.contains(whole) ? whole : seen;
    const centre = wanted.getCenter();
    const zoom = map.getBoundsZoom(wanted, false, L.point(24, 24));
    const scale = roundUp(groundPerPx(centre.lat, zoom) / METRES_PER_PX, SCALE_STEPS);
    setScale(scale, centre);
  }

  function setScale(scale, centre) {
    map.setView(centre, zoomOfScale(centre.lat, scale), { animate: false });
    redrawTiles(map);
    drawScale(map);
  }

  function step(direction) {
    const scale = scaleNow(map);
    const next = direction > 0 ? roundUp(scale * 1.01, SCALE_STEPS) : roundDown(scale * 0.99, SCALE_STEPS);
    setScale(next, map.getCenter());
  }

  function close() {
    if (!kept) return;
    delete document.body.dataset.print;
    byId("preview").hidden = true;
    kept.home.reverse().forEach((back) => back());
    kept.folded.forEach((list) => { list.open = false; });
    map.options.zoomSnap = kept.snap;
    map.scrollWheelZoom.enable();
    sheet.on = false;
    map.invalidateSize({ animate: false, pan: false });
    map.setView(kept.centre, kept.zoom, { animate: false });
    redrawTiles(map);
    kept = null;
    byId("print").focus();
  }

  // The sheet as large as the window allows; paper takes it at its own size.
  function fitDesk() {
    const desk = byId("sheet-desk");
    const part = Math.min(1, (desk.clientWidth - 32) / byId("sheet").offsetWidth);
    byId("sheet").style.setProperty("--fit", Math.max(part, 0.2));
  }

  byId("sheet-back").addEventListener("click", close);
  byId("sheet-print").addEventListener("click", () => window.print());
  byId("sheet-larger").addEventListener("click", () => step(-1));
  byId("sheet-smaller").addEventListener("click", () => step(1));
  byId("preview").addEventListener("keydown", (event) => event.key === "Escape" && close());
  map.on("moveend", () => kept && drawScale(map));
  window.addEventListener("resize", () => kept && fitDesk());

  // Printed without the preview, the page still comes out as the sheet.
  let byItself = false;
  window.addEventListener("beforeprint", () => {
    byItself = !kept;
    open();
  });
  window.addEventListener("afterprint", () => byItself && close());
});
