// The base map: roads by class, rivers and railways.

const ROADS = {
  path: { from: 15, colour: "rgba(70, 64, 54, .28)", widths: [0.8, 1] },
  minor: { from: 12, colour: "rgba(70, 64, 54, .26)", widths: [0.6, 2] },
  middle: { from: 9, colour: "rgba(66, 60, 50, .44)", widths: [0.9, 3.2] },
  major: { from: 0, colour: "rgba(66, 60, 50, .6)", widths: [1.3, 4.2] },
};
const BARRIERS = {
  water: { from: 0, colour: "#79add4", widths: [1.8, 4.5] },
  railway: { from: 11, colour: "#7d7a86", widths: [0.9, 1.6], dash: [6, 4] },
};

function lineShelves(lines, styles) {
  return Object.keys(styles)
    .filter((name) => lines[name])
    .map((name) => ({ style: styles[name], shelf: new Shelf(lines[name].map(asThing)) }));
}

function asThing(flat) {
  const path = decode(flat).map(pixel);
  const box = path.reduce((whole, [x, y]) => grow(whole, [x, y, x, y]), null);
  return { path, box };
}

function lineLayer(lines, styles, pane) {
  const shelves = lineShelves(lines, styles);
  // Each class has a shelf of its own: hand the tile's box through to them.
  const all = { within: (box) => box };
  const paint = (context, box, place, zoom) => {
    for (const { style, shelf } of shelves) {
      if (zoom >= style.from) strokeLines(context, shelf.within(box), place, widthAt(style, zoom), style);
    }
  };
  return new PaintedTiles(() => all, paint, { pane });
}

function widthAt(style, zoom) {
  const share = Math.max(0, Math.min(1, (zoom - 10) / 7));
  return style.widths[0] + share * (style.widths[1] - style.widths[0]);
}

function strokeLines(context, things, place, width, style) {
  context.beginPath();
  for (const { path } of things) {
    path.forEach((point, i) => {
      const [x, y] = place(point);
      if (i) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
  }
  context.lineWidth = width;
  context.lineJoin = "round";
  context.strokeStyle = style.colour;
  context.setLineDash(style.dash || []);
  context.stroke();
}
