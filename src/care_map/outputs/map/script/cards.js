// Cards: what is here, a unit, a facility, a candidate or a gap. One at a time, named in the state.

const CARDS = {
  at: spotCard,
  unit: (id) => (UNIT_INDEX.has(id) ? unitPlace(UNIT_INDEX.get(id)) : null),
  facility: (id) => placed(data.facilities.find((one) => one.id === id), facilityCard),
  candidate: (id) => placed((data.candidates || []).find((one) => one.id === id), candidateCard),
  gap: (id) => placed(data.gaps.find((one) => one.id === id), gapCard),
};

function placed(thing, card) {
  return thing && thing.point ? { at: latLng(thing.point), node: card(thing) } : null;
}

function makeCard(name) {
  const colon = name.indexOf(":");
  const make = colon > 0 && CARDS[name.slice(0, colon)];
  return make ? make(name.slice(colon + 1)) : null;
}

// The unit that the open card is about: its row and its shape are marked.
function chosenUnit() {
  if (state.card.startsWith("unit:")) return UNIT_INDEX.get(state.card.slice(5));
  if (state.card.startsWith("at:")) {
    const at = placeOf(state.card.slice(3));
    return at && unitUnder(at, state.level);
  }
  return null;
}

function openCard(map, view, name) {
  const made = makeCard(name);
  if (!made) return;
  state.card = name;
  const unit = name.startsWith("unit:") ? data.units[UNIT_INDEX.get(name.slice(5))] : null;
  if (unit && unit.level !== state.level) {
    choose(map, view, { level: unit.level });
  } else {
    showChosen(map, view);
    tell(hooks.changed, map, view);
  }
}

// Rows, shapes and the popup of the open card, or of none.
function showChosen(map, view) {
  const made = state.card ? makeCard(state.card) : null;
  markUnit(view.units);
  markRow();
  markGap();
  if (!made) {
    if (map.hasLayer(view.popup)) map.closePopup(view.popup);
    return;
  }
  made.node.dataset.card = state.card;
  const press = (event) => {
    const link = event.target.closest("[data-open]");
    if (!link) return;
    // The card that holds the link goes: the map would not know the click for one within a card.
    event.stopPropagation();
    openCard(map, view, link.dataset.open);
  };
  made.node.addEventListener("click", press);
  showRow();
  view.popup.options.maxHeight = Math.max(140, map.getSize().y - 100);
  view.popup.setLatLng(made.at).setContent(made.node);
  if (!map.hasLayer(view.popup)) view.popup.openOn(map);
}

function makePopup(map, view) {
  const popup = L.popup({ maxWidth: 330, minWidth: 230, autoPanPadding: [56, 24], closeOnClick: false });
  popup.on("remove", () => {
    state.card = "";
    showChosen(map, view);
    tell(hooks.changed, map, view);
  });
  return popup;
}

// What a click does, whoever asks: the facility there, else the place.
function askPlace(map, view, latlng) {
  const site = siteAt(map, view, latlng);
  openCard(map, view, site ? siteCardName(site) : `at:${latlng.lng.toFixed(6)},${latlng.lat.toFixed(6)}`);
}

function card(title, ...parts) {
  return el("div", { class: "place" }, title, ...parts);
}

function cardLink(name, ...children) {
  return el("button", { type: "button", class: "plain", "data-open": name }, ...children);
}

// Facts of a unit are short: two stand in a line.
function figureList(lines) {
  const list = factList(lines);
  if (list) list.className = "pairs";
  return list;
}

function factList(lines) {
  const filled = lines.filter(([, value]) => known(value) && value !== "");
  return filled.length ? el("dl", {}, ...filled.flatMap(([name, value]) => [
    el("dt", {}, name),
    el("dd", {}, typeof value === "number" ? value.toLocaleString("en-US") : String(value)),
  ])) : "";
}

function heading(text) {
  return el("h4", {}, text);
}
