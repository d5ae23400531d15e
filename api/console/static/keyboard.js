// The keyboard on the screen: a kiosk's browser brings none (reference ecosystem C10).
//
// Markup (templates/keyboard.html): one section.keyboard[data-layout=qwerty|azerty|qwertz] with its words in data-word-shift, -back,
// -more, -letters, -space, -hide and -enter. It comes up for <input data-keyboard inputmode="none"> and writes into it as a hand
// would: at the caret, with an `input` event; for data-keyboard="tapped" only when that is tapped. For data-keyboard="numbers" it is a keypad: digits and
// nothing else, 1 2 3 on top. The enter key sends the field's form off.
//
// A key acts when the finger is lifted from it; who slides off has pressed nothing. It is for fingers only: a physical keyboard
// writes into the field itself and never has to walk over it.

const LETTERS = {
  qwerty: ["qwertyuiop", "asdfghjkl", "zxcvbnm"],
  azerty: ["azertyuiop", "qsdfghjklm", "wxcvbn"],
  qwertz: ["qwertzuiopü", "asdfghjklöä", "yxcvbnmß"],
};
const DIGITS = ["123", "456", "789", "0"];
const MORE = ["1234567890", "áéíóúàèùâê", "çñäöüß-'./@"];

const board = document.querySelector(".keyboard");
const down = new Map(); // pointer → key
let field = null;
let shift = false;
let more = false;

function draw() {
  const numbers = field?.dataset.keyboard === "numbers";
  board.dataset.board = numbers ? "numbers" : "letters";
  (numbers ? drawNumbers : drawLetters)();
}

function drawNumbers() {
  const rows = DIGITS.map((row) => [...row].map((digit) => key(digit, digit)));
  for (const digit of rows.flat()) digit.className = "digit";
  rows[0].push(key("back", board.dataset.wordBack));
  rows[1].push(key("hide", board.dataset.wordHide));
  rows[2].push(key("enter", board.dataset.wordEnter));
  board.replaceChildren(...rows.map(line));
}

function drawLetters() {
  const rows = more ? MORE : (LETTERS[board.dataset.layout] ?? LETTERS.qwerty);
  const letters = rows.map((row) => [...row].map((letter) => key(letter, shift ? letter.toUpperCase() : letter)));
  letters[2].unshift(key("shift", board.dataset.wordShift));
  letters[2].push(key("back", board.dataset.wordBack));
  const last = [
    key("more", more ? board.dataset.wordLetters : board.dataset.wordMore),
    key("hide", board.dataset.wordHide),
    key("space", board.dataset.wordSpace),
    key("enter", board.dataset.wordEnter),
  ];
  board.replaceChildren(...[...letters, last].map(line));
  board.querySelector('[data-key="shift"]').setAttribute("aria-pressed", String(shift));
}

function line(keys) {
  const row = document.createElement("div");
  row.append(...keys);
  return row;
}

function key(name, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.key = name;
  button.textContent = label;
  return button;
}

function press(name) {
  if (!field || field.disabled) return;
  if (name === "shift") return turn(!shift, more);
  if (name === "more") return turn(shift, !more);
  if (name === "hide") return hide();
  if (name === "enter") {
    const { form } = field;
    hide();
    return form?.requestSubmit();
  }
  const [start, end] = [field.selectionStart, field.selectionEnd];
  if (name === "back") field.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
  else field.setRangeText(name === "space" ? " " : shift ? name.toUpperCase() : name, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (shift && name !== "back") turn(false, more);
}

function turn(toShift, toMore) {
  shift = toShift;
  more = toMore;
  draw();
}

function hide() {
  board.hidden = true;
  field = null;
}

// --- which field

const LEAVE_MS = 400;
let leaving = 0;

document.addEventListener("focusin", (event) => {
  const into = event.target.closest?.("[data-keyboard]");
  clearTimeout(leaving);
  // The page moves when the keys go: not before the finger that tapped elsewhere is lifted.
  if (!into) return void (leaving = setTimeout(hide, LEAVE_MS));
  if (into.dataset.keyboard !== "tapped") show(into);
});
// A box that scanners type into has the focus from the start: the keys come up for the finger that taps it.
document.addEventListener("click", (event) => {
  const into = event.target.closest?.('[data-keyboard="tapped"]');
  if (into) show(into);
});

function show(into) {
  field = into;
  more = false;
  draw();
  board.hidden = false;
  field.labels[0]?.scrollIntoView({ block: "start" }); // a keypad leaves room for the question and the field alone, if that
  field.scrollIntoView({ block: board.dataset.board === "numbers" ? "nearest" : "center" });
}

// --- fingers

board.addEventListener("pointerdown", (event) => {
  event.preventDefault(); // the field keeps the focus
  const pressed = event.target.closest("[data-key]");
  if (!pressed || event.button > 0) return;
  document.dispatchEvent(new CustomEvent("galenic:sound", { detail: "key" }));
  down.set(event.pointerId, pressed);
  pressed.classList.add("pressed");
});
document.addEventListener("pointerup", (event) => {
  const pressed = lifted(event);
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest(".keyboard [data-key]");
  if (pressed && under === pressed) press(pressed.dataset.key);
});
document.addEventListener("pointercancel", (event) => lifted(event));

function lifted(event) {
  const pressed = down.get(event.pointerId);
  down.delete(event.pointerId);
  pressed?.classList.remove("pressed");
  return pressed;
}

// A field that had the focus before this module was here.
document.activeElement?.closest?.("[data-keyboard]") && document.activeElement.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
