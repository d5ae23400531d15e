// A scanner that types: told from a person by its speed (reference ecosystem C10).
//
// Markup: one element [data-wedge] on the page. data-prefix and data-suffix are the keys the scanner was set to send before and after a
// code, as the browser names them ("F9", "Enter"); without data-suffix it is Enter. data-gs is the key it sends for the group separator.
// A code goes into the field [data-scan] of the page's form [data-scan-form], which is sent off; in any case `galenic:scan` is
// dispatched on the document with the code as its detail.
//
// Keys that follow each other within 30 ms are a scanner's. A first key is held back so long, and given to where it was meant if no
// other follows; so no digit of a code ever reaches a keypad, and no letter a name.

const WITHIN_MS = 30;
const LEAST = 4; // fewer keys than this were two fingers at once
let held = []; // keys of what may be a code
let into = null; // where the first of them was meant
let scanning = false; // the prefix was seen
let timer = 0;
const replayed = new WeakSet();

const wedge = () => document.querySelector("[data-wedge]");

document.addEventListener(
  "keydown",
  (event) => {
    const set = wedge();
    if (!set || replayed.has(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (set.dataset.prefix && event.key === set.dataset.prefix) {
      swallow(event);
      settle();
      scanning = true;
      return wait();
    }
    const suffix = event.key === (set.dataset.suffix || "Enter");
    const gs = set.dataset.gs && event.key === set.dataset.gs;
    if (suffix && held.length >= (scanning ? 1 : LEAST)) {
      swallow(event);
      return scanned();
    }
    if (gs && held.length) {
      swallow(event);
      held.push("\x1d");
      return wait();
    }
    if (event.key.length !== 1 || event.repeat || (set.dataset.prefix && !scanning)) {
      if (event.key !== "Shift") settle(); // a scanner presses it for capitals
      return;
    }
    if (event.key === " " && !held.length && event.target.closest("button, a, summary")) return; // it presses what has the focus
    if (!held.length) into = event.target;
    swallow(event);
    held.push(event.key);
    wait();
  },
  true,
);

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(settle, WITHIN_MS);
}

function take() {
  clearTimeout(timer);
  const keys = held;
  held = [];
  scanning = false;
  return keys;
}

// What a person typed goes where it was meant.
function settle() {
  for (const key of take()) {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    replayed.add(event);
    if (!into.isConnected || !into.dispatchEvent(event)) continue;
    if (into.matches("input, textarea") && !into.disabled && !into.readOnly) {
      if (into.selectionStart === null) into.value += key;
      else into.setRangeText(key, into.selectionStart, into.selectionEnd, "end");
      into.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

function scanned() {
  const code = take().join("");
  document.dispatchEvent(new CustomEvent("galenic:scan", { detail: code }));
  const form = document.querySelector("form[data-scan-form]");
  const field = form?.querySelector("[data-scan]");
  if (!field || field.disabled) return;
  field.value = code;
  form.requestSubmit();
}
