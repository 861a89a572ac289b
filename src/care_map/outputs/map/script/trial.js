// Candidates on trial: the figures as if the chosen ones were built. What each set of candidates
// covers is added up from classes of elders whom the same candidates reach: nothing is estimated.

const TRIAL_LISTED = 12;
const trialKept = { key: "", gains: null };

function trialOf(profile) {
  return (data.trial || {})[`${state.circle}|${profile}`] || null;
}

// Positions of the chosen candidates that count for the circle.
function trialSites(profile = state.profile) {
  const trial = trialOf(profile);
  return trial ? state.trial.filter((site) => trial.sites.includes(site)) : [];
}

function onTrial(candidate) {
  return state.trial.includes(data.candidates.indexOf(candidate));
}

// Elders whom `sites` newly cover: by unit, by setting and in all, out of which figure they come.
function gainsOf(trial, sites) {
  const chosen = new Set(sites);
  const group = data.groups.findIndex((one) => one.id === state.group);
  const gains = { units: new Map(), settings: new Map() };
  for (const [units, setting, elders, open, groups, reaching] of trial.classes) {
    if (group > 0 && !groups.includes(group)) continue;
    if (!reaching.some((site) => chosen.has(site))) continue;
    for (const name of ["all", setting]) addGain(gains.settings, name, elders, open, groups);
    for (const unit of units) addGain(gains.units, unit, elders, open, groups);
  }
  return gains;
}

function addGain(gains, name, elders, open, groups) {
  const gain = gains.get(name) || { uncovered: 0, undetermined: 0, priority: 0 };
  gain[open ? "undetermined" : "uncovered"] += elders;
  if (groups.length && !open) gain.priority += elders;
  gains.set(name, gain);
}

function trialGains(profile = state.profile) {
  const sites = trialSites(profile);
  if (!sites.length) return null;
  const key = [state.circle, profile, state.group, ...sites].join("|");
  if (trialKept.key !== key) Object.assign(trialKept, { key, gains: gainsOf(trialOf(profile), sites) });
  return trialKept.gains;
}

// Minutes and other districts' part would need a search anew: they are left open.
function gained(figures, gain) {
  if (!figures || !gain) return figures;
  const covered = figures.covered + gain.uncovered + gain.undetermined;
  const undetermined = figures.undetermined - gain.undetermined;
  return {
    ...figures,
    covered,
    undetermined,
    uncovered: figures.uncovered - gain.uncovered,
    low: covered / figures.elders,
    high: (covered + undetermined) / figures.elders,
    median: null,
    any: null,
  };
}

function newlyCovered(sites) {
  const trial = trialOf(state.profile);
  const gain = trial && gainsOf(trial, sites).settings.get("all");
  return gain ? gain.uncovered + gain.undetermined : 0;
}

function renderTrial(choose) {
  const trial = trialOf(state.profile);
  const box = byId("trial");
  box.hidden = !trial;
  if (!trial) return;
  const chosen = trialSites();
  byId("trial-title").textContent = t("trial_title", { n: count(trial.sites.length) });
  byId("trial-sum").replaceChildren(...trialSum(chosen, choose));
  byId("trial-sites").replaceChildren(...trialRows(trial, chosen).map(([site, more]) => trialRow(site, more, choose)));
}

function trialSum(chosen, choose) {
  if (!chosen.length) return [t("trial_none")];
  const costs = chosen.map((site) => data.candidates[site].cost);
  const cost = costs.every(known) ? t("trial_cost", { n: count(costs.reduce((a, b) => a + b, 0) / 1e4) }) : "";
  const words = [t("trial_sum", { sites: count(chosen.length), n: count(newlyCovered(chosen)) }), cost];
  const clear = el("button", { type: "button", class: "plain", id: "trial-clear", on: { click: () => choose({ trial: [] }) } }, t("trial_clear"));
  return [words.filter(Boolean).join(t("clause")), clear];
}

// The chosen ones, then those that would add most to them.
function trialRows(trial, chosen) {
  const already = newlyCovered(chosen);
  const others = trial.sites.filter((site) => !chosen.includes(site));
  const best = others.map((site) => [site, newlyCovered([...chosen, site]) - already]).filter(([, more]) => more > 0);
  best.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return [...chosen.map((site) => [site, null]), ...best.slice(0, TRIAL_LISTED)];
}

function trialRow(site, more, choose) {
  const candidate = data.candidates[site];
  const input = el("input", { type: "checkbox", id: `trial-${site}`, on: { change: () => choose(tried(site)) } });
  input.checked = !known(more);
  const cost = known(candidate.cost) ? t("trial_cost", { n: count(candidate.cost / 1e4) }) : "";
  const gain = known(more) ? t("trial_more", { n: count(more) }) : t("trial_on");
  return el("li", {}, el("label", {}, input, el("span", {}, candidate.name), el("small", {}, [gain, cost].filter(Boolean).join(t("clause")))));
}

// The choices with one candidate more, or less; its layer is shown.
function tried(site) {
  const trial = state.trial.includes(site) ? state.trial.filter((one) => one !== site) : [...state.trial, site];
  return { trial, layers: { ...state.layers, candidates: true } };
}

// The button of a candidate's card; empty where the circle has no use for it.
function trialButton(candidate) {
  const site = data.candidates.indexOf(candidate);
  const trial = trialOf(state.profile);
  if (!trial || !trial.sites.includes(site)) return el("p", { class: "note" }, t("trial_useless"));
  const on = state.trial.includes(site);
  const others = trialSites().filter((one) => one !== site);
  const more = newlyCovered([...others, site]) - newlyCovered(others);
  return el(
    "p",
    { class: "trial-line" },
    el("button", { type: "button", "data-try": site, "aria-pressed": String(on) }, t(on ? "trial_take_back" : "trial_try")),
    el("span", {}, t("trial_more", { n: count(more) })),
  );
}

whenStarted((map, view) => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-try]");
    if (button) choose(map, view, tried(Number(button.dataset.try)));
  });
});
