// The page: goes to other weeks without a flash, and follows the files by itself.
import { showTab, wireTabs } from "./tabs.js";
import { fitDevices, showMail } from "./devices.js";
import { say } from "./words.js";

const status = document.getElementById("status");
let underWay = null;
let shownVersion = Number(document.getElementById("main").dataset.version);
let stream = null;

/** Show the page at `address`. Another issue starts at its top, and is a step in the history. */
async function show(address) {
  underWay?.abort();
  const mine = (underWay = new AbortController());
  let page;
  try {
    const answer = await fetch(address, { signal: mine.signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
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

/** Replace what differs, and keep what a person did to it: the focus, and what is folded. */
function replaceParts(page) {
  const focused = document.activeElement?.id;
  const lamp = document.getElementById("live")?.dataset.state;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = document.getElementById(fresh.id);
    if (old.innerHTML === fresh.innerHTML) continue;
    const folded = new Map([...old.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
    old.replaceChildren(...fresh.childNodes);
    for (const each of old.querySelectorAll("details[id]")) each.open = folded.get(each.id) ?? each.open;
  }
  if (lamp) live(lamp);
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
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
    if (Number(event.data) !== shownVersion) show(location.href);
  });
  stream.addEventListener("error", () => live(stream.readyState === EventSource.CLOSED ? "gone" : "waiting"));
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
