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

// As Leaflet's own projection at zoom 0, without its objects: it is asked for every vertex.
function pixel([lat, lon]) {
  const most = L.Projection.SphericalMercator.MAX_LATITUDE;
  const sine = Math.sin((Math.max(Math.min(most, lat), -most) * Math.PI) / 180);
  return [256 * (lon / 360 + 0.5), 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI))];
}

// Least canvas pixels to a pixel of the page: a sheet to be printed asks for more.
const canvasPixels = { least: 1 };

function sharpen(times) {
  canvasPixels.least = Math.max(1, times);
}

const PaintedTiles = L.GridLayer.extend({
  // `things(zoom)` gives a Shelf; `paint(context, things, place, zoom)` draws on one tile.
  initialize(things, paint, options) {
    this._things = things;
    this._paint = paint;
    L.GridLayer.prototype.initialize.call(this, { maxZoom: 19, margin: 4, ...options });
  },

  // Between whole zooms Leaflet stretches tiles: they are painted for the zoom at hand, so that
  // lines and signs keep their width, and painted anew when it changes.
  getEvents() {
    const events = L.GridLayer.prototype.getEvents.call(this);
    const zoomed = () => {
      if (this._paintedAt !== undefined && this._paintedAt !== this._map.getZoom()) this.redraw();
    };
    return { ...events, zoomend: zoomed };
  },

  // Leaflet's own takes a zoom between two whole ones for a level of tiles.
  redraw() {
    if (!this._map) return this;
    this._removeAllTiles();
    this._resetView();
    return this;
  },

  createTile(coords) {
    const size = this.getTileSize();
    const zoom = this._map._animatingZoom ? this._map._animateToZoom : this._map.getZoom();
    this._paintedAt = zoom;
    const stretch = 2 ** (zoom - coords.z);
    const ratio = Math.min(3, Math.max(window.devicePixelRatio || 1, canvasPixels.least) * stretch);
    const tile = el("canvas", { width: Math.ceil(size.x * ratio), height: Math.ceil(size.y * ratio) });
    const scale = 2 ** zoom;
    const corner = coords.scaleBy(size).multiplyBy(stretch);
    const margin = this.options.margin;
    const box = [
      (corner.x - margin) / scale,
      (corner.y - margin) / scale,
      (corner.x + size.x * stretch + margin) / scale,
      (corner.y + size.y * stretch + margin) / scale,
    ];
    const context = tile.getContext("2d");
    context.scale(ratio / stretch, ratio / stretch);
    const place = ([x, y]) => [x * scale - corner.x, y * scale - corner.y];
    this._paint(context, this._things(zoom).within(box), place, zoom);
    return tile;
  },
});
