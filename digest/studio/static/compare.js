// Two mails are laid out equally wide and shown whole, so that one can be laid over the other.
import { say } from "./words.js";

const stage = document.getElementById("stage");
const MARK = "0 0 0 3px #d6006c";
const TURN_MS = 900;
let timer = null;
let heard = document.getElementById("main").dataset.version;
let stream = null;

// ---- laying out

function fit(pane) {
  const frame = pane.querySelector("iframe");
  const inside = frame.contentDocument;
  if (!inside?.body) return;
  const width = Number(stage.dataset.width);
  const scale = Math.min(1, pane.clientWidth / width);
  pane.style.setProperty("--mail-width", `${width}px`);
  pane.style.setProperty("--mail-scale", scale);
  pane.style.setProperty("--mail-height", "10px"); // a mail is as high as it says, not as its frame is
  const height = Math.max(inside.documentElement.scrollHeight, inside.body.scrollHeight);
  pane.style.setProperty("--mail-height", `${height}px`);
  pane.style.setProperty("--pane-height", `${height * scale}px`);
}

function fitAll() {
  const around = document.getElementById("stage-around");
  const { scrollTop, scrollLeft } = around;
  for (const pane of stage.querySelectorAll(".pane")) fit(pane);
  around.scrollTo(scrollLeft, scrollTop);
}

// ---- hands

function wire() {
  for (const each of document.querySelectorAll("[data-scripted]")) each.hidden = false;
  const widths = new ResizeObserver(fitAll);
  widths.observe(document.getElementById("stage-around"));
  for (const frame of stage.querySelectorAll("iframe")) frame.addEventListener("load", fitAll);
  document.addEventListener("change", (event) => {
    if (event.target.name === "width") stage.dataset.width = event.target.value;
    if (event.target.name === "mode") show("after");
    if (event.target.name === "mode" || event.target.name === "width") fitAll();
    byItself();
  });
  document.getElementById("wipe").addEventListener("input", (event) => stage.style.setProperty("--wipe", `${event.target.value}%`));
  document.getElementById("turn").addEventListener("click", turn);
  document.addEventListener("keydown", (event) => {
    const away = event.altKey || event.ctrlKey || event.metaKey;
    if (event.key.toLowerCase() === "b" && !away && document.getElementById("mode-turns").checked) turn();
  });
  document.addEventListener("click", (event) => {
    const way = event.target.closest(".goto");
    if (way) goTo(way);
  });
  fitAll();
}

function show(which) {
  stage.dataset.turn = which;
  const told = document.getElementById("turned");
  told.textContent = told.dataset[which];
}

function turn() {
  show(stage.dataset.turn === "before" ? "after" : "before");
}

function byItself() {
  clearInterval(timer);
  const wanted = document.getElementById("by-itself").checked && document.getElementById("mode-turns").checked;
  document.getElementById("turned").ariaLive = wanted ? "off" : "polite";
  if (wanted) timer = setInterval(turn, TURN_MS);
}

/** Bring a block into view, and frame it in both mails. */
function goTo(way) {
  const around = document.getElementById("stage-around");
  let top = null;
  for (const side of ["before", "after"]) {
    const pane = stage.querySelector(`.${side} .pane`);
    const inside = pane.querySelector("iframe").contentDocument;
    for (const marked of inside.querySelectorAll("[data-marked]")) {
      marked.style.boxShadow = marked.dataset.marked;
      delete marked.dataset.marked;
    }
    const block = inside.querySelector(`[data-digest-offset="${Number(way.dataset[side])}"]`);
    if (!block) continue;
    block.dataset.marked = block.style.boxShadow;
    block.style.boxShadow = MARK;
    const scale = Number(pane.style.getPropertyValue("--mail-scale")) || 1;
    top = pane.getBoundingClientRect().top - around.getBoundingClientRect().top + around.scrollTop + block.getBoundingClientRect().top * scale;
  }
  if (top !== null) around.scrollTo({ top: top - around.clientHeight / 3 });
}

// ---- following

async function look() {
  const page = await fetch(location.href)
    .then((got) => got.text())
    .then((text) => new DOMParser().parseFromString(text, "text/html"), () => null);
  const fresh = page && [...page.querySelectorAll("#stage iframe")];
  const mine = stage ? [...stage.querySelectorAll("iframe")] : [];
  if (!page?.getElementById("main")) return;
  if (fresh.length !== mine.length) return location.reload();
  fresh.forEach((frame, place) => {
    const mail = frame.getAttribute("srcdoc");
    if (mine[place].getAttribute("srcdoc") !== mail) mine[place].setAttribute("srcdoc", mail);
  });
  for (const name of ["told", "versions"]) {
    const old = document.getElementById(name);
    const next = page.getElementById(name);
    if (old && next && old.innerHTML !== next.innerHTML) old.replaceChildren(...next.childNodes);
  }
  for (const each of document.querySelectorAll("#told [data-scripted]")) each.hidden = false;
  document.getElementById("status").textContent = say("up_to_date");
}

function follow() {
  stream?.close();
  stream = new EventSource("/events");
  stream.addEventListener("version", (event) => {
    if (heard !== event.data) look();
    heard = event.data;
  });
}

document.addEventListener("visibilitychange", () => (document.hidden ? stream?.close() : follow()));
if (!document.hidden) follow();
if (stage) wire();
