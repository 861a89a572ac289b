// Gaps: the ranked list and its numbered markers.

const FEW_GAPS = 15;

function shownGaps() {
  const { gaps } = gapsNow();
  return state.allGaps ? gaps : gaps.slice(0, FEW_GAPS);
}

function gapTitle(gap) {
  const within = gap.unit && !gap.name.includes(gap.unit);
  return within && gap.name ? `${gap.unit} · ${gap.name}` : gap.name || gap.unit;
}

function gapReasons(gap) {
  const reasons = gap.reasons.join(t("list"));
  return gap.undetermined ? [t("gaps_undetermined"), reasons].filter(Boolean).join(t("list")) : reasons;
}

function gapNearest(gap) {
  if (!gap.facility) return gap.undetermined ? "" : t("gaps_unreached");
  if (!known(gap.minutes)) return t("gaps_nearest_unknown", { name: gap.facility });
  return t("gaps_nearest", { name: gap.facility, minutes: decimal(gap.minutes) });
}

function gapRemedy(gap) {
  if (!gap.remedy) return [];
  const remedy = t("gaps_remedy", { remedy: gap.remedy });
  if (!known(gap.remedyElders) || !known(gap.remedyMinutes)) return [remedy];
  const covers = { n: count(gap.remedyElders), minutes: decimal(gap.remedyMinutes) };
  return [remedy, t("gaps_remedy_covers", covers)];
}

// The list says the minutes, the card the facility's name too.
function gapShort(gap) {
  const minutes = gap.facility && known(gap.minutes) ? t("gaps_minutes", { minutes: decimal(gap.minutes) }) : gapNearest(gap);
  return [gapReasons(gap), minutes].filter(Boolean);
}

// A line of clauses: each stays whole where the line breaks.
function textLines(lines) {
  return lines
    .map(([said, name]) => [[said].flat().filter(Boolean), name])
    .filter(([clauses]) => clauses.length)
    .map(([clauses, name]) => el("span", { class: name }, ...clauses.flatMap((text, i) => {
      const sign = i < clauses.length - 1 ? t("clause") : "";
      return [el("span", { class: "clause" }, text + sign.trimEnd()), sign.slice(sign.trimEnd().length)];
    })));
}

function gapPeople(gap) {
  const priority = gap.priority ? t("gaps_priority", { n: count(gap.priority) }) : "";
  return [t("people", { n: count(gap.elders) }), priority ? el("small", {}, priority) : ""];
}

function gapItem(gap, open) {
  const [people, priority] = gapPeople(gap);
  const button = el(
    "button",
    { type: "button", class: "gap", id: `gap-${gap.id}`, "data-gap": gap.id, on: { click: () => open(gap) } },
    el("span", { class: gap.undetermined ? "number open" : "number" }, String(gap.rank)),
    el("strong", {}, gapTitle(gap)),
    el("span", { class: "elders" }, people),
    ...textLines([[gapShort(gap), "reason"]]),
    priority,
    ...textLines([[gapRemedy(gap), "remedy"]]),
  );
  return el("li", {}, button);
}

function renderGaps(open, more) {
  const { gaps, official } = gapsNow();
  byId("gaps").replaceChildren(...shownGaps().map((gap) => gapItem(gap, open)));
  const notes = [
    gaps.length ? "" : t("gaps_none"),
    official ? t("gaps_official") : "",
    gaps.length && state.group !== "all" ? t("gaps_everyone") : "",
  ].filter(Boolean);
  byId("gaps-note").hidden = !notes.length;
  byId("gaps-note").textContent = notes.join(" ");
  byId("gaps-more").replaceChildren(moreButton(gaps.length, more));
}

function moreButton(total, more) {
  if (total <= FEW_GAPS) return el("span", { class: "note" }, total ? t("gaps_count", { n: count(total) }) : "");
  const text = state.allGaps ? t("gaps_few", { n: FEW_GAPS }) : t("gaps_all", { n: count(total) });
  return el("button", { type: "button", class: "plain", id: "gaps-all", on: { click: more } }, text);
}

function markGap() {
  for (const button of byId("gaps").querySelectorAll(".gap")) {
    const chosen = state.card === `gap:${button.dataset.gap}`;
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function gapCard(gap) {
  return card(
    el("h3", {}, el("span", { class: gap.undetermined ? "number open" : "number" }, String(gap.rank)), gapTitle(gap)),
    el("p", {}, ...gapPeople(gap)),
    ...textLines([[gapReasons(gap), "reason"], [gapNearest(gap), "nearest"], [gapRemedy(gap), "remedy"]]),
    ...section(t("gap_tests"), gapTests(gap)),
    gapFirm(gap),
  );
}

// What each factor would do if it alone were taken away; those that suffice stand first.
function gapTests(gap) {
  const tests = [...(gap.tests || [])].sort((a, b) => b.suffices - a.suffices || b.helped - a.helped);
  if (!tests.length) return "";
  const number = (text) => el("td", { class: "figure" }, text);
  const rows = tests.map((test) => el(
    "tr",
    { class: test.suffices ? "suffices" : false },
    el("th", { scope: "row" }, test.reason),
    number(known(test.without) ? t("minutes", { n: decimal(test.without) }) : t("none")),
    number(t("helped", { n: count(test.helped), elders: count(test.elders) })),
  ));
  const head = ["factor", "without", "helped_head"].map((key, i) => el("th", { scope: "col", class: i ? "figure" : "" }, t(key)));
  return el("table", { class: "tests" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}

function gapFirm(gap) {
  if (!gap.firm) return "";
  const words = t("gap_firm", { share: Math.round(100 * gap.firm.stillGap), draws: count(gap.firm.draws) });
  return el("p", { class: "note" }, words);
}

// Larger gaps lie on top; one that meets a larger one is a dot until there is room for its number.
function placeGaps(map, layer, open) {
  layer.clearLayers();
  const taken = [];
  shownGaps().filter((gap) => gap.point).forEach((gap, place, all) => {
    const box = boxAround(map, latLng(gap.point), 10, 10);
    const small = taken.some((other) => meets(other, box));
    if (!small) taken.push(box);
    const name = ["gap-marker", gap.undetermined && "open", small && "small"].filter(Boolean).join(" ");
    const icon = L.divIcon({ className: name, html: el("span", {}, String(gap.rank)), iconSize: [22, 22] });
    const marker = L.marker(latLng(gap.point), {
      icon, pane: "gaps", alt: gapTitle(gap), title: gapTitle(gap), keyboard: false, zIndexOffset: 1000 * (all.length - place),
    });
    layer.addLayer(marker.on("click", () => open(gap)));
  });
}
