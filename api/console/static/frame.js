// What stands around every page: the warning before a screen locks, the clock, and a credential that stands behind the # of an address.
//
// Markup: #idle with #idle-left where somebody is logged in, #clock, and `form[data-from-hash=<field>]`.

const TOUCH_MS = 10_000; // a finger is told of at most so often

// --- idle: a screen that nobody touches locks, and says so before it does

const idle = document.getElementById("idle");
let touched = 0;

function warn(left) {
  if (!idle) return;
  idle.hidden = left === undefined;
  if (left !== undefined) document.getElementById("idle-left").textContent = left;
}

function touch() {
  if (!idle || (idle.hidden && performance.now() - touched < TOUCH_MS)) return;
  touched = performance.now();
  warn();
  fetch("/console/touch", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(() => {});
}

document.addEventListener("galenic:beat", (event) => warn(event.detail.left));
addEventListener("pointerup", touch);
addEventListener("keydown", touch);

// --- the clock on the wall

setInterval(() => {
  const now = new Date();
  document.getElementById("clock").textContent =
    `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
}, 1000);

// --- what stands behind the # of an address is nobody's but this page's: it is filled in, taken out of the address, and sent

for (const form of document.querySelectorAll("form[data-from-hash]")) {
  if (location.hash.length > 1) {
    form.elements.namedItem(form.dataset.fromHash).value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    form.requestSubmit();
  }
}
