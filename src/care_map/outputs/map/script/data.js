// The payload as the page asks for it, and the reader's choices.

const FIGURES = ["elders", "covered", "uncovered", "undetermined", "low", "high", "median", "any", "paths"];
const SCALE = 1e5;

const state = {
  circle: data.circles.length ? data.circles[0].id : "",
  profile: "",
  group: data.groups.length ? data.groups[0].id : "",
  level: data.level,
  unit: null,
  sort: { column: "rate", descending: false },
  allGaps: false,
};

function circleNow() {
  return data.circles.find((circle) => circle.id === state.circle);
}

function profilesNow() {
  const circle = circleNow();
  return circle ? circle.profiles : [];
}

function keepProfile() {
  const profiles = profilesNow();
  const kept = profiles.some((profile) => profile.id === state.profile);
  if (!kept) state.profile = profiles.length ? profiles[0].id : "";
}

function figuresOf(row) {
  return row ? Object.fromEntries(FIGURES.map((name, i) => [name, row[i]])) : null;
}

function ratesOf(profile) {
  return data.rates[`${state.circle}|${profile}|${state.group}`];
}

function wholeFigures(profile, setting = "all") {
  const rates = ratesOf(profile);
  return rates ? figuresOf(rates.all[setting]) : null;
}

// Every unit of the level, with its figures or null.
function unitsNow() {
  const rates = ratesOf(state.profile);
  const found = new Map(rates ? rates.units.map((row) => [row[0], figuresOf(row.slice(1))]) : []);
  return data.units
    .map((unit, index) => ({ index, unit, figures: found.get(index) || null }))
    .filter((entry) => entry.unit.level === state.level);
}

function gapsNow() {
  const mine = data.gaps.filter((gap) => gap.circle === state.circle);
  const same = mine.filter((gap) => gap.profile === state.profile);
  if (same.length || !mine.length) return { gaps: same, official: false };
  const official = profilesNow()[0].id;
  return { gaps: mine.filter((gap) => gap.profile === official), official: state.profile !== official };
}

function countsNow(facility) {
  const circle = circleNow();
  return !circle || facility.types.some((type) => circle.types.includes(type));
}

function latLng(point) {
  return [point[1] / SCALE, point[0] / SCALE];
}

// A line is its first point and then differences, in whole 1e-5 degrees.
function decode(flat) {
  const points = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < flat.length; i += 2) {
    lon += flat[i];
    lat += flat[i + 1];
    points.push([lat / SCALE, lon / SCALE]);
  }
  return points;
}
