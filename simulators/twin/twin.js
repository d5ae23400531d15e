// The twin's page: acts go to the control API, changed parts of the page come over one stream and are replaced by their id.
const HUSH_MS = 2500;
const said = document.getElementById("said");
const lost = document.getElementById("lost");
const main = document.querySelector("main");
const clock = () => new Date().toLocaleTimeString("en-GB");

// --- what is said of an act

function say(text, wrong = false) {
  said.textContent = text;
  said.classList.toggle("wrong", wrong);
}

async function act(method, path, body, done) {
  let answer;
  try {
    const sent = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    answer = await fetch(path, { method, ...sent });
  } catch {
    say(`${clock()} Nobody answers: nothing was done.`, true);
    return null;
  }
  if (answer.ok) {
    say(`${clock()} ${filled(done ?? "Done.", body ?? {})}`);
    return answer.status === 204 ? {} : answer.json();
  }
  const errors = (await answer.json()).errors ?? [];
  say(`${clock()} Nothing moved: ${errors.map((one) => one.what).join("; ")}.`, true);
  return null;
}

const filled = (text, about) => text.replace(/\{(\w+)\}/g, (whole, name) => about[name] ?? whole);

// --- forms and buttons

function value(input) {
  const text = input.value;
  switch (input.dataset.kind) {
    case "integer":
    case "number":
      return text === "" ? undefined : Number(text);
    case "boolean":
      return text === "" ? undefined : text === "true";
    case "kept":
      return text;
    default:
      return text === "" ? undefined : text.replaceAll("<GS>", "\u001d");
  }
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.id === "scenarios") return void play(form);
  const button = event.submitter;
  const members = button?.dataset.members?.split(" ");
  const body = button?.name ? { [button.name]: button.value } : {};
  for (const input of form.elements) {
    if (input.name && input.tagName !== "BUTTON" && (members?.includes(input.name) ?? true)) {
      const given = value(input);
      if (given !== undefined) body[input.name] = given;
    }
  }
  act(form.dataset.method ?? "POST", form.dataset.post, body, button?.dataset.done ?? form.dataset.done);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.body) act("POST", button.dataset.post, JSON.parse(button.dataset.body), button.dataset.done);
  else if (button?.dataset.delete) act("DELETE", button.dataset.delete, undefined, button.dataset.done);
  else if (button?.dataset.sets) fill(document.getElementById(button.dataset.sets), JSON.parse(button.dataset.fill));
  else if (button?.dataset.copies) copy(document.getElementById(button.dataset.copies));
  else if (button?.id === "stop-playing") playing = null;
  else if (button?.dataset.choose) {
    fill(document.getElementById(button.dataset.choose), JSON.parse(button.dataset.fill));
    mark();
  }
});

document.addEventListener("change", (event) => {
  const chosen = event.target;
  if (chosen.dataset.shows) show(chosen);
  else if (chosen.type === "range" && chosen.form && "atOnce" in chosen.form.dataset) chosen.form.requestSubmit();
  else if ("fills" in chosen.dataset) fill(chosen.form, JSON.parse(chosen.selectedOptions[0].dataset.fill ?? "{}"));
  else if (chosen.id === "wire-link" || chosen.id === "wire-repeats") listen();
  else if (chosen.name === "pocket") document.getElementById(`pocket-${chosen.value}`)?.click() ?? mark();
});

function fill(form, about) {
  for (const [name, given] of Object.entries(about)) form.elements[name].value = given;
}

function show(chosen) {
  const at = chosen.selectedOptions[0].dataset.at;
  if (at) for (const label of chosen.form.querySelectorAll("[data-place]")) label.hidden = label.dataset.place !== at;
  for (const option of chosen.options) {
    document.getElementById(`${chosen.dataset.shows}-${option.value}`).hidden = option.value !== chosen.value;
  }
}

async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    say(`${clock()} Copied.`);
  } catch {
    say(`${clock()} This browser does not let it be copied: mark the lines.`, true);
  }
}

// --- scenarios: their steps go to the control API one after the other; what steel refuses ends them

let playing = null;

async function play(form) {
  const chosen = form.elements.scenario.selectedOptions[0];
  const where = form.elements[`at-${chosen.dataset.at}`].selectedOptions[0];
  const steps = JSON.parse(filled(chosen.dataset.steps, JSON.parse(where.dataset.fill)));
  const mine = (playing = {});
  const [start, stop] = [document.getElementById("play"), document.getElementById("stop-playing")];
  [start.hidden, stop.hidden] = [true, false];
  let fault = null;
  for (const [n, step] of steps.entries()) {
    await new Promise((done) => setTimeout(done, 1000 * (step.after_s ?? 0)));
    if (playing !== mine) break;
    const says = `${n + 1} of ${steps.length}: ${step.says}`;
    say(`${clock()} ${says}`);
    const answer = await (step.lift ? act("DELETE", `/faults/${fault}`, undefined, says) : act("POST", step.post, step.body, says));
    if (answer === null) break;
    fault = answer.id ?? fault;
  }
  if (playing === mine) playing = null;
  [start.hidden, stop.hidden] = [false, true];
}

// the pocket that a hand is at is marked in the drawing
function mark() {
  for (const button of document.querySelectorAll("button[data-choose]")) {
    const at = document.getElementById(button.dataset.choose).elements.pocket.value;
    button.setAttribute("aria-pressed", String(button.id === `pocket-${at}`));
  }
}

// --- parts of the page

let pressed = false;
const waiting = new Map();

function replace(id, html) {
  if (pressed) return waiting.set(id, html); // a button is not taken away from under a finger
  const old = document.getElementById(id);
  const made = document.createElement("template");
  made.innerHTML = html;
  if (!old || old.isEqualNode(made.content.firstElementChild)) return; // the first of a stream are what the page came with
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const typed = new Map();
  for (const input of old.querySelectorAll("input[id], select[id]")) typed.set(input.id, input.value);
  old.replaceWith(made.content);
  for (const [name, text] of typed) {
    const input = document.getElementById(name);
    if (input && (input.tagName !== "SELECT" || [...input.options].some((option) => option.value === text))) input.value = text;
  }
  if (focused) (document.getElementById(focused) ?? main).focus({ preventScroll: true });
  mark();
}

addEventListener("pointerdown", (event) => (pressed = event.target.closest("button") !== null), true);
for (const end of ["pointerup", "pointercancel", "blur"]) {
  addEventListener(end, () => {
    pressed = false;
    setTimeout(() => {
      const parts = [...waiting];
      waiting.clear();
      for (const [id, html] of parts) replace(id, html);
    });
  });
}

// --- the stream: closed while nobody looks, grey when it is silent

let source;
let alive = 0;

function listen() {
  source?.close();
  const link = document.getElementById("wire-link")?.value ?? "";
  const repeats = document.getElementById("wire-repeats")?.checked ?? false;
  source = new EventSource(`/twin/stream?wire=${encodeURIComponent(link)}&repeats=${repeats}`);
  source.addEventListener("parts", (event) => {
    heard();
    for (const [id, html] of Object.entries(JSON.parse(event.data))) replace(id, html);
  });
  source.addEventListener("beat", (event) => {
    if (event.data !== document.body.dataset.run) location.reload(); // other simulators: nothing here is so any longer
    heard();
  });
}

function heard() {
  alive = performance.now();
  lost.hidden = true;
  main.inert = false;
}

setInterval(() => {
  if (document.hidden || performance.now() - alive < HUSH_MS) return;
  if (lost.hidden) {
    lost.textContent = `The simulators do not answer: what you see is from ${clock()}.`;
    lost.hidden = false;
    main.inert = true;
  }
  if (source.readyState === EventSource.CLOSED) listen();
}, 500);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) source.close();
  else {
    alive = performance.now();
    listen();
  }
});

for (const chosen of document.querySelectorAll("select[data-shows]")) show(chosen);
mark();
alive = performance.now();
listen();
