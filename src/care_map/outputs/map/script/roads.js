// The base map: roads by class, rivers and railways.

const ROADS = {
  path: { from: 15, colour: "rgba(70, 64, 54, .28)", widths: [0.8, 1] },
  minor: { from: 12, colour: "rgba(70, 64, 54, .26)", widths: [0.6, 2] },
  middle: { from: 9, colour: "rgba(66, 60, 50, .44)", widths: [0.9, 3.2] },
  major: { from: 0, colour: "rgba(66, 60, 50, .6)", widths: [1.3, 4.2] },
};
const BARRIERS = {
  water: { from: 0, colour: "#79add4", widths: [1.8, 4.5] },
  railway: { from: 11, colour: "rgba(96, 92, 104, .55)", widths: [0.9, 1.3], dash: [6, 3] },
};

// Each class has a shelf of its own, filled when a zoom first asks for it: most never are.
function lineShelves(lines, styles) {
  return Object.keys(styles).filter((name) => lines[name]).map((name) => {
    let shelf = null;
    const within = (box) => {
      if (!shelf) shelf = new Shelf(lines[name].map(asThing));
      return shelf.within(box);
    };
    return { style: styles[name], within };
  });
}

// A city has some 100,000 lines: pixels of zoom 0 in one flat array each, without points between.
function asThing(flat) {
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

function lineLayer(lines, styles, pane) {
  const shelves = lineShelves(lines, styles);
  // The tile's box is handed through to the shelves.
  const all = { within: (box) => box };
  const paint = (context, box, place, zoom) => {
    for (const { style, within } of shelves) {
      if (zoom >= style.from) strokeLines(context, within(box), place, widthAt(style, zoom), style);
    }
  };
  return new PaintedTiles(() => all, paint, { pane });
}

function widthAt(style, zoom) {
  const share = Math.max(0, Math.min(1, (zoom - 10) / 7));
  return style.widths[0] + share * (style.widths[1] - style.widths[0]);
}

function strokeLines(context, things, place, width, style) {
  const [left, top] = place([0, 0]);
  const scale = place([1, 0])[0] - left;
  context.beginPath();
  for (const { path } of things) {
    context.moveTo(left + scale * path[0], top + scale * path[1]);
    for (let i = 2; i < path.length; i += 2) context.lineTo(left + scale * path[i], top + scale * path[i + 1]);
  }
  context.lineWidth = width;
  context.lineJoin = "round";
  context.strokeStyle = style.colour;
  context.setLineDash(style.dash || []);
  context.stroke();
}
