// A slider over quarters: which facilities stood when, and what was done of what was due.

// A slider that changes nothing is none: it needs quarters, and dates or tasks that differ.
function hasQuarters() {
  const quarters = data.quarters || [];
  return quarters.length > 1 && (quarters.some((quarter) => quarter.sum) || data.facilities.some((one) => one.stages));
}

function quarterNow() {
  if (!hasQuarters()) return null;
  const { quarters } = data;
  const at = known(state.quarter) ? state.quarter : currentQuarter();
  return quarters[at] || null;
}

function currentQuarter() {
  const found = data.quarters.findIndex((quarter) => quarter.current);
  return found < 0 ? data.quarters.length - 1 : found;
}

// Stage of a facility at the chosen quarter; without dates it is shown as on the run's day.
function stageNow(facility) {
  if (!known(state.quarter) || !facility.stages) return facility.stageCode || (facility.operating ? "operating" : "planned");
  return data.stages[Number(facility.stages[state.quarter])].id;
}

function renderQuarters(choose) {
  const box = byId("quarters");
  const quarter = quarterNow();
  box.hidden = !quarter;
  if (!quarter) return;
  if (!box.firstChild) box.append(...quarterControls(choose));
  const at = data.quarters.indexOf(quarter);
  const slider = byId("quarter");
  slider.value = at;
  slider.setAttribute("aria-valuetext", quarter.title);
  slider.style.setProperty("--done", `${(100 * at) / Math.max(1, data.quarters.length - 1)}%`);
  byId("quarter-words").replaceChildren(el("b", {}, t("quarter_at", { title: quarter.title })), ...quarterCounts(quarter));
  byId("quarter-note").textContent = quarterNote(quarter);
  byId("quarter-now").disabled = quarter.current;
}

function quarterControls(choose) {
  const last = data.quarters.length - 1;
  const slider = el("input", {
    type: "range", id: "quarter", min: 0, max: last, step: 1, "aria-label": t("quarter"), title: t("quarter_tip"),
    on: { input: (event) => choose({ quarter: quarterOf(Number(event.target.value)) }) },
  });
  const ticks = tickPlaces(last).map((at) => el("span", { style: `left:${(100 * at) / Math.max(1, last)}%` }, data.quarters[at].id));
  const now = el("button", { type: "button", id: "quarter-now", class: "plain", on: { click: () => choose({ quarter: null }) } }, t("quarter_now"));
  return [
    el("p", { id: "quarter-words", "aria-live": "polite" }),
    el("div", { class: "quarter-slider" }, slider, el("div", { class: "ticks", "aria-hidden": "true" }, ...ticks)),
    el("p", { class: "note" }, el("span", { id: "quarter-note" }), " ", now),
  ];
}

// The current quarter is the state of rest: what a link to the page need not say.
function quarterOf(at) {
  return at === currentQuarter() ? null : at;
}

function tickPlaces(last) {
  const few = Math.min(5, last);
  if (!few) return [0];
  return [...new Set(Array.from({ length: few + 1 }, (_, i) => Math.round((i * last) / few)))];
}

function quarterCounts(quarter) {
  const parts = [t("quarter_operating", { n: count(quarter.stages.operating || 0) })];
  if (quarter.sum) {
    const done = known(quarter.sum.accepted) ? "quarter_done" : "quarter_due";
    parts.push(t(done, { accepted: count(quarter.sum.accepted), due: count(quarter.sum.due) }));
    if (quarter.sum.late) parts.push(t("quarter_late", { n: count(quarter.sum.late) }));
  }
  const title = (quarter.ledger || []).map(ledgerLine).join("\n");
  return parts.map((text) => el("span", { title }, text));
}

function ledgerLine(row) {
  const values = { title: row.title, accepted: count(row.accepted), due: count(row.due), operating: count(row.operating) };
  return t(row.total ? "ledger_total" : "ledger_line", values);
}

function quarterNote(quarter) {
  const parts = [quarter.future ? t("quarter_future") : "", quarter.undated ? t("quarter_undated", { n: count(quarter.undated) }) : ""];
  return [quarter.current ? "" : t("quarter_same", { date: data.asOf || t("quarter_run_day") }), ...parts].filter(Boolean).join(t("clause"));
}
