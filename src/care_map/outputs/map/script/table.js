// The table of units: sorted by its headings, each row leads to its place on the map.

const COLUMNS = [
  { id: "unit", text: true, value: (entry) => entry.unit.name },
  { id: "setting", text: true, value: (entry) => entry.unit.setting },
  { id: "elders", value: (entry) => entry.figures && entry.figures.elders },
  { id: "share", plain: true },
  { id: "rate", value: (entry) => entry.figures && entry.figures.low },
  { id: "paths", value: (entry) => entry.figures && entry.figures.paths },
  { id: "median", value: (entry) => entry.figures && entry.figures.median },
  { id: "uncovered", value: (entry) => entry.figures && entry.figures.uncovered },
  { id: "undetermined", value: (entry) => entry.figures && entry.figures.undetermined },
];

function sortedUnits() {
  const column = COLUMNS.find((one) => one.id === state.sort.column);
  const sign = state.sort.descending ? -1 : 1;
  const names = new Intl.Collator(data.language === "zh" ? "zh-CN" : "en", { numeric: true });
  return unitsNow().sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const missing = !known(x) - !known(y) || (x === "") - (y === "");
    if (missing) return missing;
    const order = column.text ? names.compare(x, y) : x - y;
    return order * sign || a.index - b.index;
  });
}

function renderHead(sort) {
  const cells = COLUMNS.map((column) => {
    if (column.plain) return el("th", { scope: "col", class: column.id }, t(column.id));
    const on = state.sort.column === column.id;
    const order = state.sort.descending ? "descending" : "ascending";
    const button = el(
      "button",
      { type: "button", title: t("sort_by", { title: t(column.id) }), on: { click: () => sort(column) } },
      t(column.id),
      el("span", { class: "arrow", "aria-hidden": "true" }, on ? (state.sort.descending ? "▼" : "▲") : ""),
    );
    return el("th", { scope: "col", class: column.text ? column.id : `${column.id} figure`, "aria-sort": on ? order : "none" }, button);
  });
  byId("head").replaceChildren(el("tr", {}, ...cells));
}

function renderRows(open) {
  const rows = sortedUnits();
  byId("rows").replaceChildren(...rows.map((entry) => unitRow(entry, open)));
  byId("rows-none").hidden = rows.length > 0;
}

function unitRow(entry, open) {
  const { figures, unit, index } = entry;
  const number = (text) => el("td", { class: "figure" }, text);
  const name = el("button", { type: "button", class: "plain" }, unit.name);
  return el(
    "tr",
    { "data-unit": unit.id, "aria-current": index === state.unit ? "true" : false, on: { click: () => open(index) } },
    el("th", { scope: "row" }, name),
    el("td", {}, unit.setting || t("none")),
    number(count(figures && figures.elders)),
    el("td", { class: "share" }, figures && figures.elders ? stackedBar(figures) : ""),
    number(rateRange(figures)),
    number(pathScore(figures)),
    number(decimal(figures && figures.median)),
    number(count(figures && figures.uncovered)),
    number(count(figures && figures.undetermined)),
  );
}

function showRow() {
  const row = byId("rows").querySelector("[aria-current]");
  if (row) row.scrollIntoView({ block: "nearest" });
}
