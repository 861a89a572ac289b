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

// Most canvas pixels to a pixel of the page, along each side: fine enough for print.
const MOST_PIXELS = 3;

// On paper tiles would show their seams: there each layer is one canvas.
const sheet = { on: false };

const PaintedTiles = L.GridLayer.extend({
  // `things(zoom)` gives a Shelf; `paint(context, things, place, zoom)` draws on one tile.
  initialize(things, paint, options) {
    this._things = things;
    this._paint = paint;
    L.GridLayer.prototype.initialize.call(this, { maxZoom: 19, margin: 4, overlap: 0, noWrap: true, updateWhenZooming: false, ...options });
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

  _update(center) {
    if (this._sheet) this._sheet.remove();
    if (sheet.on) this._paintSheet();
    else L.GridLayer.prototype._update.call(this, center);
  },

  // Tiles stay where they are: nothing flickers.
  redraw() {
    if (this._map && sheet.on) this._update();
    else if (this._map) Object.values(this._tiles).forEach(({ el: tile, coords }) => this._paintTile(tile, coords));
    return this;
  },

  createTile(coords) {
    const tile = el("canvas", {});
    this._paintTile(tile, coords);
    return tile;
  },

  _tileShown() {
    return this.getTileSize().add([this.options.overlap, this.options.overlap]);
  },

  _initTile(tile) {
    L.GridLayer.prototype._initTile.call(this, tile);
    const size = this._tileShown();
    Object.assign(tile.style, { width: `${size.x}px`, height: `${size.y}px` });
  },

  _paintTile(tile, coords) {
    const corner = coords.scaleBy(this.getTileSize());
    this._paintOn(tile, { corner, size: this._tileShown(), zoom: coords.z, ratio: Math.min(MOST_PIXELS, window.devicePixelRatio || 1) });
  },

  _paintSheet() {
    this._removeAllTiles();
    const size = this._map.getSize();
    this._sheet = el("canvas", { style: `position:absolute;width:${size.x}px;height:${size.y}px` });
    L.DomUtil.setPosition(this._sheet, this._map.containerPointToLayerPoint([0, 0]));
    this._container.append(this._sheet);
    this._paintOn(this._sheet, { corner: this._map.getPixelBounds().min, size, zoom: this._map.getZoom(), ratio: MOST_PIXELS });
  },

  // Where there are no things there are no pixels: nobody need move them.
  _paintOn(canvas, { corner, size, zoom, ratio }) {
    const scale = 2 ** zoom;
    const margin = this.options.margin;
    const box = [corner.x - margin, corner.y - margin, corner.x + size.x + margin, corner.y + size.y + margin];
    const things = this._things(zoom).within(box.map((edge) => edge / scale));
    canvas.width = things.length ? Math.ceil(size.x * ratio) : 0;
    canvas.height = things.length ? Math.ceil(size.y * ratio) : 0;
    if (!things.length) return;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const place = ([x, y]) => [x * scale - corner.x, y * scale - corner.y];
    this._paint(context, things, place, zoom);
  },
});
