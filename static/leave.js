// "Leave this page" is a plain link. With a script it also takes this page's place in the history, so that "back" does not return here.
"use strict";
for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.documentElement.hidden = true;
    window.location.replace(link.href);
  });
}
