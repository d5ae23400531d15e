// The console's sounds: a key goes down, something is refused, an alarm stands (reference ecosystem C6, C8).
//
// They are made here, of two tones each, and come from no file. They are this cabinet's own and not those of IEC 60601-1-8: nobody may
// take a cabinet for a patient's monitor. Of that standard only the number of pulses is kept: 10 (5 and 5), 3, 1.
//
// Markup: [data-sounds] holds "id=priority" of each alarm that stands, apart by spaces; it is there on a terminal's pages only. A
// touch on [data-silence] silences those for SILENT_MS at this screen and clears nothing; one that comes later is heard at once.
// [data-silenced] is shown meanwhile. Other modules dispatch `galenic:sound` at the document with "key" or "refusal".
//
// A browser that may not play before somebody has touched it stays silent.

const TONES = { key: [880], refusal: [294, 196], high: [740, 587], medium: [587, 494], low: [494, 440] };
const SECONDS = { key: 0.02, refusal: 0.11, high: 0.12, medium: 0.18, low: 0.2 };
const PULSES = { key: 1, refusal: 2, high: 10, medium: 3, low: 1 };
const AGAIN_MS = { high: 8_000, medium: 15_000, low: 30_000 };
const REST_S = 0.4; // between the two fives of a high alarm
const SILENT_MS = 120_000;
const SILENCED = "galenic-silenced"; // until when, by alarm: known to every page of this terminal
const SOUNDED = "galenic-sounded"; // when which were last heard: going to another page is no reason to hear them again

let loudspeaker = null;

function play(name) {
  loudspeaker ??= new AudioContext();
  if (loudspeaker.state !== "running") {
    loudspeaker.resume();
    return false;
  }
  let at = loudspeaker.currentTime;
  for (let n = 0; n < PULSES[name]; n += 1) {
    if (n === 5) at += REST_S;
    pulse(TONES[name][n % TONES[name].length], at, SECONDS[name]);
    at += 2 * SECONDS[name];
  }
  return true;
}

function pulse(hertz, at, seconds) {
  const voice = loudspeaker.createOscillator();
  const level = loudspeaker.createGain();
  const edge = seconds / 8; // a tone that begins at once is a click
  voice.frequency.value = hertz;
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(0.08, at + edge);
  level.gain.setValueAtTime(0.08, at + seconds - edge);
  level.gain.linearRampToValueAtTime(0, at + seconds);
  voice.connect(level).connect(loudspeaker.destination);
  voice.start(at);
  voice.stop(at + seconds);
}

document.addEventListener("galenic:sound", (event) => play(event.detail));
document.addEventListener("galenic:refused", () => play("refusal"));

// --- alarms

const kept = (store, name) => JSON.parse(store.getItem(name) ?? "{}");
const standing = () =>
  (document.querySelector("[data-sounds]")?.dataset.sounds ?? "")
    .split(" ")
    .filter(Boolean)
    .map((one) => one.split("="));

function heard() {
  const silenced = kept(localStorage, SILENCED);
  return standing().filter(([id]) => !(Date.now() < silenced[id]));
}

function look() {
  const loud = heard();
  for (const button of document.querySelectorAll("[data-silence]")) button.hidden = !loud.length;
  for (const word of document.querySelectorAll("[data-silenced]")) word.hidden = loud.length > 0;
  if (!loud.length || document.hidden || document.documentElement.hasAttribute("data-asleep")) return;
  const worst = Object.keys(AGAIN_MS).find((priority) => loud.some(([, its]) => its === priority));
  const before = kept(sessionStorage, SOUNDED);
  const fresh = loud.some(([id]) => !before.ids?.includes(id));
  if (!worst || (!fresh && Date.now() - before.at < AGAIN_MS[worst])) return;
  if (play(worst)) sessionStorage.setItem(SOUNDED, JSON.stringify({ at: Date.now(), ids: loud.map(([id]) => id) }));
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-silence]")) return;
  const until = Date.now() + SILENT_MS;
  localStorage.setItem(SILENCED, JSON.stringify(Object.fromEntries(standing().map(([id]) => [id, until]))));
  look();
});
document.addEventListener("galenic:part", look);
setInterval(look, 250);
look();
