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
      if (!shelf) shelf = new Shelf(lines[name].map(asPath));
      return shelf.within(box);
    };
    return { style: styles[name], within };
  });
}

// What is painted are classes, each with its lines.
function lineLayer(lines, styles, pane) {
  const shelves = lineShelves(lines, styles);
  const classes = (zoom) => ({
    within: (box) => shelves
      .filter(({ style }) => zoom >= style.from)
      .map(({ style, within }) => ({ style, paths: within(box).map((thing) => thing.path) }))
      .filter(({ paths }) => paths.length),
  });
  const paint = (context, found, place, zoom) => {
    for (const { style, paths } of found) {
      strokePaths(context, paths, place, { ...style, width: widthAt(style, zoom), join: "round" });
    }
  };
  return new PaintedTiles(classes, paint, { pane });
}

function widthAt(style, zoom) {
  const share = Math.max(0, Math.min(1, (zoom - 10) / 7));
  return style.widths[0] + share * (style.widths[1] - style.widths[0]);
}
