// A layer that paints things on canvas tiles: it pans smoothly with a hundred thousand of them.
// A thing has `box` (minX, minY, maxX, maxY) in pixels of zoom 0; `paint` draws those of a tile.

const BUCKETS = 48;

class Shelf {
  constructor(things) {
    this.things = things;
    this.box = things.reduce((box, thing) => grow(box, thing.box), null);
    this.buckets = new Map();
    things.forEach((thing, index) => this.each(thing.box, (key) => this.put(key, index)));
  }

  put(key, index) {
    if (!this.buckets.has(key)) this.buckets.set(key, []);
    this.buckets.get(key).push(index);
  }

  step(value, axis) {
    const size = this.box[axis + 2] - this.box[axis] || 1;
    const place = Math.floor(((value - this.box[axis]) / size) * BUCKETS);
    return Math.max(0, Math.min(BUCKETS - 1, place));
  }

  each(box, visit) {
    for (let x = this.step(box[0], 0); x <= this.step(box[2], 0); x += 1) {
      for (let y = this.step(box[1], 1); y <= this.step(box[3], 1); y += 1) visit(x * BUCKETS + y);
    }
  }

  // Things whose box meets `box`, each once, in their order.
  within(box) {
    if (!this.box || !meets(this.box, box)) return [];
    const found = new Set();
    this.each(box, (key) => (this.buckets.get(key) || []).forEach((index) => found.add(index)));
    return [...found]
      .sort((a, b) => a - b)
      .map((index) => this.things[index])
      .filter((thing) => meets(thing.box, box));
  }
}

function grow(box, other) {
  if (!box) return [...other];
  return [
    Math.min(box[0], other[0]),
    Math.min(box[1], other[1]),
    Math.max(box[2], other[2]),
    Math.max(box[3], other[3]),
  ];
}

function meets(a, b) {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

function pixel(point) {
  const place = L.CRS.EPSG3857.latLngToPoint(L.latLng(point[0], point[1]), 0);
  return [place.x, place.y];
}

const PaintedTiles = L.GridLayer.extend({
  // `things(zoom)` gives a Shelf; `paint(context, things, place, zoom)` draws on one tile.
  initialize(things, paint, options) {
    this._things = things;
    this._paint = paint;
    L.GridLayer.prototype.initialize.call(this, { maxZoom: 19, margin: 4, ...options });
  },

  createTile(coords) {
    const size = this.getTileSize();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const tile = el("canvas", { width: size.x * ratio, height: size.y * ratio });
    const scale = 2 ** coords.z;
    const corner = coords.scaleBy(size);
    const margin = this.options.margin;
    const box = [
      (corner.x - margin) / scale,
      (corner.y - margin) / scale,
      (corner.x + size.x + margin) / scale,
      (corner.y + size.y + margin) / scale,
    ];
    const context = tile.getContext("2d");
    context.scale(ratio, ratio);
    const place = ([x, y]) => [x * scale - corner.x, y * scale - corner.y];
    this._paint(context, this._things(coords.z).within(box), place, coords.z);
    return tile;
  },
});
