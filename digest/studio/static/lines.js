// The lines of the text area: their numbers, the ones that are to blame, and the way to one of them.
const text = document.getElementById("text");
const numbers = document.getElementById("numbers");
let guilty = new Set();

/** Write the numbers beside the lines, and mark those that an error names. */
export function numberLines() {
  const count = text.value.split("\n").length;
  numbers.replaceChildren(
    ...Array.from({ length: count }, (_, place) => {
      const line = document.createElement("span");
      line.textContent = place + 1;
      if (guilty.has(place + 1)) line.className = "guilty";
      return line;
    }),
  );
  follow();
}

function follow() {
  numbers.scrollTop = text.scrollTop;
}

/** Mark the lines that the outcome names, and bring the first into view. */
export function markGuilty() {
  guilty = new Set([...document.querySelectorAll("#outcome [data-guilty]")].map((each) => Number(each.dataset.guilty)));
  numberLines();
  if (guilty.size) reveal(Math.min(...guilty));
}

function reveal(line) {
  text.scrollTop = Math.max(0, (line - 1) * parseFloat(getComputedStyle(text).lineHeight) - text.clientHeight / 3);
  text.scrollLeft = 0;
}

/** Select a line, and bring it into view. */
export function goTo(line) {
  const lines = text.value.split("\n");
  const place = Math.min(Math.max(line, 1), lines.length);
  const start = lines.slice(0, place - 1).reduce((sum, each) => sum + each.length + 1, 0);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + lines[place - 1].length);
  reveal(place);
  text.closest(".sheet").scrollIntoView({ block: "nearest" });
}

export function wireLines() {
  numbers.hidden = false;
  text.addEventListener("scroll", follow);
  if (text.readOnly) return markGuilty(); // for somebody who may only look, Tab is what it is elsewhere
  document.getElementById("keys").hidden = false;
  text.addEventListener("input", numberLines);
  let leaving = false; // Esc, then Tab, leaves the text; Shift+Tab always does
  text.addEventListener("blur", () => (leaving = false));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !leaving && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      // The only way to write as typing does: it can be undone with the keyboard.
      if (!document.execCommand("insertText", false, "  ")) text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
      numberLines();
    }
    leaving = event.key === "Escape" || (leaving && event.key === "Shift");
  });
  markGuilty();
}
