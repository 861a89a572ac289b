// Key figures beside the rate: worst and best unit, priority groups, evenness, firmness, beds.

function renderKeys(open) {
  const lines = [extremesLine(open), priorityLine(), evenLine(), firmLine(), bedsLine()].filter(Boolean);
  byId("keys").replaceChildren(...lines.map(([name, ...parts]) => el(
    "div",
    { "data-key": name, title: t(`${name}_tip`) },
    el("dt", {}, t(`key_${name}`)),
    el("dd", {}, ...parts),
  )));
}

// Units of the chosen level with elders, by the low end of the rate.
function extremesLine(open) {
  const rated = unitsNow().filter((entry) => entry.figures && entry.figures.elders && rateKnown(entry.figures));
  if (rated.length < 2) return null;
  const sorted = [...rated].sort((a, b) => a.figures.low - b.figures.low);
  const link = ({ unit, index, figures }, key) => [
    el("button", { type: "button", class: "plain", id: `key-${key}`, on: { click: () => open(index) } }, unit.name),
    ` ${rateRange(figures)}`,
  ];
  return ["extremes", ...link(sorted[0], "worst"), t("key_to"), ...link(sorted[sorted.length - 1], "best")];
}

function priorityLine() {
  const kept = (data.priority || {})[keyNow()];
  if (!kept || !kept.all || !kept.all.elders) return null;
  const gains = trialGains();
  const gain = gains && gains.settings.get("all");
  const uncovered = kept.all.uncovered - (gain ? gain.priority : 0);
  return ["priority", t("key_priority_words", { n: count(uncovered), elders: count(kept.all.elders) })];
}

function keyFigures() {
  return (data.key || {})[keyNow()] || null;
}

function evenLine() {
  const key = keyFigures();
  if (!key || !known(key.gini)) return null;
  const nothing = known(key.reachNothing) ? t("key_nothing", { n: count(key.reachNothing) }) : "";
  return ["even", [t("key_gini", { gini: key.gini.toFixed(2) }), nothing].filter(Boolean).join(t("clause"))];
}

function firmLine() {
  const key = keyFigures();
  if (!key || !key.firm || !rateKnown({ low: key.firm[0], high: key.firm[1] })) return null;
  const second = key.secondChance ? t("key_second", { range: shareRange(key.secondChance) }) : "";
  return ["firm", [t("key_firm_words", { range: shareRange(key.firm) }), second].filter(Boolean).join(t("clause"))];
}

function shareRange([low, high]) {
  return rateRange({ low, high });
}

function bedsLine() {
  const { beds } = data;
  if (!beds || !known(beds.beds)) return null;
  const parts = [
    t("key_beds_words", { n: count(beds.beds), per: decimal(beds.per100) }),
    known(beds.nursing) ? t("key_beds_nursing", { n: count(beds.nursing) }) : "",
    known(beds.free) ? t("key_beds_free", { n: count(beds.free) }) : "",
  ];
  return ["beds", parts.filter(Boolean).join(t("list"))];
}
