// Travel times on a lattice: a click is answered from the nearest of its points, never by a line.

const SETTINGS = ["", "urban", "rural"];
const SPOT_STATUS = ["outside", "inside", "undetermined", "unruled"];
const latticeKept = { found: null };

// Unpacked at the first click, and of it only what the chosen circle needs.
function lattice() {
  if (!latticeKept.found && data.lattice) latticeKept.found = unpackLattice(data.lattice);
  return latticeKept.found;
}

function unpack(text, Numbers) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return new Numbers(bytes.buffer);
}

function unpackLattice(packed) {
  const Indices = packed.facilityBytes === 4 ? Uint32Array : Uint16Array;
  return {
    ...packed,
    grids: packed.grids.map((grid) => ({ ...grid, cells: unpack(grid.cells, Uint32Array) })),
    setting: unpack(packed.setting, Uint8Array),
    part: kept(packed.parts, (one) => ({ ...one, facility: unpack(one.facility, Indices), minutes: unpack(one.minutes, Uint16Array) })),
    circle: kept(packed.circles, (one) => ({ ...one, status: unpack(one.status, Uint8Array), reason: unpack(one.reason, Uint8Array) })),
  };
}

// What `make` makes of an entry, made when it is first asked for; null where there is none.
function kept(entries, make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, key in entries ? make(entries[key]) : null);
    return made.get(key);
  };
}

// The point of a grid's cell, or null: cells without one are not listed.
function pointOf(grid, column, row) {
  if (column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) return null;
  const wanted = row * grid.columns + column;
  let [low, high] = [0, grid.cells.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (grid.cells[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  if (grid.cells[low] !== wanted) return null;
  const at = [grid.lat0 + (row + 0.5) * grid.dlat, grid.lon0 + (column + 0.5) * grid.dlon];
  return { index: grid.first + low, at, spacing: grid.spacing };
}

function cellOf(grid, [lat, lon]) {
  return [Math.floor((lon - grid.lon0) / grid.dlon), Math.floor((lat - grid.lat0) / grid.dlat)];
}

function latticePoint(at) {
  const { grids } = lattice();
  for (const grid of grids) {
    const point = pointOf(grid, ...cellOf(grid, at));
    if (point) return { ...point, metres: metresBetween(at, point.at) };
  }
  return grids.length ? besidePoint(grids[grids.length - 1], at) : null;
}

// At the edge of the study the own cell may have no point while the next one has.
function besidePoint(grid, at) {
  const [column, row] = cellOf(grid, at);
  const steps = [-1, 0, 1];
  return steps
    .flatMap((dx) => steps.map((dy) => pointOf(grid, column + dx, row + dy)))
    .filter(Boolean)
    .map((point) => ({ ...point, metres: metresBetween(at, point.at) }))
    .sort((a, b) => a.metres - b.metres)[0] || null;
}

function metresBetween(a, b) {
  return L.CRS.Earth.distance(L.latLng(a), L.latLng(b));
}

// Everything that the lattice knows of a place for the chosen circle and profile, or null.
function spotAnswer(at) {
  const found = lattice();
  const circle = found && found.circle(keyNow());
  const point = circle && latticePoint(at);
  if (!point) return null;
  const setting = SETTINGS[found.setting[point.index]];
  return {
    point,
    setting,
    rule: circle.rules[setting] || null,
    status: SPOT_STATUS[circle.status[point.index]],
    reason: found.reasons[circle.reason[point.index]],
    parts: circle.parts.map((number) => partTimes(found, number, point.index)),
    delivery: circle.delivery ? { ...partTimes(found, circle.delivery.part, point.index), ...circle.delivery } : null,
  };
}

function partTimes(found, number, index) {
  const part = found.part(number);
  const times = [];
  for (let i = index * found.k; i < (index + 1) * found.k; i += 1) {
    if (part.minutes[i] < found.noRoad) {
      times.push({ facility: data.facilities[part.facility[i]], hundredths: part.minutes[i] * (100 / found.perMinute) });
    }
  }
  return { heading: part.title, times, noRoad: part.minutes[index * found.k] === found.noRoad, cap: found.cap };
}
