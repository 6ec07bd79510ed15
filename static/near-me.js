// "Use my location": offered where the browser can, asked for only on a tap. It fills in a point, rounded to about 100 yards, and
// leaves the search to the visitor. Typing a place takes the point away again.
"use strict";
const DIGITS = 3;

function offer(field) {
  const near = field.querySelector("input[name=near]");
  const words = field.dataset;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button near-me";
  button.textContent = words.offer;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  field.append(button, status);

  const forget = () => field.querySelectorAll("input[type=hidden]").forEach((input) => input.remove());
  const keep = (name, value) => {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value.toFixed(DIGITS);
    field.append(input);
  };
  const found = ({ coords }) => {
    forget();
    near.value = "";
    keep("lat", coords.latitude);
    keep("lon", coords.longitude);
    status.textContent = words.done;
  };

  button.addEventListener("click", () => {
    status.textContent = words.wait;
    const sorry = () => { status.textContent = words.sorry; };
    navigator.geolocation.getCurrentPosition(found, sorry, { timeout: 15000, maximumAge: 60000 });
  });
  near.addEventListener("input", () => {
    forget();
    status.textContent = "";
  });
}

if (window.isSecureContext && "geolocation" in navigator) document.querySelectorAll("[data-near-me]").forEach(offer);
