"use strict";
// Everything here only adds comfort: the page says the same without it, and nothing is stored or sent.

function button(text, act) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = text;
  b.addEventListener("click", () => act(b));
  return b;
}

// Light and dark. The rules for dark, of the page and of its charts, stand in media queries; the button answers these.
const darkRules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule instanceof CSSMediaRule && rule.conditionText.includes("prefers-color-scheme"));
const system = matchMedia("(prefers-color-scheme: dark)");
let dark = system.matches;
const theme = button("", () => show(!dark));
function show(wanted) {
  dark = wanted;
  for (const rule of darkRules) rule.media.mediaText = dark ? "screen" : "not all";
  theme.textContent = dark ? "Light" : "Dark";
  theme.setAttribute("aria-label", dark ? "Show in light colours" : "Show in dark colours");
}
show(dark);
system.addEventListener("change", () => show(system.matches));
document.querySelector("header").append(theme);

// Tables that sort by a click on a column's head. What has no value stays last, in either direction.
const unknown = (cell) => cell.classList.contains("none") || cell.classList.contains("number") && !("value" in cell.dataset);
function compare(a, b) {
  if ("value" in a.dataset && "value" in b.dataset) return a.dataset.value - b.dataset.value;
  return a.textContent.localeCompare(b.textContent, "en", { numeric: true });
}
for (const table of document.querySelectorAll("table.data")) {
  const body = table.tBodies[0], original = [...body.rows], open = Number(table.dataset.open);
  let folded = open > 0;
  const fold = () => [...body.rows].forEach((row, i) => { row.hidden = folded && i >= open; });
  if (folded) {
    const texts = { true: `Show all ${original.length} rows`, false: `Show ${open} rows` };
    const more = button(texts[folded], (b) => {
      folded = !folded;
      b.textContent = texts[folded];
      fold();
    });
    more.className = "more";
    table.parentElement.after(more);
    fold();
  }
  if (original.length < 2) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const sort = button(head.textContent, () => {
      const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
      const sorted = original.toSorted((r, s) => {
        const a = r.cells[column], b = s.cells[column];
        if (unknown(a) || unknown(b)) return unknown(a) - unknown(b);
        return way * compare(a, b);
      });
      body.append(...sorted);
      fold();
    });
    head.replaceChildren(sort);
  });
}

// What cells have to say beside their text, for the mouse, the finger and the keyboard.
const tip = document.createElement("div");
tip.id = "tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;
document.body.append(tip);
const hide = () => { tip.hidden = true; };
function tell(cell) {
  tip.textContent = cell.dataset.tip;
  tip.hidden = false;
  const at = cell.getBoundingClientRect(), size = tip.getBoundingClientRect(), room = document.documentElement.clientWidth;
  const above = at.top - size.height - 6;
  tip.style.top = `${above > 4 ? above : at.bottom + 6}px`;
  tip.style.left = `${Math.max(8, Math.min(at.left + at.width / 2 - size.width / 2, room - size.width - 8))}px`;
}
for (const cell of document.querySelectorAll("td[title]")) {
  cell.dataset.tip = cell.title;
  cell.removeAttribute("title");
  cell.tabIndex = 0;
  cell.setAttribute("aria-describedby", "tip");
  for (const event of ["pointerenter", "focus"]) cell.addEventListener(event, () => tell(cell));
  for (const event of ["pointerleave", "blur"]) cell.addEventListener(event, hide);
}
addEventListener("keydown", (e) => { if (e.key === "Escape") hide(); });
addEventListener("scroll", hide, { capture: true, passive: true });

// Code to copy. Where the clipboard is out of reach the text is selected, ready for the keyboard.
for (const block of document.querySelectorAll(".code")) {
  block.append(button("Copy", async (b) => {
    const code = block.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      b.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      b.textContent = "Selected";
    }
    setTimeout(() => { b.textContent = "Copy"; }, 2000);
  }));
}

// Paper is white and folds nothing away.
let before = null;
addEventListener("beforeprint", () => {
  before = { dark, closed: [...document.querySelectorAll("details:not([open])")] };
  show(false);
  for (const details of before.closed) details.open = true;
});
addEventListener("afterprint", () => {
  if (!before) return;
  for (const details of before.closed) details.open = false;
  show(before.dark);
  before = null;
});
