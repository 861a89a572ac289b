// A link to what is shown: the choices, the open card and the view stand in the address.

const LONGEST_LINK = 2000;

function linkOf(map) {
  const { lat, lng } = map.getCenter();
  const on = Object.keys(state.layers).filter((id) => state.layers[id]);
  const parts = {
    circle: state.circle,
    profile: state.profile,
    group: state.group,
    level: state.level,
    town: state.town,
    quarter: known(state.quarter) ? String(state.quarter) : "",
    trial: state.trial.join("."),
    layers: on.join("."),
    card: state.card,
    view: [lat.toFixed(5), lng.toFixed(5), map.getZoom()].join(","),
  };
  return `#${new URLSearchParams(Object.entries(parts).filter(([name, text]) => text || name === "layers"))}`;
}

// What a link says that holds for this page; the rest of it, whoever wrote it, counts for nothing.
function readLink(hash) {
  if (hash.length > LONGEST_LINK) return { changes: {}, view: null };
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const changes = {};
  const take = (name, options) => {
    if (options.includes(said.get(name))) changes[name] = said.get(name);
  };
  const ids = (things) => things.map((thing) => thing.id);
  take("circle", ids(data.circles));
  const circle = data.circles.find((one) => one.id === (changes.circle || state.circle));
  take("profile", circle ? ids(circle.profiles) : []);
  take("group", ids(data.groups));
  take("level", ids(data.levels));
  take("town", ids(data.units));
  const card = said.get("card");
  if (card && knownCard(card)) changes.card = card;
  const quarter = Number(said.get("quarter") || NaN);
  if (Number.isInteger(quarter) && (data.quarters || [])[quarter]) changes.quarter = quarter;
  const trial = (said.get("trial") || "").split(".").filter(Boolean).map(Number);
  if (trial.length) changes.trial = [...new Set(trial)].filter((site) => (data.candidates || [])[site]);
  if (said.has("layers")) changes.layers = linkedLayers(said.get("layers").split("."));
  return { changes, view: linkedView(said.get("view") || "") };
}

function linkedLayers(wanted) {
  return Object.fromEntries(Object.keys(state.layers).map((id) => [id, wanted.includes(id)]));
}

function linkedView(text) {
  const numbers = text.split(",").map((part) => (part.trim() ? Number(part) : NaN));
  const [lat, lng, zoom] = numbers;
  const fits = numbers.length === 3 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180 && zoom >= 3 && zoom <= 19;
  return fits ? { at: [lat, lng], zoom } : null;
}

function knownCard(card) {
  const [kind, ...rest] = card.split(":");
  const id = rest.join(":");
  const lists = { unit: data.units, facility: data.facilities, gap: data.gaps, candidate: data.candidates || [] };
  if (kind === "at") return /^-?\d{1,3}(\.\d+)?,-?\d{1,2}(\.\d+)?$/.test(id);
  return Object.hasOwn(lists, kind) && lists[kind].some((one) => one.id === id);
}

// Where the address cannot be written, the link is written when it is asked for.
function writeLink(map) {
  const link = linkOf(map);
  if (link === window.location.hash) return;
  try {
    window.history.replaceState(null, "", link);
  } catch {
    window.location.replace(link);
  }
}

// The clipboard of today where the browser gives it to a file; its forerunner elsewhere.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = el("textarea", { class: "unseen", readonly: true });
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

whenStarted((map, view) => {
  let waiting = 0;

  function follow(link) {
    const { changes, view: place } = readLink(link);
    const { card, ...others } = changes;
    if (Object.keys(others).length) choose(map, view, others);
    if (card) openCard(map, view, card);
    if (place) map.setView(place.at, place.zoom, { animate: false });
  }

  function later() {
    window.clearTimeout(waiting);
    if (!("print" in document.body.dataset)) waiting = window.setTimeout(() => writeLink(map), 200);
  }

  if (window.location.hash.length > 1) follow(window.location.hash);
  whenChanged(later);
  map.on("moveend", later);
  // The address may have been written anew since: what was asked for stands in the event.
  window.addEventListener("hashchange", (event) => {
    const link = event.newURL.slice(event.newURL.indexOf("#"));
    if (link !== linkOf(map)) follow(link);
  });
  byId("copy-link").addEventListener("click", async () => {
    writeLink(map);
    const done = await copyText(window.location.href);
    announce(t(done ? "link_copied" : "link_not_copied"));
    byId("copy-link").textContent = t(done ? "link_copied" : "link_not_copied");
    window.setTimeout(() => byId("copy-link").replaceChildren(t("link_copy")), 2500);
  });
});
