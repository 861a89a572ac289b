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
    L.GridLayer.prototype.initialize.call(this, { maxZoom: 19, margin: 4, noWrap: true, updateWhenZooming: false, ...options });
  },

  // Leaflet stretches the tiles of the nearest whole zoom: lines would not keep their width, and
  // a browser without a graphics card takes ten times as long to move them. These are of the zoom
  // at hand, whole or not.
  _setView(center, zoom, noPrune, noUpdate) {
    if (!noUpdate) this._exactZoom = zoom;
    L.GridLayer.prototype._setView.call(this, center, zoom, noPrune, noUpdate);
  },

  _clampZoom() {
    return this._exactZoom;
  },

  // Tiles stay where they are: nothing flickers.
  redraw() {
    if (this._map) Object.values(this._tiles).forEach(({ el: tile, coords }) => this._paintTile(tile, coords));
    return this;
  },

  createTile(coords) {
    const tile = el("canvas", {});
    this._paintTile(tile, coords);
    return tile;
  },

  // A tile without things has no pixels: nobody need move them.
  _paintTile(tile, coords) {
    const size = this.getTileSize();
    const scale = 2 ** coords.z;
    const corner = coords.scaleBy(size);
    const margin = this.options.margin;
    const box = [corner.x - margin, corner.y - margin, corner.x + size.x + margin, corner.y + size.y + margin];
    const things = this._things(coords.z).within(box.map((edge) => edge / scale));
    const ratio = things.length ? Math.min(3, Math.max(window.devicePixelRatio || 1, canvasPixels.least)) : 0;
    tile.width = Math.ceil(size.x * ratio);
    tile.height = Math.ceil(size.y * ratio);
    if (!ratio) return;
    const context = tile.getContext("2d");
    context.scale(ratio, ratio);
    const place = ([x, y]) => [x * scale - corner.x, y * scale - corner.y];
    this._paint(context, things, place, coords.z);
  },
});
