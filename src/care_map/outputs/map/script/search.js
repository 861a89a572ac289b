// Search by name: a box with a list that the keyboard moves through.

const MOST_HITS = 12;

// Gaps of all circles are found; one of another circle brings its circle along.
function searchEntries() {
  const circles = new Map(data.circles.map((circle) => [circle.id, circle.title]));
  const entries = [
    ...data.units.map((unit) => ({ name: unit.name, beside: unit.parent || t("kind_unit"), card: `unit:${unit.id}` })),
    ...data.facilities.map((one) => ({ name: one.name, beside: one.roles[0] || t("kind_facility"), card: `facility:${one.id}` })),
    ...(data.candidates || []).map((one) => ({ name: one.name, beside: t("candidate"), card: `candidate:${one.id}` })),
    ...data.gaps.filter((gap) => gap.point).map((gap) => ({
      name: gapTitle(gap), beside: t("kind_gap", { n: gap.rank, circle: circles.get(gap.circle) || "" }), card: `gap:${gap.id}`, gap,
    })),
  ];
  return entries.map((entry) => ({ ...entry, key: entry.name.toLowerCase() }));
}

function findEntries(entries, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  const place = (entry) => entry.key.indexOf(wanted);
  return entries
    .filter((entry) => place(entry) >= 0)
    .sort((a, b) => place(a) - place(b) || a.key.length - b.key.length)
    .slice(0, MOST_HITS);
}

function startSearch(open) {
  const box = byId("search-box");
  const list = byId("search-hits");
  let entries = null;
  let hits = [];
  let active = -1;

  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function pick(entry) {
    box.value = entry.name;
    close();
    open(entry);
  }

  function show() {
    const items = hits.map((entry, i) => hitItem(entry, i, i === active, () => pick(entry)));
    const empty = el("li", { class: "note", role: "presentation" }, t("search_none"));
    list.replaceChildren(...(items.length ? items : [empty]));
    list.hidden = !box.value.trim();
    box.setAttribute("aria-expanded", String(!list.hidden));
    if (active >= 0) box.setAttribute("aria-activedescendant", `hit-${active}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    if (!hits.length) return;
    active = (active + step + hits.length) % hits.length;
    show();
  }

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(active < 0 ? 0 : -1),
    Enter: () => hits.length && pick(hits[Math.max(active, 0)]),
    Escape: close,
  };
  box.addEventListener("input", () => {
    entries = entries || searchEntries();
    hits = findEntries(entries, box.value);
    active = -1;
    show();
  });
  box.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.isComposing) return;
    event.preventDefault();
    keys[event.key]();
  });
  box.addEventListener("blur", close);
}

function hitItem(entry, number, active, pick) {
  // The press comes before the box loses the focus and closes the list.
  const press = (event) => {
    event.preventDefault();
    pick();
  };
  return el(
    "li",
    { role: "option", id: `hit-${number}`, "aria-selected": String(active), on: { mousedown: press } },
    el("span", {}, entry.name),
    el("small", {}, entry.beside),
  );
}
