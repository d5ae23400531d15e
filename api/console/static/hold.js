// An act that cannot be taken back is held for a second, or said twice in two places (reference ecosystem C8).
//
// Markup: <button data-hold> that sends its form off, and once on a page <dialog id="sure"> (templates/sure.html) with #sure-what,
// [data-sure-yes] and another button.
//
// A finger that stays on the button fills its ring in HELD_MS, and it is done when the finger is lifted after that; who slides off has
// done nothing. A shorter tap, a key, a voice, a screen reader and Enter in a field of the form all ask instead: the question stands
// at the other end of the page, away from the finger. What is not full in the form is said first, as without this.

const HELD_MS = 1000;
const SOON_MS = 400; // a second tap of the same movement is no answer
const sure = document.getElementById("sure");
const answers = [...sure.querySelectorAll("button")];
let down = null; // { button, pointer, at, timer }
let lifted = -Infinity;
let asked = null; // the button
let ready = 0;

const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-hold]");
const off = (button) => button.disabled || button.form.dataset.posting;

function send(button) {
  button.form.requestSubmit(button);
}

function ask(button) {
  if (sure.open || off(button) || !button.form.reportValidity()) return;
  const { top, bottom } = button.getBoundingClientRect();
  asked = button;
  document.getElementById("sure-what").textContent = button.textContent.trim();
  sure.classList.toggle("sure-low", (top + bottom) / 2 < innerHeight / 2);
  for (const answer of answers) answer.disabled = true;
  sure.showModal();
  clearTimeout(ready);
  ready = setTimeout(() => {
    for (const answer of answers) answer.disabled = false;
    sure.querySelector("[data-sure-yes]").focus();
  }, SOON_MS);
}

function release() {
  if (!down) return null;
  const was = down;
  clearTimeout(was.timer);
  was.button.classList.remove("holding", "held");
  down = null;
  return was;
}

document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest?.("[data-hold]");
  if (!button || off(button) || event.button > 0 || down) return;
  const timer = setTimeout(() => button.classList.add("held"), HELD_MS);
  down = { button, pointer: event.pointerId, at: event.timeStamp, timer };
  button.classList.add("holding");
});
document.addEventListener("pointermove", (event) => {
  if (event.pointerId === down?.pointer && under(event) !== down.button) release();
});
document.addEventListener("pointercancel", (event) => event.pointerId === down?.pointer && release());
document.addEventListener("pointerup", (event) => {
  if (event.pointerId !== down?.pointer) return;
  const { button, at } = release();
  if (under(event) !== button) return;
  lifted = performance.now();
  if (event.timeStamp - at < HELD_MS) ask(button);
  else if (!off(button)) send(button);
});
document.addEventListener("contextmenu", (event) => event.target.closest?.("[data-hold]") && event.preventDefault());

// The click that follows a finger is done with; any other is a keyboard's, a program's, or Enter in a field.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-hold]");
    if (!button) return;
    event.preventDefault();
    if (event.detail === 0 || performance.now() - lifted > SOON_MS) ask(button);
  },
  true,
);

// --- the question

sure.addEventListener("click", (event) => {
  const answer = event.target.closest("button");
  if (!asked || !answer) return;
  const button = asked;
  sure.close();
  if (answer.matches("[data-sure-yes]") && button.isConnected && !off(button)) send(button);
});
sure.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
// It is told late: another question may stand by then.
sure.addEventListener("close", () => sure.open || (asked = null));
// What was asked about has changed meanwhile: it is looked at again, not answered.
document.addEventListener("galenic:part", () => asked && !asked.isConnected && sure.close());
