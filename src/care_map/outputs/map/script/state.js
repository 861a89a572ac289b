// The reader's choices (plain values only), the one way to change them, and who is told.

const state = {
  circle: firstCircle(),
  profile: "",
  group: data.groups.length ? data.groups[0].id : "",
  level: data.level,
  town: "",
  sort: { column: "rate", descending: false },
  allGaps: false,
  quarter: null,
  layers: {},
  trial: [],
  card: "",
  table: 0.3,
};
const hooks = { started: [], changed: [] };

// A circle of which everything is open is no place to begin at if there is another.
function firstCircle() {
  const open = ({ id, profiles }) => {
    const rates = profiles.length && data.rates[`${id}|${profiles[0].id}|${data.groups[0].id}`];
    const figures = rates && figuresOf(rates.all.all);
    return !figures || figures.undetermined === figures.elders;
  };
  const first = data.circles.find((circle) => !open(circle)) || data.circles[0];
  return first ? first.id : "";
}

// `callback(map, view)` runs once, after the first render.
function whenStarted(callback) {
  hooks.started.push(callback);
}

// `callback(map, view)` runs after every render and whenever a card opens or closes.
function whenChanged(callback) {
  hooks.changed.push(callback);
}

function tell(list, map, view) {
  list.forEach((callback) => callback(map, view));
}

function choose(map, view, changes) {
  Object.assign(state, changes);
  keepChoices();
  render(map, view);
}

// A choice that the others leave no room for falls back to the first one.
function keepChoices() {
  const profiles = profilesNow();
  if (!profiles.some((profile) => profile.id === state.profile)) {
    state.profile = profiles.length ? profiles[0].id : "";
  }
  if (!townsNow().some((town) => town.id === state.town)) state.town = "";
}

// Panels are written anew: who was on a control stays on it.
function keepFocus(work) {
  const id = document.activeElement ? document.activeElement.id : "";
  work();
  const again = id ? byId(id) : null;
  if (again && again !== document.activeElement) again.focus({ preventScroll: true });
}
