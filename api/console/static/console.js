// The console's own module: keeps the page fresh, posts its forms, and says when the station cannot be heard.
//
// Markup: an element whose id begins with `live_` is replaced by what the stream sends for that id. `<form data-post="/path">`
// is posted as JSON; the answer says where to go, or is a message for #message. `data-once` marks the fields that are emptied
// after a post. Every other way out of a page is an ordinary link.

import { mine, renew } from "./steady.js";

const DEAF_MS = 2200; // a stopped daemon raises no error: without a beat for so long the page is old
const AGAIN_MS = 500;
const root = document.documentElement;
const lost = document.getElementById("lost");
const message = document.getElementById("message");
const lamp = document.getElementById("lamp");

let stream = null;
let heard = performance.now();
let heardAt = new Date();
let again = 0;
let leaving = false;

// A page leaves once: the answer to a post and the stream may both say where to, and the second would cut the first off.
function leave(to) {
  if (leaving) return;
  leaving = true;
  location.assign(to);
}

// --- fresh

function listen() {
  clearTimeout(again);
  stream?.close();
  const query = new URLSearchParams({ page: root.dataset.page ?? location.pathname, seen: root.dataset.seen, query: location.search });
  stream = new EventSource(`/console/stream?${query}`);
  stream.addEventListener("beat", (event) => {
    alive();
    document.dispatchEvent(new CustomEvent("galenic:beat", { detail: JSON.parse(event.data) }));
  });
  stream.addEventListener("part", (event) => {
    alive();
    const { id, html } = JSON.parse(event.data);
    const element = document.getElementById(id);
    if (element) renew(element, html);
  });
  stream.addEventListener("message", (event) => {
    const { html } = JSON.parse(event.data);
    say(html);
    if (html) document.dispatchEvent(new CustomEvent("galenic:sound", { detail: "refusal" }));
    else mine();
  });
  stream.addEventListener("scan", (event) => scanned(JSON.parse(event.data).data));
  stream.addEventListener("badge", badge);
  stream.addEventListener("go", (event) => leave(JSON.parse(event.data).to));
  stream.onerror = () => {
    stream.close();
    again = setTimeout(listen, AGAIN_MS);
  };
}

// Where the page asks for a second person, her badge names her.
function badge() {
  const asked = document.querySelector("form[data-badge]");
  if (asked) leave(asked.dataset.badge);
  else document.dispatchEvent(new CustomEvent("galenic:badge"));
}

function alive() {
  root.setAttribute("data-heard", "");
  heard = performance.now();
  heardAt = new Date();
  // What was missed is asked for anew, once: the page stands again where it stood, or where the person is now. What was posted
  // is answered first.
  if (root.hasAttribute("data-lost") && !leaving && !document.querySelector("form[data-posting]")) location.reload();
}

function look() {
  if (document.hidden || root.hasAttribute("data-asleep") || performance.now() - heard < DEAF_MS || root.hasAttribute("data-lost")) return;
  root.setAttribute("data-lost", "");
  const two = (number) => String(number).padStart(2, "0");
  const at = `${two(heardAt.getHours())}:${two(heardAt.getMinutes())}:${two(heardAt.getSeconds())}`;
  lost.textContent = `${lost.dataset.words} ${at}`;
  lost.hidden = false;
  lamp.textContent = lamp.dataset.down;
  for (const control of document.querySelectorAll("main button, main input, main select, main textarea")) control.disabled = true;
}

// A browser allows six connections to one host. A page that nobody sees gives its own back; of the others four listen, and a
// new one takes its place from another, which sleeps until it is touched.
const LISTENING = 4;

async function listenInTurn() {
  const forever = () => new Promise(() => {});
  for (let n = 0; n < LISTENING; n += 1) {
    const taken = await new Promise((done) => {
      const mine = (lock) => (done(lock === null), lock === null ? undefined : forever());
      navigator.locks.request(`galenic-${n}`, { ifAvailable: true }, mine).catch(sleep);
    });
    if (!taken) return listen();
  }
  navigator.locks.request(`galenic-${Math.floor(Math.random() * LISTENING)}`, { steal: true }, forever).catch(sleep);
  listen();
}

function sleep() {
  stream?.close();
  clearTimeout(again);
  root.setAttribute("data-asleep", "");
  lost.textContent = lost.dataset.asleep;
  lost.hidden = false;
}

addEventListener("pointerup", () => root.hasAttribute("data-asleep") && location.reload());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stream?.close();
    clearTimeout(again);
  } else {
    location.reload();
  }
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

function scanned(data) {
  const field = document.querySelector("input[data-scan]");
  if (!field) return;
  field.value = data;
  field.form.requestSubmit();
}

// --- posts

async function post(form) {
  if (form.dataset.posting || root.hasAttribute("data-lost")) return;
  form.dataset.posting = "1";
  form.setAttribute("aria-busy", "true");
  form.dispatchEvent(new CustomEvent("galenic:posting", { bubbles: true }));
  try {
    const answer = await fetch(form.dataset.post, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields(form)),
    });
    for (const field of form.querySelectorAll("[data-once]")) field.value = "";
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const { go } = await answer.json();
      say("");
      if (go === null) mine();
      else leave(go);
    } else {
      say(await answer.text());
      form.dispatchEvent(new CustomEvent("galenic:refused", { bubbles: true }));
    }
  } catch {
    // Nobody answered: the page turns grey by itself, and says what is known.
  } finally {
    delete form.dataset.posting;
    form.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("galenic:posted"));
  }
}

function fields(form) {
  const said = {};
  for (const [name, value] of new FormData(form)) {
    if (name.endsWith("[]")) (said[name.slice(0, -2)] ??= []).push(value);
    else said[name] = value;
  }
  return said;
}

function say(html) {
  message.innerHTML = html;
  if (html) message.focus();
}

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.post) return;
  event.preventDefault();
  post(event.target);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) say("");
});

setInterval(look, 100);
if (!document.hidden) listenInTurn();
