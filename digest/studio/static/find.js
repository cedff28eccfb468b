// From a part of the mail to the line that wrote it: a layer over each frame tells which part is meant.
import { say } from "./words.js";

const TAG = "[data-digest-offset]";
const bar = document.getElementById("find-bar");
const button = document.getElementById("find");
const told = document.getElementById("found");

const frameOf = (layer) => layer.parentElement.querySelector("iframe[data-mail]:not([data-coming])");
const scaleOf = (layer) => parseFloat(layer.parentElement.style.getPropertyValue("--scale")) || 1;

function start() {
  button.setAttribute("aria-checked", "true");
  told.textContent = told.dataset.hint;
  for (const screen of document.querySelectorAll(".device .screen")) screen.append(layerOf());
}

function end() {
  button.setAttribute("aria-checked", "false");
  told.textContent = "";
  for (const layer of document.querySelectorAll(".find-layer")) layer.remove();
}

function layerOf() {
  const layer = document.createElement("div");
  layer.className = "find-layer";
  layer.tabIndex = 0;
  layer.setAttribute("role", "application");
  layer.setAttribute("aria-label", button.dataset.layer);
  layer.append(document.createElement("i"));
  let touched = null;
  let chosen = null;
  const choose = (part) => {
    chosen = part;
    mark(layer, part);
  };
  layer.addEventListener("pointermove", (event) => {
    if (touched !== null) {
      scroll(layer, 0, touched - event.clientY);
      touched = event.clientY;
    } else choose(partAt(layer, event));
  });
  layer.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch" ? event.clientY : null));
  layer.addEventListener("pointerup", () => (touched = null));
  layer.addEventListener("pointercancel", () => (touched = null));
  layer.addEventListener("click", (event) => {
    choose(partAt(layer, event));
    open(chosen);
  });
  layer.addEventListener("wheel", (event) => {
    event.preventDefault();
    scroll(layer, event.deltaX, event.deltaY);
    choose(partAt(layer, event));
  }, { passive: false });
  layer.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) choose(next(layer, chosen, step));
    else if (event.key === "Enter") open(chosen);
    else if (event.key === "Escape") {
      end();
      button.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // the arrows of the page lead to other weeks
    if (step && chosen) told.textContent = wordsOf(chosen);
  });
  return layer;
}

function scroll(layer, x, y) {
  frameOf(layer).contentWindow.scrollBy(x / scaleOf(layer), y / scaleOf(layer));
}

function partAt(layer, event) {
  const box = layer.getBoundingClientRect();
  const inside = frameOf(layer).contentDocument;
  return inside.elementFromPoint((event.clientX - box.left) / scaleOf(layer), (event.clientY - box.top) / scaleOf(layer))?.closest(TAG) ?? null;
}

/** Return the next part that says or shows something, from the top when none is chosen. */
function next(layer, part, step) {
  const shown = [...frameOf(layer).contentDocument.querySelectorAll(`body ${TAG}`)].filter(
    (each) => each.getClientRects().length && (each.matches("img") || [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())),
  );
  if (!shown.length) return null;
  const place = shown.indexOf(part);
  const found = shown[place < 0 ? 0 : Math.min(Math.max(place + step, 0), shown.length - 1)];
  found.scrollIntoView({ block: "nearest" });
  return found;
}

function mark(layer, part) {
  const box = layer.querySelector("i");
  if (!part?.isConnected) return box.removeAttribute("style");
  const { left, top, width, height } = part.getBoundingClientRect();
  const scale = scaleOf(layer);
  Object.assign(box.style, { left: `${left * scale}px`, top: `${top * scale}px`, width: `${width * scale}px`, height: `${height * scale}px` });
}

function wordsOf(part) {
  return (part.getAttribute("alt") || part.textContent).trim().replace(/\s+/g, " ").slice(0, 80);
}

async function open(part) {
  if (!part) return;
  if (/[?&](design|spoken)=\w/.test(location.search)) return void (told.textContent = say("find_none")); // it is only tried on
  const asked = new URLSearchParams({ offset: part.dataset.digestOffset, shown: new URLSearchParams(location.search).get("shown") ?? "" });
  const address = `/issues/${document.getElementById("main").dataset.issue}/place?${asked}`;
  const found = await fetch(address).then((got) => got.json()).catch(() => ({}));
  if (found.address) return location.assign(found.address);
  told.textContent = found.file ? say("find_file", { file: found.file }) : say("find_none");
}

if (bar) {
  bar.hidden = false;
  button.addEventListener("click", () => (button.getAttribute("aria-checked") === "true" ? end() : start()));
}
