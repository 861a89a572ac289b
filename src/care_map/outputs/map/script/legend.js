// The legend, and what this map lacks.

function renderLegend() {
  const parts = [];
  if (layerOn("units")) parts.push(rateScale());
  parts.push(symbols());
  if (layerOn("cells")) parts.push(cellKey());
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
    el("div", { class: "marks" }, ...marks, el("span", { class: "none", title: t("legend_none_tip") }, t("legend_none"))),
  );
}

function symbols() {
  const groups = data.facilityGroups.filter((group) => layerOn(`facilities-${group.id}`));
  const keys = groups.map((group) => symbolKey(group.id, "operating", group.title));
  if (layerOn("planned")) {
    const group = (groups[0] || data.facilityGroups[0]).id;
    const stages = new Set(data.facilities.map(stageNow));
    if (BUILT.some((stage) => stages.has(stage))) keys.push(symbolKey(group, "accepted", t("legend_built")));
    if (["planned", "siting", "building"].some((stage) => stages.has(stage))) keys.push(symbolKey(group, "planned", t("legend_planned")));
  }
  if (layerOn("candidates")) keys.push(symbolKey("candidate", "candidate", t("candidate")));
  if (layerOn("gaps") && shownGaps().some((gap) => gap.point)) {
    keys.push(el("span", {}, el("b", { class: "gap-key" }, "1"), t("legend_gap")));
  }
  if (layerOn("areas") && areasNow().length) keys.push(el("span", { title: data.areasNote }, el("i", { class: "area-key" }), areaTitle()));
  const faint = groups.length && data.facilities.some((facility) => !countsNow(facility));
  return el("div", { class: "keys" }, ...keys, faint ? el("small", {}, t(data.facilities.length > CROWD ? "legend_close" : "legend_faint")) : "");
}

function areaTitle() {
  const minutes = [...new Set(areasNow().map((area) => area.minutes))].sort((a, b) => a - b).join("/");
  return t("legend_area", { n: minutes });
}

function symbolKey(group, stage, title) {
  const canvas = el("canvas", { width: 32, height: 32 });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  drawSite(context, 8, 8, 5, group, stage);
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
