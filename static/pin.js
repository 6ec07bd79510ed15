// A map on which a place is pinned by a tap or from the keyboard. It only fills in the two fields below it, which do the same without it.
// Only a tap on its button loads Leaflet. Nothing is stored or sent.
"use strict";
{
  const holder = document.querySelector("[data-pin]");
  const words = holder.dataset;
  const fields = { lat: document.getElementById("latitude"), lng: document.getElementById("longitude") };
  const DIGITS = 6;
  const MOST = 20; // towns
  const STEPS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]; // degrees between two lines of the grid

  const make = (tag, more = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), more);
    element.append(...children);
    return element;
  };
  const load = (tag, more) => new Promise((resolve, reject) => {
    const element = make(tag, more);
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => { element.remove(); reject(new Error(tag)); });
    document.head.append(element);
  });

  const offer = make("button", { type: "button", className: "button" }, words.offer);
  const status = make("p");
  status.setAttribute("role", "status");
  holder.append(offer, status);

  const typed = () => {
    const [lat, lng] = [fields.lat, fields.lng].map((field) => Number.parseFloat(field.value.replace(",", ".")));
    return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? L.latLng(lat, lng) : null;
  };

  const draw = () => {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const ground = make("div", { className: "map-ground" });
    const help = make("p", { className: "map-help quiet", id: "pin-help" }, words.help);
    const middle = make("button", { type: "button", className: "button" }, words.here);
    holder.insertBefore(make("div", { className: "map-panel" }, ground, help, middle), status);
    ground.setAttribute("role", "application");
    ground.setAttribute("aria-label", words.name);
    ground.setAttribute("aria-describedby", help.id);

    const map = L.map(ground, {
      zoomControl: false, attributionControl: false, scrollWheelZoom: false, minZoom: 3, maxZoom: 18,
      zoomAnimation: !isStill, fadeAnimation: !isStill, markerZoomAnimation: !isStill, inertia: !isStill,
    });
    map.setView([words.lat, words.lon], Number(words.zoom), { animate: false });
    L.control.zoom({ position: "bottomright", zoomInTitle: words.nearer, zoomOutTitle: words.farther }).addTo(map);
    L.control.scale({ metric: false, maxWidth: 110 }).addTo(map);
    if (words.tiles) L.tileLayer(words.tiles, { maxZoom: 19 }).addTo(map);
    if (words.credit) L.control.attribution({ prefix: false, position: "topright" }).addAttribution(make("span", {}, words.credit).innerHTML).addTo(map);

    const icon = L.divIcon({ className: "map-mark", iconSize: [48, 48], html: make("span", {}, "●") });
    const pin = L.marker(map.getCenter(), { icon, draggable: true, keyboard: false, alt: words.mark });
    const show = (at) => (at ? pin.setLatLng(at).addTo(map) : pin.remove());
    const put = (at) => {
      const { lat, lng } = at.wrap();
      fields.lat.value = Number(lat.toFixed(DIGITS));
      fields.lng.value = Number(lng.toFixed(DIGITS));
      show(at);
      status.textContent = words.moved;
    };
    map.on("click", ({ latlng }) => put(latlng));
    pin.on("dragend", () => put(pin.getLatLng()));
    middle.addEventListener("click", () => put(map.getCenter()));
    for (const field of Object.values(fields)) {
      field.addEventListener("change", () => {
        const at = typed();
        show(at);
        if (at && !map.getBounds().contains(at)) map.setView(at, undefined, { animate: false });
      });
    }
    show(typed());
    if (words.towns) groundDraw(map);
  };

  // Without a tile server the ground is a grid and the towns of our own table, as on the map of a search.
  const groundDraw = (map) => {
    const grid = L.layerGroup().addTo(map);
    const towns = L.layerGroup().addTo(map);
    let last = "";

    const gridDraw = () => {
      grid.clearLayers();
      const view = map.getBounds().pad(0.5);
      const [south, north, west, east] = [view.getSouth(), view.getNorth(), view.getWest(), view.getEast()];
      const step = STEPS.find((each) => each >= (east - west) / 8) ?? 20;
      const line = (...ends) => L.polyline(ends, { interactive: false, className: "map-grid" }).addTo(grid);
      for (let n = Math.ceil(west / step); n * step <= east; n++) line([south, n * step], [north, n * step]);
      for (let n = Math.ceil(south / step); n * step <= north; n++) line([n * step, west], [n * step, east]);
    };

    // To the half degree, so that the address asked says little of the place and a small move asks nothing anew.
    const townsUrl = () => {
      const view = map.getBounds();
      const [north, east] = [view.getNorth(), view.getEast()].map((degrees) => Math.ceil(degrees * 2) / 2);
      const [south, west] = [view.getSouth(), view.getWest()].map((degrees) => Math.floor(degrees * 2) / 2);
      const sides = { north: Math.min(north, 90), south: Math.max(south, -90), east: Math.min(east, 180), west: Math.max(west, -180) };
      return `${words.towns}?${new URLSearchParams({ ...sides, limit: MOST })}`;
    };

    const townsDraw = async () => {
      const url = townsUrl();
      if (url === last) return;
      last = url;
      const answer = await fetch(url).then((response) => (response.ok ? response.json() : null)).catch(() => null);
      if (!answer || url !== last) return; // the map has moved on
      towns.clearLayers();
      for (const { name, lat, lon } of answer.places) {
        const icon = L.divIcon({ className: "map-town map-words", iconSize: [0, 0], html: make("span", {}, name) });
        L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(towns);
      }
    };

    const settle = () => { gridDraw(); townsDraw(); };
    map.on("moveend", settle);
    settle();
  };

  offer.addEventListener("click", async () => {
    offer.disabled = true;
    status.textContent = words.wait;
    try {
      await Promise.all(words.sheets.split(" ").map((href) => load("link", { rel: "stylesheet", href })));
      await load("script", { src: words.script });
      status.textContent = "";
      offer.remove();
      draw();
      holder.querySelector(".map-ground").focus();
    } catch {
      offer.disabled = false;
      status.textContent = words.sorry;
    }
  });
}
