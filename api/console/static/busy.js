// What takes longer than a moment says so, and says what it waits for where the station knows it.
//
// Markup: #busy, a role=status that is there from the start so that its words are read aloud, with data-words and a <span> for them;
// a form may have words of its own in data-long. static/console.js dispatches `galenic:posting` at a form whose answer it waits for
// and `galenic:posted` at the document after each; a beat of the stream may have `waits`, a sentence.

const LONG_MS = 400;
const busy = document.getElementById("busy");
const words = busy.querySelector("span");
let timer = 0;
let under = 0; // forms that wait for an answer

function show(sentence) {
  if (words.textContent !== sentence) words.textContent = sentence;
  busy.classList.toggle("shown", sentence !== "");
}

document.addEventListener("galenic:posting", (event) => {
  under += 1;
  const sentence = event.target.dataset.long ?? busy.dataset.words;
  clearTimeout(timer);
  timer = setTimeout(show, LONG_MS, sentence);
});
document.addEventListener("galenic:posted", () => {
  under -= 1;
  if (under > 0) return;
  clearTimeout(timer);
  show("");
});
document.addEventListener("galenic:beat", (event) => {
  const { waits } = event.detail;
  if (waits) show(waits);
  else if (under === 0) show("");
});
