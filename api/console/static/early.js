// A touch that is quicker than the page's modules waits for them. As an ordinary form's it would ask for the page again and do nothing.
//
// No module but a script of the head: it listens before there is anything to touch. The first touch counts, and only while a person
// may still mean it; it comes again as a click, so what is to be held or said twice asks as ever.

const MEANT_MS = 2000;
let touch = null;

function wait(event) {
  event.preventDefault();
  touch ??= { at: event.timeStamp, form: event.target, submitter: event.submitter };
}

addEventListener("submit", wait, true);
// The modules have run when this comes.
addEventListener("DOMContentLoaded", () => {
  removeEventListener("submit", wait, true);
  if (!touch || performance.now() - touch.at > MEANT_MS) return;
  if (touch.submitter) touch.submitter.click();
  else touch.form.requestSubmit();
});
