// The full card of a facility: what it is, since when, what it gives and for how many.

function facilityCard(facility) {
  const stage = stageNow(facility);
  const details = Object.entries(facility.details || {}).map(([name, value]) => [columnTitle(name), value]);
  return card(
    el("h3", {}, facility.name, el("small", {}, facility.roles.join(t("list")))),
    el("p", { class: "tags" }, stageTag(facility, stage), facility.outside ? el("span", { class: "tag" }, t("outside_area")) : ""),
    loadLine(facility),
    ...section(t("services"), serviceList(facility)),
    ...section(t("capacity"), capacityList(facility)),
    el("hr"),
    factList([
      [t("unit"), facility.unit],
      ...details,
      [columnTitle("accepts"), (facility.accepts || []).join(t("list"))],
      [t("serves"), fewOf(facility.serves)],
      [t("centre"), facility.centre],
      [t("contracts"), fewOf(facility.contracts)],
    ]),
    ...section(t("dates"), factList(Object.entries(facility.dates || {}).map(([id, day]) => [stageTitle(id), day]))),
  );
}

function columnTitle(name) {
  return (data.columns && data.columns[name]) || name;
}

function stageTitle(id) {
  const found = (data.stages || []).find((stage) => stage.id === id);
  return found ? found.title : id;
}

function stageTag(facility, stage) {
  const title = data.stages ? stageTitle(stage) : facility.stage;
  if (stage === "operating") return el("span", { class: "tag good" }, title);
  return title ? el("span", { class: "tag warn" }, t("not_operating", { stage: title })) : "";
}

function loadLine(facility) {
  const load = (facility.load || {})[keyNow()];
  if (known(load)) return el("p", { class: "load" }, t("load", { n: count(load) }));
  return countsNow(facility) ? "" : el("p", { class: "note" }, t("counts_not"));
}

function fewOf(names, most = 5) {
  if (!names || !names.length) return "";
  const shown = names.slice(0, most).join(t("list"));
  return names.length > most ? t("and_more", { names: shown, n: names.length }) : shown;
}

function section(title, node) {
  return node ? [heading(title), node] : [];
}

function serviceList(facility) {
  const lines = (facility.services || []).map(({ title, capacity, unit }) => [
    title, known(capacity) ? `${count(capacity)} ${unit}` : t("services_open"),
  ]);
  return factList(lines);
}

function capacityList(facility) {
  const lines = (facility.capacity || []).map((one) => {
    const full = one.overloaded ? el("b", { class: "full" }, t("overloaded")) : "";
    const words = t("capacity_line", { capacity: count(one.capacity), unit: one.unit, demand: count(one.demand) });
    const place = known(one.assigned) ? t("capacity_assigned", { n: count(one.assigned), free: count(one.free) }) : "";
    return el("li", {}, el("b", {}, one.service), el("span", {}, [words, place].filter(Boolean).join(t("clause"))), full);
  });
  return lines.length ? el("ul", { class: "lines" }, ...lines) : "";
}

function candidateCard(candidate) {
  return card(
    el("h3", {}, candidate.name, el("small", {}, t("candidate"))),
    el("p", { class: "note" }, t("candidate_note")),
    trialButton(candidate),
    factList([
      [t("becomes"), candidate.roles.join(t("list"))],
      [t("unit"), candidate.unit],
      [columnTitle("address"), candidate.address],
      [columnTitle("floor_area_m2"), candidate.area],
      [columnTitle("build_mode"), candidate.buildMode],
      [columnTitle("cost"), candidate.cost],
    ]),
  );
}
