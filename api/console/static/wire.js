// Copies what stands on a page as hexadecimal: `<button data-copies="ID">` takes each `data-hex` within the element of that id,
// one a line, in the order of time.

const said = document.getElementById("copied");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const rows = [...document.querySelectorAll(`#${button.dataset.copies} [data-hex]`)];
  const text = rows.map((row) => row.dataset.hex).reverse().join("\n");
  try {
    await navigator.clipboard.writeText(`${text}\n`);
    said.textContent = said.dataset.done;
  } catch {
    said.textContent = said.dataset.not;
  }
});
