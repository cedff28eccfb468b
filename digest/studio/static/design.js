// The page of a design: tries and saves without leaving the page, and lets the mail follow the files.
import { fitDevices, showMail } from "./devices.js";
import { goTo, markGuilty, wireLines } from "./lines.js";

const main = document.getElementById("main");
const status = document.getElementById("status");
const form = document.getElementById("edit");
const text = document.getElementById("text");
const progress = document.getElementById("progress");
const quiet = progress?.textContent;
const LAMPS = { live: "Live", waiting: "Reconnecting…", gone: "Stopped: run digest preview again" };
let known = text?.hasAttribute("data-unsaved") ? null : text?.value; // what the file says, as far as this page knows
let shownVersion = Number(main.dataset.version);
let busy = false;
let stream = null;

const unsaved = () => text !== null && text.value !== known;

function pageOf(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

/** Show the mail, the trouble and the history of a fresh page; the text stays a person's own. */
function showAround(page, ...ids) {
  for (const id of ids) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (fresh && old && fresh.innerHTML !== old.innerHTML) old.replaceChildren(...fresh.childNodes);
  }
  showMail(page, true);
  shownVersion = Math.max(shownVersion, Number(page.getElementById("main").dataset.version));
}

// ---- saving

async function send(fields, before) {
  if (busy) return;
  busy = true;
  form.setAttribute("aria-busy", "true");
  progress.textContent = status.textContent = before;
  const told = setInterval(tellProgress, 700);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
    const page = pageOf(await answer.text());
    if (!page.getElementById("outcome")) throw new Error(page.querySelector("h1")?.textContent ?? "the studio gave no answer");
    take(page, fields);
  } catch (error) {
    progress.textContent = status.textContent = `Nothing was saved: ${error.message}. Your text is still here.`;
  } finally {
    clearInterval(told);
    form.removeAttribute("aria-busy");
    busy = false;
  }
}

function take(page, sent) {
  const fresh = page.getElementById("text");
  const typedOn = "text" in sent && text.value !== sent.text;
  if (fresh && !typedOn && text.value !== fresh.value) text.value = fresh.value;
  if (fresh) {
    document.getElementById("fingerprint").value = page.getElementById("fingerprint").value;
    known = fresh.hasAttribute("data-unsaved") ? null : fresh.value;
  }
  showAround(page, "outcome", "trouble", "history");
  markGuilty();
  const outcome = document.getElementById("outcome");
  const heading = outcome.querySelector("h2")?.textContent ?? "";
  const first = outcome.querySelector("[data-guilty], .finding.error");
  progress.textContent = `${heading}. ${quiet}`;
  // The hands stay where they are; who cannot see it hears it.
  status.textContent = [heading, first?.querySelector(".place")?.textContent, first?.querySelector(".message")?.textContent].filter(Boolean).join(". ");
  if (!outcome.querySelector(".saved, .fine, .same")) outcome.scrollIntoView({ block: "nearest" });
}

async function tellProgress() {
  const answer = await fetch("/trying").then((got) => got.json(), () => ({}));
  if (!busy || !answer.total) return;
  const far = `${Math.min(answer.done, answer.total)} of ${answer.total} mails`;
  if (answer.place !== main.dataset.place) progress.textContent = `Waiting until ${answer.place} is tried: ${far}`;
  else if (answer.done > answer.total) progress.textContent = "There are errors. Looking which of them were there before…";
  else progress.textContent = `Trying it: ${far}`;
}

function sendEdit(step) {
  const fields = Object.fromEntries(new FormData(form));
  send({ ...fields, text: text.value, step }, step === "try" ? "Trying it…" : "Trying it before it is saved…");
}

// ---- following the files

async function look(address) {
  const page = await fetch(address).then((got) => got.text(), () => "").then(pageOf);
  if (!page.getElementById("workbench")) return;
  showAround(page, "trouble");
  const dark = page.getElementById("dark");
  document.getElementById("dark").replaceWith(dark);
  const fresh = page.getElementById("text");
  if (!fresh || busy || page.getElementById("fingerprint").value === document.getElementById("fingerprint")?.value) return;
  if (unsaved()) {
    status.textContent = progress.textContent = "Somebody else saved this file meanwhile. When you save, you will see both texts, and nothing is overwritten.";
    return;
  }
  text.value = known = fresh.value;
  document.getElementById("fingerprint").value = page.getElementById("fingerprint").value;
  showAround(page, "history", "outcome");
  markGuilty();
  status.textContent = "The file was changed, and is shown as it is now";
}

function live(state) {
  const lamp = document.getElementById("live");
  lamp.dataset.state = state;
  lamp.querySelector("span").textContent = LAMPS[state];
}

function follow() {
  stream?.close();
  stream = new EventSource("/events");
  stream.addEventListener("version", (event) => {
    live("live");
    if (Number(event.data) !== shownVersion) look(location.href);
  });
  stream.addEventListener("error", () => live(stream.readyState === EventSource.CLOSED ? "gone" : "waiting"));
}

document.addEventListener("visibilitychange", () => (document.hidden ? stream?.close() : follow()));
if (!document.hidden) follow();

// ---- hands

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target === form) return sendEdit(event.submitter?.value ?? "save");
  if (unsaved() && !confirm("What you have not saved is lost then. Bring the former text back?")) return;
  const fields = Object.fromEntries(new FormData(event.target, event.submitter));
  send(fields, "Trying the former text…");
});

document.addEventListener("keydown", (event) => {
  if (!form || event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  sendEdit("save");
});

document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-line]");
  if (line && text) {
    event.preventDefault();
    goTo(Number(line.dataset.line));
  }
  const looks = event.target.closest("[data-look]");
  if (looks && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
    event.preventDefault();
    history.replaceState(null, "", looks.href);
    if (form) form.action = looks.href;
    look(looks.href);
  }
});

addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

fitDevices();
if (text) {
  wireLines();
  const line = /^#L(\d+)$/.exec(location.hash);
  if (line) goTo(Number(line[1]));
  else if (location.hash === "#changed") document.getElementById("changed")?.focus();
}
