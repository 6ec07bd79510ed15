// Leaves the page at once when Escape is pressed three times, as the button does; closes it when nobody has touched it for ten minutes
// (without a script the page itself does that); and shows nothing old when somebody comes back to it.
"use strict";
const { closed, idle } = document.currentScript.dataset;
let presses = [];
let timer = 0;
function waitAnew() {
  clearTimeout(timer);
  if (closed) timer = setTimeout(() => window.location.replace(closed), 1000 * idle);
}
for (const sign of ["pointerdown", "keydown", "scroll"]) document.addEventListener(sign, waitAnew, { passive: true });
waitAnew();
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault(); // a browser would stop loading, and with it the way out
  presses = [...presses.slice(-2), event.timeStamp];
  if (presses.length === 3 && presses[2] - presses[0] < 2000) document.querySelector("[data-leave]").click();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
