// The map of a page's results, drawn with Leaflet once map-open.js has loaded both. Everything on it is in the list too: the cards
// say where they are. Without a tile server the ground is a grid and towns from a table of our own. Nothing is stored.
"use strict";
{
  const holder = document.querySelector("[data-map]");
  const words = holder.dataset;
  const panel = document.getElementById("map");
  const list = holder.parentElement.querySelector("ol.cards");
  const centre = L.latLng(words.lat, words.lon);

  const MILE = 1609.344; // metres
  const AREA = 2 * MILE; // what is only known by its ZIP code lies within this of its middle, more or less
  const REACH = 48; // pixels: a mark and all of what can be tapped of it
  const MOST = 60; // towns
  const STEPS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10]; // degrees between two lines of the grid

  const make = (tag, more = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), more);
    element.append(...children);
    return element;
  };
  const aside = (text) => make("span", { className: "hidden" }, text);
  const isCoarse = matchMedia("(pointer: coarse)").matches;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // --- what the cards say ---

  const places = [...list.children].map((card, index) => ({ card, number: list.start + index })).filter(({ card }) => card.dataset.lat);
  for (const place of places) {
    const { card } = place;
    const link = card.querySelector(":is(h2, h3) a");
    place.at = L.latLng(card.dataset.lat, card.dataset.lon);
    place.isArea = "approximate" in card.dataset;
    place.name = link.textContent.trim();
    place.url = link.getAttribute("href");
    place.facts = [card.querySelector(".marks .strong")?.textContent.trim(), place.isArea && words.around].filter(Boolean);
    place.title = [`${place.number}. ${place.name}`, ...place.facts].join(", ");
    card.tabIndex = -1; // so that a link to it takes the focus there
    link.parentElement.classList.add("map-numbered");
    const number = make("span", { className: place.isArea ? "map-number map-about" : "map-number" }, String(place.number));
    number.setAttribute("aria-hidden", "true"); // a list says its numbers anyway
    link.before(number);
  }

  // --- the frame ---

  const first = list.firstElementChild;
  first.tabIndex = -1;
  const past = make("a", { className: "map-past button", href: `#${first.id}` }, words.past);
  const help = make("p", { className: "map-help quiet", id: "map-help" }, isCoarse ? words.fingers : words.help);
  const ground = make("div", { className: "map-ground" });
  panel.append(past, ground, help);
  ground.setAttribute("role", "application");
  ground.setAttribute("aria-label", words.name);
  ground.setAttribute("aria-describedby", help.id);

  const map = L.map(ground, {
    zoomControl: false,
    attributionControl: false,
    scrollWheelZoom: false, // a page that is scrolled must not stick in its map, nor on a phone: there it takes two fingers
    dragging: !isCoarse,
    zoomSnap: words.tiles ? 1 : 0.25,
    maxBounds: [[-85, -180], [85, 180]],
    minZoom: 3,
    maxZoom: 16,
    renderer: L.svg({ padding: 0.5 }),
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    markerZoomAnimation: !isStill,
    inertia: !isStill,
  });
  if (isStill) {
    const panBy = map.panBy;
    map.panBy = (by, options) => panBy.call(map, by, { ...options, animate: false });
  }
  const layer = (name, height) => {
    map.createPane(name).style.zIndex = height;
    map.getPane(name).classList.add("map-words");
    map.getPane(name).setAttribute("aria-hidden", "true"); // it is no more than scenery
    return name;
  };
  const scenery = layer("scenery", 250);
  const labels = layer("labels", 450);
  const text = (at, className, content, pane) => {
    const icon = L.divIcon({ className, iconSize: [0, 0], html: make("span", {}, content) });
    return L.marker(at, { pane, icon, interactive: false, keyboard: false });
  };
  L.control.zoom({ position: "bottomright", zoomInTitle: words.nearer, zoomOutTitle: words.farther }).addTo(map);
  L.control.scale({ metric: false, maxWidth: 110 }).addTo(map);

  // --- the place searched, rings around it ---

  // Where words can stand on a circle: at its top, bottom, left and right.
  const stands = (at, metres) => {
    const edges = at.toBounds(2 * metres);
    return [[edges.getNorth(), at.lng], [edges.getSouth(), at.lng], [at.lat, edges.getWest()], [at.lat, edges.getEast()]];
  };

  const rings = words.rings.split("|").map((ring) => {
    const [miles, label] = ring.split("=");
    const circle = L.circle(centre, { radius: miles * MILE, interactive: false, className: "map-ring" });
    const edges = stands(centre, miles * MILE);
    return { metres: miles * MILE, edges, circle, label: text(centre, "map-label", label, labels), width: label.length * 8 };
  });
  const here = text(centre, "map-here", words.place, labels).addTo(map);

  const reach = Math.max(MILE / 8, ...places.map(({ at }) => map.options.crs.distance(centre, at)));
  const widest = rings.find(({ metres }) => metres >= reach && metres < 1.7 * reach)?.metres ?? 1.2 * reach;
  map.fitBounds(centre.toBounds(2 * widest), { padding: [16, 16], animate: false });

  const ringsFit = () => {
    const middle = map.latLngToContainerPoint(centre);
    let last = 12;
    for (const ring of rings) {
      const size = middle.y - map.latLngToContainerPoint(ring.edges[0]).y;
      ring.isShown = size - last >= 24;
      if (ring.isShown) last = size;
      ring.isShown ? ring.circle.addTo(map) : ring.circle.remove();
    }
  };

  // --- the results: what would overlap shares a mark ---

  const areas = new Map(places.filter(({ isArea }) => isArea).map(({ at }) => [String(at), at]));
  for (const at of areas.values()) L.circle(at, { radius: AREA, interactive: false, className: "map-area" }).addTo(map);
  const around = L.layerGroup().addTo(map);

  const grouped = () => {
    const groups = [];
    for (const place of places) {
      const at = map.project(place.at);
      const near = groups.find((group) => Math.max(Math.abs(group.at.x - at.x), Math.abs(group.at.y - at.y)) < REACH);
      near ? near.places.push(place) : groups.push({ at, places: [place] });
    }
    return groups;
  };

  const entry = ({ card, number, name, url, facts }) => make("div", { className: "map-entry" },
    make("p", {}, make("b", {}, `${number}. ${name}`)),
    make("p", {}, facts.join(", ")),
    make("p", { className: "map-ways" },
      make("a", { href: `#${card.id}` }, words.toCard, aside(`: ${name}`)), " ",
      make("a", { href: url }, words.toPage, aside(`: ${name}`))));

  const mark = (group) => {
    const [{ at, number }] = group.places;
    const more = group.places.length - 1;
    const isArea = group.places.every((place) => place.isArea);
    const title = group.places.map((place) => place.title).join("; ");
    const html = make("span", {}, more ? `${number}+${more}` : String(number));
    const className = isArea ? "map-mark map-about" : "map-mark";
    const icon = L.divIcon({ className, iconSize: [REACH, REACH], popupAnchor: [0, -12], html });
    const made = L.marker(at, { icon, riseOnHover: true });
    const content = make("div", { tabIndex: -1, className: "map-popup" }, ...group.places.map(entry));
    content.setAttribute("role", "group");
    content.setAttribute("aria-label", title);
    const room = { minWidth: 180, maxWidth: 240, maxHeight: Math.max(96, ground.clientHeight - 130) };
    made.bindPopup(content, { ...room, autoPanPadding: [8, 8], autoPanPaddingBottomRight: [60, 8] });
    made.on("add", () => made.getElement().setAttribute("aria-label", title));
    made.on("popupopen", ({ popup }) => {
      popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.close);
      content.focus({ preventScroll: true });
    });
    made.on("popupclose", ({ popup }) => {
      const { activeElement } = document;
      if (activeElement === document.body || popup.getElement()?.contains(activeElement)) made.getElement()?.focus({ preventScroll: true });
    });
    return made;
  };

  let marks = [];
  const marksFit = () => {
    const groups = grouped();
    const key = (group) => group.places.map(({ number }) => number).join();
    const known = new Map(marks.map((each) => [each.key, each]));
    if (groups.length === marks.length && groups.every((group) => known.has(key(group)))) return;
    const focused = marks.find(({ made }) => made.getElement() === document.activeElement);
    for (const { made } of marks) made.remove();
    marks = groups.map((group) => ({ key: key(group), places: group.places, made: mark(group).addTo(map) }));
    // Whoever stood on a mark still does.
    if (focused) marks.find((each) => each.places.includes(focused.places[0])).made.getElement().focus({ preventScroll: true });
  };

  ground.addEventListener("keydown", (event) => {
    // What is called a button answers to the space bar too, whatever it is made of.
    if (event.key === " " && event.target.matches("[role=button]")) {
      event.preventDefault();
      event.target.click();
    }
    const open = marks.find(({ made }) => made.isPopupOpen());
    if (!open || event.key !== "Escape") return;
    event.stopPropagation();
    open.made.closePopup();
    open.made.getElement().focus({ preventScroll: true });
  });

  // --- the ground: an operator's tiles, else a grid and the towns ---

  const grid = L.layerGroup().addTo(map);
  const towns = L.layerGroup().addTo(map);
  let known = { url: "", places: [] };

  const gridDraw = () => {
    grid.clearLayers();
    const view = map.getBounds().pad(0.5);
    const across = 360 / (256 * 2 ** map.getZoom()); // degrees of longitude in a pixel
    const step = STEPS.find((each) => each / across >= 110) ?? 20;
    const [south, north, west, east] = [view.getSouth(), view.getNorth(), view.getWest(), view.getEast()];
    const line = (...ends) => L.polyline(ends, { pane: scenery, interactive: false, className: "map-grid" }).addTo(grid);
    for (let n = Math.ceil(west / step); n * step <= east; n++) line([south, n * step], [north, n * step]);
    for (let n = Math.ceil(south / step); n * step <= north; n++) line([n * step, west], [n * step, east]);
  };

  // The area asked for is wider than the one shown and on a coarse grid: it says less of the place, and a small move asks nothing anew.
  const townsUrl = () => {
    const view = map.getBounds();
    const step = 2 ** Math.floor(Math.log2((view.getNorth() - view.getSouth()) / 2));
    const side = (degrees, round, most) => Math.max(-most, Math.min(most, round(degrees / step) * step));
    const sides = {
      north: side(view.getNorth(), Math.ceil, 90), south: side(view.getSouth(), Math.floor, 90),
      east: side(view.getEast(), Math.ceil, 180), west: side(view.getWest(), Math.floor, 180),
    };
    return `${words.towns}?${new URLSearchParams({ ...sides, limit: MOST })}`;
  };

  const townsFetch = async () => {
    const url = townsUrl();
    if (url !== known.url) {
      known = { ...known, url };
      const answer = await fetch(url).then((response) => (response.ok ? response.json() : null)).catch(() => null);
      if (known.url !== url) return; // the map has moved on
      known = answer ? { url, places: answer.places } : { url: "", places: [] };
    }
    wordsFit();
  };

  // --- what is written on the map: nothing over a mark, nothing over other words, nothing cut off ---

  const box = ({ x, y }, left, up, right, down) => L.bounds([x - left, y - up], [x + right, y + down]);
  let taken = [];
  const claim = (wanted) => {
    const isFree = L.bounds([0, 0], map.getSize()).contains(wanted) && !taken.some((other) => other.overlaps(wanted));
    if (isFree) taken.push(wanted);
    return isFree;
  };

  const wordsFit = () => {
    const at = (place) => map.latLngToContainerPoint(place);
    const size = map.getSize();
    taken = [box(size, 64, 108, 0, 0), box(L.point(0, size.y), 0, 34, 112, 0), box(at(centre), 20, 20, 20, 20)];
    const covering = marks.map(({ places: [place] }) => box(at(place.at), 28, 16, 28, 16));
    taken.push(...covering);
    const half = words.place.length * 4;
    here.getElement().classList.toggle("map-named", claim(box(at(centre), half, -22, half, 42)));
    for (const { isShown, edges, label, width } of rings) {
      const stand = isShown && edges.find((each) => claim(box(at(each), width / 2, 9, width / 2, 9)));
      stand ? label.setLatLng(stand).addTo(map) : label.remove();
    }
    around.clearLayers();
    for (const area of areas.values()) {
      const half = words.around.length * 4;
      const edge = stands(area, AREA).find((each) => at(each).distanceTo(at(area)) >= 64 && claim(box(at(each), half, 9, half, 9)));
      if (edge) text(edge, "map-label", words.around, labels).addTo(around);
      else if (claim(box(at(area), half, -17, half, 35))) text(area, "map-label map-below", words.around, labels).addTo(around);
    }
    towns.clearLayers();
    for (const { name, lat, lon } of known.places) {
      const spot = at([lat, lon]);
      const width = name.length * 8;
      const ways = covering.some((each) => each.contains(spot))
        ? { "map-below": box(spot, width / 2, -17, width / 2, 35) } // the mark stands for the dot
        : { "map-right": box(spot, 6, 10, 12 + width, 10), "map-left": box(spot, 12 + width, 10, 6, 10) };
      const way = Object.keys(ways).find((each) => claim(ways[each]));
      if (way) text([lat, lon], `map-town ${way}`, name, scenery).addTo(towns);
    }
  };

  const settle = () => {
    ringsFit();
    marksFit();
    wordsFit();
    if (words.tiles) return;
    gridDraw();
    townsFetch();
  };

  if (words.tiles) {
    L.tileLayer(words.tiles, { maxZoom: 19 }).addTo(map);
    if (words.credit) L.control.attribution({ prefix: false, position: "topright" }).addAttribution(make("span", {}, words.credit).innerHTML).addTo(map);
  }
  map.on("moveend", settle);
  settle();
  panel.scrollIntoView({ block: "nearest", behavior: isStill ? "auto" : "smooth" });
  new ResizeObserver(() => { if (!panel.hidden) map.invalidateSize({ animate: false }); }).observe(panel);
}
