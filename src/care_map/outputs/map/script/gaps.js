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
  if (!gap.remedy) return "";
  const remedy = t("gaps_remedy", { remedy: gap.remedy });
  if (!known(gap.remedyElders) || !known(gap.remedyMinutes)) return remedy;
  const covers = { n: count(gap.remedyElders), minutes: decimal(gap.remedyMinutes) };
  return [remedy, t("gaps_remedy_covers", covers)].join(t("clause"));
}

function gapFacts(gap) {
  return [
    [gapReasons(gap), "reason"],
    [gapNearest(gap), "nearest"],
    [gapRemedy(gap), "remedy"],
  ].filter(([text]) => text).map(([text, name]) => el("span", { class: name }, text));
}

function gapPeople(gap) {
  const priority = gap.priority ? t("gaps_priority", { n: count(gap.priority) }) : "";
  return [t("people", { n: count(gap.elders) }), priority ? el("small", {}, priority) : ""];
}

function gapItem(gap, open) {
  const button = el(
    "button",
    { type: "button", class: "gap", on: { click: () => open(gap) } },
    el("span", { class: gap.undetermined ? "number open" : "number" }, String(gap.rank)),
    el("span", { class: "what" }, el("strong", {}, gapTitle(gap)), ...gapFacts(gap)),
    el("span", { class: "elders" }, ...gapPeople(gap)),
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
  return el("button", { type: "button", class: "plain", on: { click: more } }, text);
}

function gapCard(gap) {
  return el(
    "div",
    { class: "place" },
    el("h3", {}, gapTitle(gap)),
    el("p", {}, ...gapPeople(gap)),
    ...gapFacts(gap),
  );
}

function placeGaps(layer, open) {
  layer.clearLayers();
  for (const gap of [...shownGaps()].reverse()) {
    if (!gap.point) continue;
    const name = gap.undetermined ? "gap-marker open" : "gap-marker";
    const icon = L.divIcon({ className: name, html: el("span", {}, String(gap.rank)), iconSize: [22, 22] });
    const marker = L.marker(latLng(gap.point), { icon, pane: "gaps", alt: gapTitle(gap), keyboard: false });
    layer.addLayer(marker.on("click", () => open(gap)));
  }
}
