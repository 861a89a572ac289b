// What the page says: sentences of the payload, numbers, and elements that hold only text.

const data = JSON.parse(document.getElementById("payload").textContent);

function t(key, values = {}) {
  const fill = (whole, name) => (name in values ? String(values[name]) : whole);
  return data.text[key].replace(/\{(\w+)\}/g, fill);
}

function known(number) {
  return number !== null && number !== undefined;
}

// Made once: a table has thousands of numbers.
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

function count(number) {
  return known(number) ? WHOLE.format(Math.round(number)) : t("none");
}

function decimal(number) {
  return known(number) ? String(Math.round(number * 10) / 10) : t("none");
}

function percent(share) {
  return (share * 100).toFixed(1);
}

function rateRange(figures) {
  if (!figures || !known(figures.low)) return t("none");
  const low = percent(figures.low);
  const high = percent(known(figures.high) ? figures.high : figures.low);
  return low === high ? t("rate_single", { low }) : t("range", { low, high });
}

function pathScore(figures) {
  return figures && known(figures.paths) ? figures.paths.toFixed(2) : t("none");
}

// Names come from files of others: text never becomes HTML here.
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") addListeners(node, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && known(value)) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => known(child) && child !== ""));
  return node;
}

function addListeners(node, listeners) {
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener);
}

function byId(id) {
  return document.getElementById(id);
}
