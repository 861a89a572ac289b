// The table of units: sorted by its headings, filtered by town, each row leads to the map.

const VERDICT_ORDER = ["no", "unknown", "yes"];
const COLUMNS = [
  { id: "unit", text: true, value: (entry) => entry.unit.name },
  { id: "setting", text: true, value: (entry) => entry.unit.setting, cell: (entry) => entry.unit.setting },
  { id: "elders", value: (entry) => entry.figures && entry.figures.elders },
  { id: "share", plain: true, cell: ({ figures }) => (figures && figures.elders ? stackedBar(figures) : "") },
  { id: "rate", value: (entry) => entry.figures && entry.figures.low, cell: (entry) => rateRange(entry.figures) },
  { id: "median", value: (entry) => entry.figures && entry.figures.median, show: decimal },
  { id: "uncovered", value: (entry) => entry.figures && entry.figures.uncovered },
  { id: "undetermined", value: (entry) => entry.figures && entry.figures.undetermined },
  {
    id: "priority",
    when: () => Boolean((data.priority || {})[keyNow()]),
    value: (entry) => (entry.priority ? entry.priority.uncovered : null),
  },
  { id: "paths", value: (entry) => entry.figures && entry.figures.paths, cell: (entry) => pathScore(entry.figures) },
  {
    id: "verdict",
    when: () => unitsNow().some(({ unit }) => unit.verdict),
    value: ({ unit }) => (unit.verdict ? VERDICT_ORDER.indexOf(unit.verdict.answer) : null),
    cell: ({ unit }) => (unit.verdict ? verdictWords(unit) : ""),
    left: true,
  },
];

function columnsNow() {
  return COLUMNS.filter((column) => !column.when || column.when());
}

function verdictWords(unit) {
  const title = (unit.clauses || []).map((clause) => `${clause.title}${t("colon")}${clause.answerTitle}`).join("\n");
  return el("span", { class: `answer ${unit.verdict.answer}`, title }, unit.verdict.title);
}

function tableUnits() {
  const rows = ((data.priority || {})[keyNow()] || {}).units || [];
  const priority = new Map(rows.map((row) => [row[0], priorityOf(row[0])]));
  return unitsNow()
    .filter(({ unit }) => !state.town || unit.parentId === state.town)
    .map((entry) => ({ ...entry, priority: priority.get(entry.index) }));
}

function sortedUnits() {
  const column = columnsNow().find((one) => one.id === state.sort.column) || COLUMNS[4];
  const sign = state.sort.descending ? -1 : 1;
  const names = new Intl.Collator(data.language === "zh" ? "zh-CN" : "en", { numeric: true });
  return tableUnits().sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const missing = !known(x) - !known(y) || (x === "") - (y === "");
    if (missing) return missing;
    const order = column.text ? names.compare(x, y) : x - y;
    return order * sign || a.index - b.index;
  });
}

function renderHead(sort) {
  const cells = columnsNow().map((column) => {
    const name = column.text || column.left || column.plain ? column.id : `${column.id} figure`;
    if (column.plain) return el("th", { scope: "col", class: name, title: t(`${column.id}_tip`) }, t(column.id));
    const on = state.sort.column === column.id;
    const order = state.sort.descending ? "descending" : "ascending";
    const title = [t(`${column.id}_tip`), t("sort_by", { title: t(column.id) })].filter(Boolean).join("\n");
    const button = el(
      "button",
      { type: "button", id: `sort-${column.id}`, title, on: { click: () => sort(column) } },
      t(column.id),
      el("span", { class: "arrow", "aria-hidden": "true" }, on ? (state.sort.descending ? "▼" : "▲") : ""),
    );
    return el("th", { scope: "col", class: name, "aria-sort": on ? order : "none" }, button);
  });
  byId("head").replaceChildren(el("tr", {}, ...cells));
}

function renderRows(open) {
  const rows = sortedUnits();
  const columns = columnsNow();
  byId("rows").replaceChildren(...rows.map((entry) => unitRow(entry, columns, open)));
  byId("rows-none").hidden = unitsNow().length > 0;
  byId("rows-count").textContent = rows.length ? t("rows_count", { n: count(rows.length) }) : "";
  markRow();
}

function unitRow(entry, columns, open) {
  const { unit, index } = entry;
  const name = el("button", { type: "button", class: "plain", id: `unit-${unit.id}`, title: unit.name }, unit.name);
  const cells = columns.slice(1).map((column) => {
    const figure = !(column.text || column.plain || column.left);
    return el("td", { class: figure ? "figure" : column.id }, cellText(column, entry));
  });
  return el("tr", { "data-unit": unit.id, on: { click: () => open(index) } }, el("th", { scope: "row" }, name), ...cells);
}

function cellText(column, entry) {
  if (column.cell) return column.cell(entry) || t("none");
  return (column.show || count)(column.value(entry));
}

function markRow() {
  const chosen = chosenUnit();
  const id = known(chosen) ? data.units[chosen].id : null;
  for (const row of byId("rows").children) {
    if (row.dataset.unit === id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function showRow() {
  const row = byId("rows").querySelector("[aria-current]");
  if (row) row.scrollIntoView({ block: "nearest" });
}

function renderTableChoices(choose) {
  const towns = townsNow();
  byId("table-choices").replaceChildren(...[
    data.levels.length > 1 ? selector("level", data.levels, choose) : "",
    towns.length ? selector("town", [{ id: "", title: t("town_all") }, ...towns.map((town) => ({ id: town.id, title: town.name }))], choose) : "",
  ].filter(Boolean));
}

// Rows are many: they are written anew only where a choice changes them.
const written = { rows: "" };

function renderTable(map, view) {
  const { group, level, town, sort } = state;
  const key = JSON.stringify([keyNow(), group, level, town, sort, trialSites()]);
  if (written.rows === key) return;
  written.rows = key;
  renderHead((column) => {
    const same = state.sort.column === column.id;
    state.sort = { column: column.id, descending: same && !state.sort.descending };
    keepFocus(() => renderTable(map, view));
    tell(hooks.changed, map, view);
  });
  renderRows((index) => openUnit(map, view, index));
}
