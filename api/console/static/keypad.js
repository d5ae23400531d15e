// The keypad: digits by thumb, glove or physical key (reference ecosystem C8).
//
// Markup (templates/keypad.html): an element [data-keypad] in a form, with one <input>, one [role=status] and buttons [data-key]
// of a digit, "back" or "clear". On the element: data-digits (the most digits), data-sends (the last of them sends the form off),
// data-most (the highest number), data-pin (leading zeros count). What is said stands in data-say-digits, -most, -zero and -empty.
//
// A key acts when the finger is lifted from it; who slides off has pressed nothing. Two touches of one key within 80 ms are one,
// and a key that is held does not repeat. A key that would lead out of range is refused aloud (static/sounds.js), and the number stays as it was.
// It listens at the document, so keypads that the stream puts in later work too.

const TWICE_MS = 80;
const down = new Map(); // pointer → key
let last = { key: null, at: 0 };

const padOf = (element) => element?.closest?.("[data-keypad]");
const keyAt = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-keypad] [data-key]");

function press(pad, key) {
  const field = pad.querySelector("input");
  if (field.disabled || field.form?.dataset.posting) return;
  const before = field.value;
  if (key === "clear" || key === "back") return change(pad, field, key === "clear" ? "" : before.slice(0, -1));
  const pin = pad.hasAttribute("data-pin");
  const value = before + key;
  if (pad.dataset.digits && value.length > Number(pad.dataset.digits)) return refuse(pad, "sayDigits");
  if (!pin && before === "0") return refuse(pad, "sayZero");
  if (!pin && pad.dataset.most && Number(value) > Number(pad.dataset.most)) return refuse(pad, "sayMost");
  change(pad, field, value);
  if (pad.hasAttribute("data-sends") && value.length === Number(pad.dataset.digits)) field.form?.requestSubmit();
}

function change(pad, field, value) {
  field.value = value;
  tell(pad, "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function refuse(pad, why) {
  sound("refusal");
  tell(pad, pad.dataset[why] ?? "");
}

function tell(pad, sentence) {
  const said = pad.querySelector("[role=status]");
  said.textContent = "";
  said.classList.remove("keypad-said-over");
  said.textContent = sentence;
  // Below the edge of the screen it is laid over the question: scrolled to, the keys would move under the finger.
  if (sentence) said.classList.toggle("keypad-said-over", said.getBoundingClientRect().bottom > innerHeight);
}

function sound(name) {
  document.dispatchEvent(new CustomEvent("galenic:sound", { detail: name }));
}

// --- fingers

document.addEventListener("pointerdown", (event) => {
  const key = event.target.closest?.("[data-keypad] [data-key]");
  if (!key || key.disabled || event.button > 0) return;
  event.preventDefault(); // the field keeps the focus, if it has it
  sound("key");
  down.set(event.pointerId, key);
  key.classList.add("pressed");
});
document.addEventListener("pointermove", (event) => {
  const key = down.get(event.pointerId);
  key?.classList.toggle("pressed", keyAt(event) === key);
});
document.addEventListener("pointerup", (event) => {
  const key = lifted(event);
  if (!key || keyAt(event) !== key) return;
  if (last.key === key && event.timeStamp - last.at < TWICE_MS) return;
  last = { key, at: event.timeStamp };
  press(padOf(key), key.dataset.key);
});
document.addEventListener("pointercancel", (event) => lifted(event));

function lifted(event) {
  const key = down.get(event.pointerId);
  down.delete(event.pointerId);
  key?.classList.remove("pressed");
  return key;
}

// A click that no pointer made is a keyboard's or a screen reader's.
document.addEventListener("click", (event) => {
  const key = event.target.closest?.("[data-keypad] [data-key]");
  if (key && event.detail === 0) press(padOf(key), key.dataset.key);
});

// --- physical keys, wherever the focus is but in another field

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input, textarea, select");
  const pad = padOf(field) ?? (field ? null : document.querySelector("[data-keypad]"));
  if (!pad || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = { Backspace: "back", Delete: "clear", Escape: "clear" }[event.key] ?? (/^[0-9]$/.test(event.key) ? event.key : null);
  if (key === null) return;
  event.preventDefault();
  if (!event.repeat) press(pad, key);
});
// Whatever else writes into the field (a voice, a program that helps) writes digits by the same rules, and nothing but digits.
document.addEventListener("beforeinput", (event) => {
  const pad = padOf(event.target);
  if (!pad || event.inputType === "insertLineBreak") return; // a line's end sends the form off
  event.preventDefault();
  if (event.inputType !== "insertText") return;
  if (event.target.selectionStart !== event.target.selectionEnd) change(pad, event.target, "");
  for (const key of event.data ?? "") if (/^[0-9]$/.test(key)) press(pad, key);
});

// --- the form

document.addEventListener(
  "submit",
  (event) => {
    const pad = event.target.querySelector("[data-keypad]");
    if (!pad || pad.querySelector("input").value !== "") return;
    event.preventDefault();
    event.stopPropagation();
    refuse(pad, "sayEmpty");
  },
  true,
);
document.addEventListener("galenic:refused", (event) => {
  for (const pad of event.target.querySelectorAll("[data-keypad]")) change(pad, pad.querySelector("input"), "");
});
