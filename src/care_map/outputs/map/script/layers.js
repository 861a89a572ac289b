// Layers: which there are, which are on, and the panel that switches them.

function makeLayers(map, view) {
  const has = (things) => Boolean(things && things.length);
  const units = data.units.some((unit) => unit.shape.length);
  const groups = data.facilityGroups.filter((group) => data.facilities.some((one) => one.group === group.id));
  const all = [
    units && { id: "units", layer: view.units.layer, on: true },
    units && { id: "names", layer: view.names, on: true },
    Object.keys(data.areas || {}).length && { id: "areas", layer: view.areas, on: true },
    data.gaps.some((gap) => gap.point) && { id: "gaps", layer: view.gaps, on: true },
    ...groups.map((group) => ({
      id: `facilities-${group.id}`, title: t("layer_facilities", { title: group.title }), tip: t("tip_facilities"),
      layer: view.facilities.layer, shared: true, on: true,
    })),
    data.facilities.some((one) => !one.operating || one.stages) && { id: "planned", layer: view.facilities.layer, shared: true, on: true },
    has(data.candidates) && { id: "candidates", layer: view.facilities.layer, shared: true, on: false },
    view.cells && { id: "cells", layer: view.cells, on: !units },
    view.roads && { id: "roads", layer: view.roads, on: true },
    view.water && { id: "water", layer: view.water, on: true },
    view.tiles && { id: "tiles", layer: view.tiles, on: true },
  ].filter(Boolean);
  all.forEach((entry) => {
    entry.title = entry.title || t(`layer_${entry.id}`);
    entry.tip = entry.tip || t(`tip_${entry.id}`);
    if (!(entry.id in state.layers)) state.layers[entry.id] = entry.on;
  });
  return all;
}

// Facilities of all kinds are one painted layer, so that those that count lie on top.
function syncLayers(map, view) {
  for (const { id, layer, shared } of view.layers) {
    if (shared) continue;
    if (state.layers[id] && !map.hasLayer(layer)) layer.addTo(map);
    if (!state.layers[id] && map.hasLayer(layer)) layer.remove();
  }
  view.layers.forEach(({ id }) => {
    const box = byId("layers").querySelector(`input[data-layer="${id}"]`);
    if (box) box.checked = state.layers[id];
  });
}

function layerOn(id) {
  return state.layers[id] === true;
}

function fillLayers(map, view) {
  const line = ({ id, title, tip }) => {
    const change = (event) => choose(map, view, { layers: { ...state.layers, [id]: event.target.checked } });
    const box = el("input", { type: "checkbox", id: `layer-${id}`, "data-layer": id, on: { change } });
    return el("label", { title: tip }, box, el("span", {}, title));
  };
  byId("layers").replaceChildren(...view.layers.map(line));
}

function startLayers(map, view) {
  if (!view.layers.length) return;
  fillLayers(map, view);
  const panel = byId("layers");
  const show = (open) => {
    panel.hidden = !open;
    panel.style.right = `${byId("tools").offsetWidth + 18}px`;
    button.setAttribute("aria-expanded", String(open));
  };
  const press = () => {
    show(panel.hidden);
    if (!panel.hidden) panel.querySelector("input").focus();
  };
  const button = addTool({ id: "tool-layers", text: t("layers"), title: t("layers_tip"), press });
  button.setAttribute("aria-controls", "layers");
  show(false);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button.focus();
  });
  L.DomEvent.disableClickPropagation(panel);
  L.DomEvent.disableScrollPropagation(panel);
  map.on("mousedown", () => show(false));
}

// A button over the map, under those that are there; a sign needs a `label` in words.
function addTool({ id, text, title, label, press }) {
  const button = el("button", { type: "button", class: "tool", id, title, "aria-label": label, on: { click: press } }, text);
  byId("tools").append(button);
  return button;
}
