// The page of a design: tries and saves without leaving the page, and lets the mail follow the files.
import { fitDevices, showMail } from "./devices.js";
import { goTo, markGuilty, wireLines } from "./lines.js";
import { say } from "./words.js";

const main = document.getElementById("main");
const status = document.getElementById("status");
const form = document.getElementById("edit");
const text = document.getElementById("text");
const progress = document.getElementById("progress");
const quiet = progress?.textContent;
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
    if (!fresh || !old || fresh.innerHTML === old.innerHTML) continue;
    old.replaceChildren(...fresh.childNodes);
    old.lang = page.documentElement.lang; // another one may have been chosen in another tab
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
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) }).catch(() => null);
    const page = pageOf((await answer?.text()) ?? "");
    if (!page.getElementById("outcome")) throw new Error(page.querySelector("h1")?.textContent ?? say("no_answer"));
    take(page, fields);
  } catch (error) {
    progress.textContent = status.textContent = say("not_saved", { reason: error.message });
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
  progress.textContent = inOne(heading, quiet);
  // The hands stay where they are; who cannot see it hears it.
  const told = [".place", ".headline", ".message"].map((part) => first?.querySelector(part)?.textContent);
  status.textContent = inOne(heading, ...told);
  if (!outcome.querySelector(".saved, .fine, .same")) outcome.scrollIntoView({ block: "nearest" });
}

function inOne(...sentences) {
  return sentences.filter(Boolean).reduce((first, second) => say("then", { first, second }));
}

async function tellProgress() {
  const answer = await fetch("/trying").then((got) => got.json(), () => ({}));
  if (!busy || !answer.total) return;
  const far = { place: answer.place, done: Math.min(answer.done, answer.total), total: answer.total };
  if (answer.place !== main.dataset.place) progress.textContent = say("others_turn", far);
  else if (answer.done > answer.total) progress.textContent = say("comparing");
  else progress.textContent = say("trying_far", far);
}

function sendEdit(step) {
  const fields = Object.fromEntries(new FormData(form));
  send({ ...fields, text: text.value, step }, say(step === "try" ? "trying" : "trying_first"));
}

// ---- following the files

async function look(address) {
  const page = await fetch(address).then((got) => got.text(), () => "").then(pageOf);
  if (!page.getElementById("workbench")) return;
  if (page.documentElement.lang !== document.documentElement.lang && !busy && !unsaved()) return location.reload();
  showAround(page, "trouble");
  const dark = page.getElementById("dark");
  document.getElementById("dark").replaceWith(dark);
  document.getElementById("language").replaceWith(page.getElementById("language"));
  const fresh = page.getElementById("text");
  if (!fresh || busy || page.getElementById("fingerprint").value === document.getElementById("fingerprint")?.value) return;
  if (unsaved()) {
    status.textContent = progress.textContent = say("saved_by_others");
    return;
  }
  text.value = known = fresh.value;
  document.getElementById("fingerprint").value = page.getElementById("fingerprint").value;
  showAround(page, "history", "outcome");
  markGuilty();
  status.textContent = say("reloaded");
}

function live(state) {
  const lamp = document.getElementById("live");
  lamp.dataset.state = state;
  lamp.querySelector("span").textContent = say(state);
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
  if (event.target.matches("[data-leave]")) return;
  event.preventDefault();
  if (event.target === form) return sendEdit(event.submitter?.value ?? "save");
  if (unsaved() && !confirm(say("really_bring_back"))) return;
  const fields = Object.fromEntries(new FormData(event.target, event.submitter));
  if (form.elements.who) fields.who = form.elements.who.value;
  send(fields, say("trying_former"));
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
