// The legend, and what this map lacks.

function renderLegend(shown) {
  const parts = [];
  if (shown.units) parts.push(rateScale());
  parts.push(symbols(shown));
  if (shown.cells) parts.push(cellKey());
  if (data.notes.length) parts.push(missingList());
  byId("legend").replaceChildren(...parts);
}

function rateScale() {
  const bars = CLASSES.map((entry) => el("i", { style: `background:${entry.colour}` }));
  const marks = CLASSES.slice(0, -1).map((entry) => el("span", {}, `${Math.round(entry.below * 100)}%`));
  return el(
    "div",
    { class: "scale" },
    el("h3", {}, t("legend_title")),
    el("div", { class: "bars" }, ...bars, el("i", { class: "hatch" })),
    el("div", { class: "marks" }, ...marks, el("span", { class: "none" }, t("legend_none"))),
  );
}

function symbols(shown) {
  const groups = data.facilityGroups.filter((group) => data.facilities.some((one) => one.group === group.id));
  const keys = groups.map((group) => symbolKey({ group: group.id, operating: true }, group.title));
  const others = data.facilities.some((facility) => !facility.operating);
  if (others) keys.push(symbolKey({ group: groups[0].id, operating: false }, t("legend_other")));
  if (shown.gaps) keys.push(el("span", {}, el("b", { class: "gap-key" }, "1"), t("legend_gap")));
  const faint = data.facilities.some((facility) => !countsNow(facility));
  return el("div", { class: "keys" }, ...keys, faint ? el("small", {}, t("legend_faint")) : "");
}

function symbolKey(facility, title) {
  const canvas = el("canvas", { width: 32, height: 32 });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  drawFacility(context, 8, 8, 5, facility);
  return el("span", {}, canvas, title);
}

function cellKey() {
  const names = ["covered", "uncovered", "undetermined"];
  const keys = names.map((name, k) => el("span", {}, el("i", { style: `background:${CELL_COLOURS[k]}` }), t(name)));
  const size = data.cells.size;
  return el("div", { class: "keys" }, ...keys, el("small", {}, t("legend_cells", { size })));
}

function missingList() {
  const lines = data.notes.map((note) => el("li", {}, note));
  const open = !data.circles.length;
  return el("details", { class: "missing", open }, el("summary", {}, `${t("legend_missing")} (${lines.length})`), el("ul", {}, ...lines));
}
