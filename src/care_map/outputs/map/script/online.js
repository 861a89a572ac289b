// Tiles from elsewhere, where the study asks for them; without a network the map is as ever.

function onlineTiles() {
  if (!data.tiles) return null;
  const { addresses, attribution, maxZoom } = data.tiles;
  // Leaflet reads attributions as HTML.
  const options = { maxZoom: 19, maxNativeZoom: maxZoom, attribution: el("span", {}, attribution).innerHTML };
  return L.layerGroup(addresses.map((address) => L.tileLayer(address, options)));
}
