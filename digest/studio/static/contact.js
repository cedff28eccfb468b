// The contact sheet: mails are fetched for the pictures that come into view, and new cases are added as they are made.
import { say } from "./words.js";

const WIDTH = 640;
const LOOK_AGAIN = 900;
const PICTURES = "[data-mail]";

let sheet = document.getElementById("sheet");

// ---- pictures

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      draw(target);
    }
  },
  { rootMargin: "300px" },
);
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) target.style.setProperty("--small", contentRect.width / WIDTH);
});

async function draw(place) {
  const answer = await fetch(place.dataset.mail).catch(() => null);
  if (!answer?.ok) return;
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", ""); // nothing at all is allowed in it
  frame.tabIndex = -1;
  frame.inert = true;
  frame.referrerPolicy = "no-referrer";
  frame.srcdoc = await answer.text();
  place.replaceChildren(frame);
}

function watch(within) {
  for (const place of within.querySelectorAll(PICTURES)) {
    if (place.firstElementChild) continue;
    sizes.observe(place);
    near.observe(place);
  }
}

// ---- following

async function look() {
  const page = await fetch(location.href)
    .then((got) => got.text())
    .then((text) => new DOMParser().parseFromString(text, "text/html"), () => null);
  const fresh = page?.getElementById("sheet");
  if (!fresh) return;
  if (fresh.dataset.versionMade !== sheet.dataset.versionMade) {
    sheet.replaceWith(fresh); // another version of the design: every picture is another
    sheet = fresh;
  } else add(fresh);
  watch(sheet);
  if (sheet.dataset.done === "no") setTimeout(ask, LOOK_AGAIN);
}

/** Add what is new: a case never changes its group, and later ones stand after it. */
function add(fresh) {
  sheet.dataset.done = fresh.dataset.done;
  document.getElementById("sheet-state").replaceChildren(...fresh.querySelector("#sheet-state").childNodes);
  const groups = document.getElementById("sheet-groups");
  let before = null;
  for (const group of fresh.querySelectorAll("#sheet-groups > section")) {
    const mine = document.getElementById(group.id);
    if (!mine) groups.insertBefore(group, before ? before.nextSibling : groups.firstChild);
    else {
      mine.querySelector("h2").replaceChildren(...group.querySelector("h2").childNodes);
      const list = mine.querySelector("ul");
      for (const each of [...group.querySelectorAll("li.picture")]) if (!document.getElementById(each.id)) list.append(each);
    }
    before = document.getElementById(group.id);
  }
}

async function ask() {
  const told = await fetch(sheet.dataset.state).then((got) => got.json(), () => null);
  if (!told) return setTimeout(ask, LOOK_AGAIN);
  const bar = document.getElementById("sheet-progress");
  if (bar && told.total && told.version === sheet.dataset.versionMade) {
    bar.max = told.total;
    bar.value = told.made;
    bar.nextElementSibling.textContent = say("contact_far", told);
  }
  const shown = sheet.querySelectorAll(".picture").length;
  if (told.done || told.version !== sheet.dataset.versionMade || told.made >= shown + 6) return look();
  setTimeout(ask, LOOK_AGAIN);
}

let heard = document.getElementById("main").dataset.version;
let stream = null;

function follow() {
  stream?.close();
  stream = new EventSource("/events");
  stream.addEventListener("version", async (event) => {
    if (heard !== event.data) {
      const told = await fetch(sheet.dataset.state).then((got) => got.json(), () => null);
      if (told && told.version !== sheet.dataset.versionMade) look();
    }
    heard = event.data;
  });
}

document.addEventListener("visibilitychange", () => (document.hidden ? stream?.close() : follow()));
if (!document.hidden) follow();
watch(sheet);
if (sheet.dataset.done === "no") setTimeout(ask, LOOK_AGAIN);
