// The card of a click: who serves this place and in how many minutes, and the unit it lies in.

function placeOf(text) {
  const [lon, lat] = text.split(",").map(Number);
  return Number.isFinite(lon) && Number.isFinite(lat) ? [lat, lon] : null;
}

function spotCard(text) {
  const at = placeOf(text);
  if (!at) return null;
  const index = unitUnder(at, state.level);
  const answer = spotAnswer(at);
  const where = [known(index) ? data.units[index].name : "", answer && answer.rule ? answer.rule.title : ""].filter(Boolean);
  const title = el("h3", {}, t("here"), where.length ? el("small", {}, where.join(t("list"))) : "");
  return { at, node: card(title, ...spotParts(answer), ...(known(index) ? [el("hr"), ...unitFacts(index)] : [])) };
}

function spotParts(answer) {
  if (!data.lattice) return [el("p", { class: "note" }, t("spot_no_roads"))];
  if (!answer) return [el("p", { class: "note" }, t("spot_no_map"))];
  const parts = answer.parts.concat(answer.delivery ? [{ ...answer.delivery, heading: answer.delivery.title }] : []);
  return [
    ...parts.flatMap((part) => partRows(part, parts.length > 1)),
    spotVerdict(answer),
    el("p", { class: "note" }, spotBasis(answer)),
  ];
}

function partRows(part, several) {
  const head = several ? [heading(part.heading)] : [];
  if (part.noRoad) return [...head, el("p", { class: "note" }, t("spot_no_road"))];
  if (!part.times.length) return [...head, el("p", { class: "note" }, t("spot_beyond", { n: part.cap }))];
  const rows = part.times.map(({ facility, hundredths }) => el(
    "li",
    {},
    facility ? cardLink(`facility:${facility.id}`, facility.name) : t("none"),
    el("span", {}, t("minutes", { n: tenths(hundredths) })),
  ));
  return [...head, el("ol", { class: "times" }, ...rows)];
}

// Rounded up, as the lattice is: 15.04 minutes must not read as inside fifteen.
function tenths(hundredths) {
  return String(Math.ceil(hundredths / 10 - 1e-9) / 10);
}

function spotVerdict(answer) {
  const values = { n: answer.rule ? decimal(answer.rule.minutes) : t("none"), reason: answer.reason };
  const words = t(`spot_${answer.status}`, values);
  const why = answer.reason && answer.status !== "inside" ? t("spot_because", { words, reason: answer.reason }) : words;
  return el("p", { class: `verdict ${answer.status}` }, why);
}

function spotBasis({ point }) {
  return t("spot_basis", { metres: count(point.metres), spacing: count(point.spacing) });
}
