// "Show on a map": a button beside the list. Only a tap on it loads the map itself (map.js and Leaflet), which is heavier than the page.
"use strict";
{
  const holder = document.querySelector("[data-map]");
  const words = holder.dataset;
  const tools = holder.previousElementSibling?.matches(".tools") ? holder.previousElementSibling : holder;
  const button = document.createElement("button");
  const status = document.createElement("p");
  const panel = document.createElement("section");
  let loaded = null;

  const load = (tag, more) => new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), more);
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => { element.remove(); reject(new Error(tag)); });
    document.head.append(element);
  });
  const loadAll = async () => {
    await Promise.all(words.sheets.split(" ").map((href) => load("link", { rel: "stylesheet", href })));
    for (const src of words.scripts.split(" ")) await load("script", { src });
  };

  const show = async (isShown) => {
    panel.hidden = !isShown;
    button.textContent = isShown ? words.hide : words.offer;
    button.setAttribute("aria-expanded", String(isShown));
    document.documentElement.classList.toggle("map-shown", isShown);
    if (!isShown || loaded) return;
    status.textContent = words.wait;
    loaded = loadAll();
    try {
      await loaded;
      status.textContent = "";
    } catch {
      loaded = null;
      show(false);
      status.textContent = words.sorry;
    }
  };

  button.type = "button";
  button.className = "button";
  button.setAttribute("aria-controls", "map");
  button.addEventListener("click", () => show(panel.hidden));
  status.setAttribute("role", "status");
  panel.id = "map";
  panel.className = "map-panel";
  panel.setAttribute("aria-label", words.name);
  tools.insertBefore(button, tools.querySelector(".sorts"));
  holder.append(status, panel);
  show(false);
}
