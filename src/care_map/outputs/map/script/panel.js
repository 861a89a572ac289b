// The panel's head: which circle, by which profile, for whom; and its figures.

function renderCircles(choose) {
  const options = data.circles.map((circle, i) => {
    const input = el("input", {
      type: "radio", name: "circle", id: `circle-${i}`, value: circle.id, on: { change: () => choose({ circle: circle.id }) },
    });
    input.checked = circle.id === state.circle;
    return el("label", { title: circle.title }, input, el("span", {}, ...circleTitle(circle.title)));
  });
  const field = byId("circles");
  field.hidden = !options.length;
  field.replaceChildren(field.querySelector("legend"), ...options);
}

// What stands in brackets is how one travels: it goes on a line of its own, in smaller letters.
function circleTitle(title) {
  const found = title.match(/^(.+?)\s*([\uff08(].+[\uff09)])$/);
  return found ? [found[1], el("small", {}, found[2].slice(1, -1))] : [title];
}

const WIDE_OPTION_PX = 190;

// A selector with one option would change nothing: it becomes a line of text.
function selector(name, options, choose, changes = (value) => ({ [name]: value })) {
  if (!options.length) return "";
  if (options.length === 1) {
    return el("span", { class: "fixed" }, el("small", {}, t(name)), options[0].title);
  }
  const select = el(
    "select",
    { id: `choice-${name}`, on: { change: (event) => choose(changes(event.target.value)) } },
    ...options.map((option) => el("option", { value: option.id }, option.title)),
  );
  select.value = state[name];
  const chosen = options.find((option) => option.id === state[name]);
  select.title = [chosen ? chosen.title : "", t(`${name}_tip`)].filter(Boolean).join("\n");
  const wide = options.some((option) => textWidth(option.title) > WIDE_OPTION_PX);
  return el("label", { class: wide ? "wide" : false }, el("small", {}, t(name)), select);
}

function renderChoices(choose) {
  const profiles = profilesNow().map((profile, i, all) => ({
    id: profile.id,
    title: i || all.length === 1 ? profile.title : t("official", { title: profile.title }),
  }));
  byId("choices").replaceChildren(...[
    selector("profile", profiles, choose),
    selector("group", data.groups, choose),
  ].filter(Boolean));
}

function renderFigures() {
  const figures = wholeFigures(state.profile);
  if (!figures) {
    byId("figures").replaceChildren(el("p", { class: "note" }, t("no_figures")));
    return;
  }
  byId("figures").replaceChildren(figureTiles(figures), stackedBar(figures), ...figureLines(figures));
}

function figureTiles(figures) {
  const tile = (name, text) => el("div", { "data-figure": name, title: t(`${name}_tip`) }, el("dt", {}, t(name)), el("dd", {}, text));
  return el(
    "dl",
    { class: "tiles" },
    tile("rate", rateRange(figures)),
    ...["covered", "uncovered", "undetermined"].map((name) => tile(name, count(figures[name]))),
  );
}

function stackedBar(figures) {
  const names = ["covered", "uncovered", "undetermined"];
  const title = names.map((name) => `${t(name)} ${count(figures[name])}`).join(t("list"));
  const parts = figures.elders
    ? names.map((name) => el("i", { class: name, style: `width:${(100 * figures[name]) / figures.elders}%` }))
    : [];
  return el("div", { class: "bar-stack", role: "img", "aria-label": title, title }, ...parts);
}

function figureLines(figures) {
  const settings = ["urban", "rural"]
    .filter((setting) => wholeFigures(state.profile, setting))
    .map((setting) => t(setting, { range: rateRange(wholeFigures(state.profile, setting)) }));
  const none = figuresOf(ratesOf(state.profile).none[state.level]);
  const any = figures.elders && known(figures.any) && figures.any !== figures.covered;
  return [
    [t("of_elders", { n: count(figures.elders) }), ...(settings.length > 1 ? settings : [])],
    [besideLine(), any ? t("any_district", { rate: percent(figures.any / figures.elders) }) : ""],
    [none && none.elders ? t("outside_units", { n: count(none.elders) }) : ""],
  ]
    .map((line) => line.filter(Boolean))
    .filter((line) => line.length)
    .map((line) => el("p", { class: "line" }, ...line.map((text) => el("span", {}, text))));
}

// The other profile of the circle stands beside the chosen one.
function besideLine() {
  const profiles = profilesNow();
  const other = profiles.find((profile) => profile.id !== state.profile);
  if (!other || !wholeFigures(other.id)) return "";
  const key = other === profiles[0] ? "official_beside" : "beside";
  return t(key, { title: other.title, range: rateRange(wholeFigures(other.id)) });
}
