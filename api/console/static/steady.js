// Lists that hold still under a finger: what is new waits behind "2 new: show" (reference ecosystem C5; decision 0081).
//
// Markup: `data-row` names a row that a finger may be on its way to. While a part's rows are the same in the same order, or no row
// stands on the page, the part is renewed as it comes. Otherwise it waits, and #news says so: the rows that stand stay where they
// are and say what is true of them now, and one that is not among them any more is grey and takes no touch. What the person's own
// post has done is shown at once: see `mine`.
//
// A part that a finger is on is renewed when it has been lifted: a button that is replaced under it would take no touch. Each renewal
// is told as the event `galenic:part`.

const MINE_MS = 1000; // what comes so soon after the answer to a post is what the post has done
const CLICK_MS = 100; // from a lifted finger to its click, at most
const RESTS_MS = 3000; // a finger that stays longer rests on the glass, and the page goes on
const news = document.getElementById("news");
const waiting = new Map(); // what waits for the element of an id, as it came last: its HTML and the names of its rows
let postedAt = -Infinity;
const meanwhile = new Map(); // what came for a part while a finger was on it: its HTML, as it came last
let finger = null; // what it is on
let lifts = 0;

const rowsOf = (part) => [...part.querySelectorAll("[data-row]")];
const namesOf = (part) => rowsOf(part).map((row) => row.dataset.row);

export function renew(element, html) {
  if (finger && element.contains(finger)) {
    meanwhile.set(element, html);
    return;
  }
  meanwhile.delete(element); // what came before this is old
  const coming = document.createElement("template");
  coming.innerHTML = html;
  if (own() || stays(element, coming.content)) put(element, html);
  else {
    waiting.set(element.id, { html, names: namesOf(coming.content) });
    keepingTicks(element, () => inPlace(element, coming.content));
  }
  tell();
}

// What the person has done herself moves the rows at once, with whatever waits.
export function mine() {
  postedAt = performance.now();
  show();
}

function own() {
  return performance.now() - postedAt < MINE_MS || document.querySelector("form[data-posting]") !== null;
}

function stays(element, coming) {
  const stand = namesOf(element);
  if (!stand.length) return !namesOf(coming).length || !document.querySelector("main [data-row]");
  return stand.join("\n") === namesOf(coming).join("\n");
}

function put(element, html) {
  waiting.delete(element.id);
  keepingTicks(element, () => (element.innerHTML = html));
}

function inPlace(element, coming) {
  const now = new Map(rowsOf(coming).map((row) => [row.dataset.row, row]));
  for (const row of rowsOf(element)) {
    const is = now.get(row.dataset.row);
    if (is) {
      if (is.outerHTML !== row.outerHTML) row.replaceWith(is);
      continue;
    }
    row.dataset.gone = "";
    row.inert = true;
    for (const box of row.querySelectorAll("[type=checkbox]")) box.checked = !(box.disabled = true);
  }
}

// What a hand has ticked stays so, where it is still there.
function keepingTicks(element, change) {
  const boxes = () => [...element.querySelectorAll("[type=checkbox]:enabled")];
  const said = new Map(boxes().filter((box) => box.checked !== box.defaultChecked).map((box) => [box.name + box.value, box.checked]));
  change();
  for (const box of boxes()) box.checked = said.get(box.name + box.value) ?? box.checked;
}

function tell() {
  const stand = new Set(namesOf(document));
  const fresh = [...waiting.values()].flatMap(({ names }) => names).filter((name) => !stand.has(name)).length;
  const words = fresh ? news.dataset.new.replace("{n}", fresh) : news.dataset.changed;
  if (news.textContent !== words) news.textContent = words;
  news.hidden = !waiting.size;
  document.dispatchEvent(new CustomEvent("galenic:part"));
}

function show() {
  for (const [id, { html }] of [...waiting]) put(document.getElementById(id), html);
  tell();
}

news.addEventListener("click", () => {
  show();
  document.getElementById("main").focus();
});

addEventListener(
  "pointerdown",
  (event) => {
    finger = event.target;
    liftedIn(RESTS_MS);
  },
  true,
);
for (const [end, ms] of [["pointerup", CLICK_MS], ["pointercancel", 0], ["click", 0]]) addEventListener(end, () => liftedIn(ms), true);

function liftedIn(ms) {
  clearTimeout(lifts);
  lifts = setTimeout(() => {
    finger = null;
    for (const [element, html] of [...meanwhile]) renew(element, html);
    meanwhile.clear();
  }, ms);
}
