// The page: goes to other weeks without a flash, and follows the files by itself.
import { showTab, wireTabs } from "./tabs.js";
import { fitDevices, showMail, showPicture } from "./devices.js";
import { merge } from "./merging.js";
import { say } from "./words.js";
import { handsFree } from "./saying.js";

const status = document.getElementById("status");
let underWay = null;
let shownVersion = Number(document.getElementById("main").dataset.version);
let stream = null;
let heard = 0; // the newest version that was told of
let acting = 0; // forms that are on their way
let turn = Promise.resolve();

/** Show the page at `address`. Another issue starts at its top, and is a step in the history. */
async function show(address, sent = {}) {
  underWay?.abort();
  const mine = (underWay = new AbortController());
  let page;
  try {
    const answer = await fetch(address, { ...sent, signal: mine.signal });
    address = answer.redirected ? answer.url : address;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
    await handsFree();
    mine.signal.throwIfAborted();
  } catch (error) {
    if (error.name !== "AbortError") live("waiting");
    return;
  }
  const main = page.getElementById("main");
  if (!main) return location.assign(address); // no studio page: a week or newsletter that is gone, or an error
  if (page.documentElement.lang !== document.documentElement.lang) return anew(address); // chosen in another tab
  const same = main.dataset.issue === document.getElementById("main").dataset.issue;
  if (address !== location.href) history[same ? "replaceState" : "pushState"](null, "", address + location.hash);
  replaceParts(page);
  showMail(page, same);
  document.title = page.title;
  shownVersion = Math.max(shownVersion, Number(main.dataset.version));
  status.textContent = page.querySelector(".trouble h1")?.textContent ?? say("up_to_date");
  document.getElementById("main").dataset.version = shownVersion;
}

/** Load a whole page: an address with a tab's name would only be scrolled to. */
function anew(address) {
  return address === location.href ? location.reload() : location.assign(address);
}

/** Replace what differs, and keep what a person did to it: the focus, what is typed, and what is folded. */
function replaceParts(page) {
  const places = withNames(document.activeElement);
  const done = !page.querySelector("#notice .bad");
  for (const form of document.querySelectorAll("form[data-sent]")) {
    if (done) form.reset(); // what was typed is the server's now
    delete form.dataset.sent;
  }
  const lamp = document.getElementById("live")?.dataset.state;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = document.getElementById(fresh.id);
    merge(old, fresh);
  }
  if (lamp) live(lamp);
  for (const name of places) {
    if (document.activeElement !== document.body) break;
    document.getElementById(name)?.focus({ preventScroll: true }); // the nearest that is still there, and takes it
  }
}

/** Return the names of an element and of what it stands in, from the inside out. */
function withNames(element) {
  const names = [];
  for (let each = element; each && each !== document.body; each = each.parentElement) if (each.id) names.push(each.id);
  return names;
}

// ---- following the files

function live(state) {
  const lamp = document.getElementById("live");
  if (!lamp || lamp.dataset.state === state) return;
  lamp.dataset.state = state;
  lamp.querySelector("span").textContent = say(state);
}

function follow() {
  stream?.close();
  stream = new EventSource("/events");
  stream.addEventListener("version", (event) => {
    live("live");
    heard = Number(event.data);
    catchUp();
  });
  stream.addEventListener("error", () => live(stream.readyState === EventSource.CLOSED ? "gone" : "waiting"));
}

/** Look anew when there is something newer: but the answer to a form, which is newer still, is waited for. */
async function catchUp() {
  if (acting || !heard || heard === shownVersion) return;
  underWay?.abort();
  const mine = (underWay = new AbortController());
  // The mail comes first: what is found about it takes longer, and nobody waits for that.
  const issue = document.getElementById("main").dataset.issue;
  if (issue) await showPicture(`/issues/${issue}/picture${location.search}`, { signal: mine.signal });
  if (mine === underWay && !acting) show(location.href);
}

// A browser opens six connections to one host: tabs that nobody sees give theirs back.
document.addEventListener("visibilitychange", () => (document.hidden ? stream?.close() : follow()));
if (!document.hidden) follow();

// ---- hands

document.addEventListener("click", (event) => {
  const target = event.target.closest("a[data-go], button[data-go]");
  if (target && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
    event.preventDefault();
    show(target.dataset.go || target.getAttribute("href"));
  }
  const command = event.target.closest("[data-copy]");
  if (command) copy(command);
});

// What a person does is sent without a flash; the answer leads to the page, which says what became of it.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-act]");
  if (!form) return;
  event.preventDefault();
  const pressed = event.submitter;
  // Twice the same is done once, but for a button that says otherwise. None is disabled: that would take its focus.
  if (pressed?.ariaDisabled || (pressed?.ariaBusy && !("again" in pressed.dataset))) return;
  if (pressed) pressed.ariaBusy = "true";
  send(form.action, new URLSearchParams(new FormData(form, pressed)), form, pressed);
});

/** Send a form after those that were sent before it: none takes the place of another. */
function send(address, body, form, pressed) {
  acting += 1;
  turn = turn.then(async () => {
    form.dataset.sent = "";
    await show(address, { method: "POST", body });
    delete form.dataset.sent;
    if (pressed) pressed.ariaBusy = null;
    acting -= 1;
    catchUp();
  });
}

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-go]")) show(event.target.value);
});

document.addEventListener("keydown", (event) => {
  const away = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (away || event.target.closest("select, input, textarea, [role=tab], pre")) return;
  const step = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
  const link = step && document.getElementById(step);
  if (link) show(link.getAttribute("href"));
});

addEventListener("popstate", () => {
  showTab();
  show(location.href);
});

async function copy(command) {
  await navigator.clipboard.writeText(command.dataset.copy);
  const word = command.querySelector(".command-copy");
  word.textContent = status.textContent = say("copied");
  setTimeout(() => (word.textContent = say("copy")), 1500);
}

wireTabs();
fitDevices();
