// Distance along clicked points: straight lines on the ellipsoid, which say nothing of minutes.

const ELLIPSOID = { axis: 6378137, flattening: 1 / 298.257223563 };

// Vincenty's inverse formula: metres between two places in degrees.
function geodesicMetres(from, to) {
  const { axis, flattening: f } = ELLIPSOID;
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const [u1, u2] = [from, to].map(([lat]) => Math.atan((1 - f) * Math.tan(radians(lat))));
  const span = radians(to[1] - from[1]);
  let lambda = span;
  let found = null;
  for (let round = 0; round < 100; round += 1) {
    found = greatCircle(u1, u2, lambda);
    const { sigma, sinSigma, cosSigma, sinAlpha, cosAlpha2, cosMiddle } = found;
    if (sinSigma === 0) return 0;
    const c = (f / 16) * cosAlpha2 * (4 + f * (4 - 3 * cosAlpha2));
    const bend = cosMiddle + c * cosSigma * (2 * cosMiddle ** 2 - 1);
    const next = span + (1 - c) * f * sinAlpha * (sigma + c * sinSigma * bend);
    const done = Math.abs(next - lambda) < 1e-12;
    lambda = next;
    if (done) break;
  }
  return ellipticArc(found);
}

function greatCircle(u1, u2, lambda) {
  const across = Math.cos(u2) * Math.sin(lambda);
  const along = Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda);
  const sinSigma = Math.hypot(across, along);
  const cosSigma = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
  const sinAlpha = sinSigma ? (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sinSigma : 0;
  const cosAlpha2 = 1 - sinAlpha ** 2;
  const cosMiddle = cosAlpha2 ? cosSigma - (2 * Math.sin(u1) * Math.sin(u2)) / cosAlpha2 : 0;
  return { sigma: Math.atan2(sinSigma, cosSigma), sinSigma, cosSigma, sinAlpha, cosAlpha2, cosMiddle };
}

function ellipticArc({ sigma, sinSigma, cosSigma, cosAlpha2, cosMiddle }) {
  const { axis, flattening: f } = ELLIPSOID;
  const minor = axis * (1 - f);
  const k = (cosAlpha2 * (axis ** 2 - minor ** 2)) / minor ** 2;
  const a = 1 + (k / 16384) * (4096 + k * (-768 + k * (320 - 175 * k)));
  const b = (k / 1024) * (256 + k * (-128 + k * (74 - 47 * k)));
  const far = (b / 6) * cosMiddle * (4 * sinSigma ** 2 - 3) * (4 * cosMiddle ** 2 - 3);
  const near = cosSigma * (2 * cosMiddle ** 2 - 1);
  return minor * a * (sigma - b * sinSigma * (cosMiddle + (b / 4) * (near - far)));
}

function distanceText(metres) {
  if (metres < 1000) return t("metres", { n: Math.round(metres) });
  return t("kilometres", { n: (metres / 1000).toFixed(metres < 100000 ? 2 : 1) });
}

function pathMetres(points) {
  return points.slice(1).reduce((sum, point, i) => sum + geodesicMetres(points[i], point), 0);
}

whenStarted((map, view) => {
  const drawn = L.layerGroup().addTo(map);
  const box = byId("measure");
  const button = addTool({ id: "tool-measure", text: t("measure"), title: t("measure_title"), press: toggle });
  button.setAttribute("aria-pressed", "false");
  let points = null;

  function toggle() {
    if (points) stop();
    else begin();
  }

  function begin() {
    points = [];
    map.closePopup();
    map.doubleClickZoom.disable();
    view.capture = (event) => add([event.latlng.lat, event.latlng.lng]);
    document.addEventListener("keydown", press);
    switchTo(true);
    show();
  }

  function stop() {
    points = null;
    map.doubleClickZoom.enable();
    view.capture = null;
    document.removeEventListener("keydown", press);
    switchTo(false);
    drawn.clearLayers();
  }

  function switchTo(on) {
    button.setAttribute("aria-pressed", String(on));
    map.getContainer().classList.toggle("measuring", on);
    box.hidden = !on;
  }

  // A double click is two clicks at one place.
  function add(point) {
    const last = points[points.length - 1];
    if (last && geodesicMetres(last, point) === 0) return;
    points.push(point);
    show();
  }

  function press(event) {
    const centre = map.getCenter();
    const keys = {
      Escape: () => {
        stop();
        button.focus();
      },
      Backspace: () => {
        points.pop();
        show();
      },
      Enter: () => add([centre.lat, centre.lng]),
    };
    const inMap = event.target === map.getContainer();
    if (!(event.key in keys) || event.isComposing || (event.key === "Enter" && !inMap)) return;
    if (event.key === "Backspace" && event.target.matches("input, select")) return;
    event.preventDefault();
    keys[event.key]();
  }

  function show() {
    drawn.clearLayers();
    const line = (options) => L.polyline(points, { pane: "tools", interactive: false, ...options });
    if (points.length > 1) {
      drawn.addLayer(line({ color: "#fff", weight: 6, opacity: 0.9 }));
      drawn.addLayer(line({ color: "#111827", weight: 2.5, dashArray: "7 5" }));
    }
    points.forEach((point) => drawn.addLayer(L.circleMarker(point, {
      pane: "tools", interactive: false, radius: 4.5, color: "#111827", weight: 2, fillColor: "#fff", fillOpacity: 1,
    })));
    const total = distanceText(pathMetres(points));
    const parts = Math.max(points.length - 1, 0);
    box.querySelector("output").textContent = parts ? t("measure_total", { length: total, n: parts }) : t("measure_start");
  }

  box.querySelector("button").addEventListener("click", () => {
    stop();
    button.focus();
  });
});
