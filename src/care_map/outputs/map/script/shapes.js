// Lines and polygons for painted tiles: flat arrays in pixels of zoom 0, thinned as they are drawn.

// A vertex closer to the last one drawn makes no difference to the eye.
const LEAST_STEP_PX = 0.6;
const HATCH_STEP_PX = 10;

// A city has some 100,000 lines: no point is made into an object on the way.
function asPath(flat) {
  const path = new Float64Array(flat.length);
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let [lon, lat] = [0, 0];
  for (let i = 0; i < flat.length; i += 2) {
    lon += flat[i];
    lat += flat[i + 1];
    const [x, y] = pixel([lat / SCALE, lon / SCALE]);
    path[i] = x;
    path[i + 1] = y;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return { path, box };
}

function asPolygon(polygon, rest = {}) {
  const rings = polygon.map(asPath);
  return { ...rest, rings: rings.map((ring) => ring.path), box: rings[0].box };
}

// `place` maps pixels of zoom 0 to the tile, by a shift and a scale.
function tracePaths(context, paths, place, closed) {
  const [left, top] = place([0, 0]);
  const scale = place([1, 0])[0] - left;
  const step = LEAST_STEP_PX / scale;
  for (const path of paths) {
    let [x, y] = path;
    context.moveTo(left + scale * x, top + scale * y);
    for (let i = 2; i < path.length; i += 2) {
      const last = i === path.length - 2;
      if (!last && Math.abs(path[i] - x) < step && Math.abs(path[i + 1] - y) < step) continue;
      [x, y] = [path[i], path[i + 1]];
      context.lineTo(left + scale * x, top + scale * y);
    }
    if (closed) context.closePath();
  }
}

// `fill(thing)` gives a colour, or two of a hatch.
function fillPolygons(context, things, place, fill) {
  for (const thing of things) {
    const colour = fill(thing);
    context.beginPath();
    tracePaths(context, thing.rings, place, true);
    if (Array.isArray(colour)) fillHatched(context, place, colour);
    else {
      context.fillStyle = colour;
      context.fill("evenodd");
    }
  }
}

function strokePaths(context, paths, place, { colour, width, dash = [], join = "miter", closed = false }) {
  context.beginPath();
  tracePaths(context, paths, place, closed);
  context.lineWidth = width;
  context.lineJoin = join;
  context.strokeStyle = colour;
  context.setLineDash(dash);
  context.stroke();
}

function strokePolygons(context, things, place, line) {
  strokePaths(context, things.flatMap((thing) => thing.rings), place, { ...line, closed: true });
}

// Lines at 45 degrees that meet at the edges of tiles, within what is traced.
function fillHatched(context, place, [ground, line]) {
  const { width, height } = context.canvas;
  const [left, top] = place([0, 0]);
  context.save();
  context.clip("evenodd");
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  context.beginPath();
  const first = (((left + top) % HATCH_STEP_PX) + HATCH_STEP_PX) % HATCH_STEP_PX;
  for (let sum = first; sum < width + height; sum += HATCH_STEP_PX) {
    context.moveTo(sum, 0);
    context.lineTo(sum - height, height);
  }
  context.strokeStyle = line;
  context.lineWidth = 2;
  context.stroke();
  context.restore();
}
