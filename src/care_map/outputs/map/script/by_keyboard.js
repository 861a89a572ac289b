// For those who use no mouse, who hear the page, or who hold it in one hand.

const PHONE_PANES = ["panel", "map", "table"];
const PHONE_PX = 800;

function announce(text) {
  byId("announcer").textContent = text;
}

// Who asks for less motion gets a map that does not glide.
function calmMoves() {
  const glide = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  return { zoomAnimation: glide, markerZoomAnimation: glide, inertia: glide };
}

// What the chosen figures say, in one sentence.
function spokenFigures() {
  const figures = wholeFigures(state.profile);
  const title = (list, id) => (list.find((one) => one.id === id) || { title: "" }).title;
  const head = [title(data.circles, state.circle), title(profilesNow(), state.profile), title(data.groups, state.group)];
  if (!figures) return [...head, t("no_figures")].filter(Boolean).join(t("clause"));
  const counts = ["covered", "uncovered", "undetermined"].map((name) => `${t(name)} ${count(figures[name])}`);
  return [...head, `${t("rate")} ${rateRange(figures)}`, ...counts].filter(Boolean).join(t("clause"));
}

// The map by keyboard: it moves and zooms by Leaflet, and tells what is at its centre.
whenStarted((map, view) => {
  const box = map.getContainer();
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", t("map_keys"));
  byId("ground").append(byId("crosshair"), byId("measure"));

  function askCentre() {
    const { lat, lng } = map.getCenter();
    openCard(map, view, `at:${lng.toFixed(5)},${lat.toFixed(5)}`);
  }

  addTool({ id: "tool-here", text: t("here"), title: t("here_title"), press: askCentre });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== box || view.capture) return;
    event.preventDefault();
    askCentre();
  });
});

// Changed figures and opened cards are said aloud.
whenStarted((map) => {
  let said = spokenFigures();
  whenChanged(() => {
    const now = spokenFigures();
    if (now !== said) announce(now);
    said = now;
  });
  map.on("popupopen", (event) => {
    const card = event.popup.getElement();
    if (card) announce(card.innerText.replace(/\s*\n\s*/g, t("clause")).slice(0, 400));
  });
});

// One thing at a time on a phone: panel, map or table.
whenStarted((map, view) => {
  const buttons = PHONE_PANES.map((id) => el(
    "button",
    { type: "button", id: `pane-${id}`, "aria-pressed": "false", on: { click: () => show(id) } },
    t(`pane_${id}`),
  ));
  byId("panes").append(...buttons);

  function show(id) {
    document.body.dataset.pane = id;
    PHONE_PANES.forEach((one) => byId(`pane-${one}`).setAttribute("aria-pressed", String(one === id)));
    followSize(map, view);
  }

  show("map");
  // What was picked in the panel or in the table lies on the map.
  let shown = state.card;
  whenChanged(() => {
    if (window.innerWidth <= PHONE_PX && state.card && state.card !== shown) show("map");
    shown = state.card;
  });
});
