// Elders as discs on a grid: area is their number, sectors are covered, uncovered, undetermined.

const CELL_COLOURS = ["#34559b", "#d9822b", "#9aa0a8"];
const CELL_PX = 26;

function cellLayer() {
  let kept = { key: "", shelf: null };
  const shelfAt = (zoom) => {
    const key = `${state.circle}|${state.profile}|${state.group}`;
    if (kept.key !== `${key}|${zoom}`) kept = { key: `${key}|${zoom}`, shelf: cellShelf(key, zoom) };
    return kept.shelf;
  };
  return new PaintedTiles(shelfAt, paintCells, { pane: "cells", margin: CELL_PX });
}

// Cells are merged by powers of two until one is wide enough to be read.
function mergeLevel(zoom) {
  const latitude = (data.cells.places[0][3] / SCALE) * (Math.PI / 180);
  const metresPerPixel = (40075017 * Math.cos(latitude)) / (256 * 2 ** zoom);
  const wanted = (CELL_PX * metresPerPixel) / data.cells.size;
  return Math.max(0, Math.ceil(Math.log2(wanted)));
}

function cellShelf(key, zoom) {
  const flat = data.cells.counts[key] || [];
  const shift = mergeLevel(zoom);
  const merged = new Map();
  for (let i = 0; i < flat.length; i += 4) {
    const [column, row, lon, lat] = data.cells.places[flat[i]];
    const name = `${column >> shift},${row >> shift}`;
    const cell = merged.get(name) || { counts: [0, 0, 0], lon: 0, lat: 0, weight: 0 };
    const elders = flat[i + 1] + flat[i + 2] + flat[i + 3];
    cell.counts = cell.counts.map((number, k) => number + flat[i + 1 + k]);
    cell.lon += lon * elders;
    cell.lat += lat * elders;
    cell.weight += elders;
    merged.set(name, cell);
  }
  return new Shelf([...merged.values()].map(cellThing).sort((a, b) => b.total - a.total).map(relative));
}

function cellThing(cell) {
  const [x, y] = pixel(latLng([cell.lon / cell.weight, cell.lat / cell.weight]));
  return { counts: cell.counts, total: cell.weight, x, y, box: [x, y, x, y] };
}

// The largest disc fills its cell.
function relative(thing, index, all) {
  const share = Math.sqrt(thing.total / all[0].total);
  return { ...thing, radius: Math.max(2.5, share * CELL_PX * 0.62) };
}

function paintCells(context, things, place) {
  for (const thing of things) {
    const [x, y] = place([thing.x, thing.y]);
    drawShares(context, x, y, thing);
    if (thing.radius > 11) writeCount(context, x, y, thing.total);
  }
}

function drawShares(context, x, y, thing) {
  let from = -Math.PI / 2;
  thing.counts.forEach((number, k) => {
    const to = from + (number / thing.total) * 2 * Math.PI;
    context.beginPath();
    context.moveTo(x, y);
    context.arc(x, y, thing.radius, from, to);
    context.closePath();
    context.fillStyle = CELL_COLOURS[k];
    if (number) context.fill();
    from = to;
  });
  context.beginPath();
  context.arc(x, y, thing.radius, 0, 2 * Math.PI);
  context.lineWidth = 1;
  context.strokeStyle = "#fff";
  context.stroke();
}

function writeCount(context, x, y, total) {
  const text = total >= 10000 ? `${Math.round(total / 1000)}k` : String(total);
  context.font = "600 10px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 2.5;
  context.strokeStyle = "rgba(20, 30, 55, .75)";
  context.strokeText(text, x, y);
  context.fillStyle = "#fff";
  context.fillText(text, x, y);
}
