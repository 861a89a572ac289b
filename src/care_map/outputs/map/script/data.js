// The payload as the page asks for it.

const FIGURES = ["elders", "covered", "uncovered", "undetermined", "low", "high", "median", "any", "paths"];
const SCALE = 1e5;
const UNIT_INDEX = new Map((data.units || []).map((unit, index) => [unit.id, index]));

function circleNow() {
  return data.circles.find((circle) => circle.id === state.circle);
}

function profilesNow() {
  const circle = circleNow();
  return circle ? circle.profiles : [];
}

// Units that hold units of the chosen level, for the filter of the table.
function townsNow() {
  const parents = new Set(data.units.filter((unit) => unit.level === state.level).map((unit) => unit.parentId));
  const towns = data.units.filter((unit) => parents.has(unit.id) && unit.level !== "district");
  return towns.length > 1 ? towns : [];
}

function keyNow() {
  return `${state.circle}|${state.profile}`;
}

function figuresOf(row) {
  return row ? Object.fromEntries(FIGURES.map((name, i) => [name, row[i]])) : null;
}

function ratesOf(profile) {
  return data.rates[`${state.circle}|${profile}|${state.group}`];
}

function wholeFigures(profile, setting = "all") {
  const rates = ratesOf(profile);
  const gains = trialGains(profile);
  return rates ? gained(figuresOf(rates.all[setting]), gains && gains.settings.get(setting)) : null;
}

// Every unit of the level, with its figures or null; kept until a choice changes it.
const unitsKept = { key: "", entries: [] };

function unitsNow() {
  const key = [keyNow(), state.group, state.level, ...trialSites()].join("|");
  if (unitsKept.key !== key) {
    unitsKept.key = key;
    unitsKept.entries = findUnits();
  }
  return unitsKept.entries;
}

function findUnits() {
  const rates = ratesOf(state.profile);
  const found = new Map(rates ? rates.units.map((row) => [row[0], figuresOf(row.slice(1))]) : []);
  const gains = trialGains();
  return data.units
    .map((unit, index) => ({ index, unit, figures: gained(found.get(index) || null, gains && gains.units.get(index)) }))
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
