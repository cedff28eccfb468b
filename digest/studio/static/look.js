// The page of a newsletter's look: the mail follows what is typed, and nothing is saved before somebody says so.
import { fitDevices, showMail, showPicture } from "./devices.js";
import { checkLogos } from "./logo.js";
import { say } from "./words.js";

const main = document.getElementById("main");
const status = document.getElementById("status");
const form = document.getElementById("edit");
const progress = document.getElementById("progress");
const quiet = progress?.textContent;
const RESTS_MS = 150;
let shownVersion = Number(main.dataset.version);
let busy = false; // a try or a save is under way
let asking = false; // the mail is being made
let typing = 0;
let restsAt = 0; // when nobody is typing any more
let stream = null;

const named = () => [...form.elements].filter((each) => /^(design\.|words\.|subject$|preheader$|greeting$)/.test(each.name) && each.type !== "hidden");
const valueOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);
const values = () => Object.fromEntries(named().map((each) => [each.name, valueOf(each)]));
const began = () => JSON.parse(document.getElementById("began").value);
const unsaved = () => form && Object.entries(values()).some(([name, value]) => value !== began()[name]);
const pageOf = (html) => new DOMParser().parseFromString(html, "text/html");
const fieldsOf = (step) => new URLSearchParams([...new FormData(form), ["step", step]]);

function replace(page, ...ids) {
  for (const id of ids) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old || fresh.innerHTML === old.innerHTML) continue;
    const folded = new Map([...old.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.set : undefined;
    old.replaceChildren(...fresh.childNodes);
    for (const each of old.querySelectorAll("details[id]")) each.open = folded.get(each.id) ?? each.open;
    if (focused) document.getElementById(focused)?.focus();
  }
}

/** Show the mail of a fresh page, and what is told about each field. */
function showMade(page) {
  replace(page, "trouble", "inbox", ...[...page.querySelectorAll("[data-fresh]")].map((each) => each.id));
  for (const each of page.querySelectorAll("#edit [name][id]")) {
    const ours = document.getElementById(each.id);
    if (ours) ours.toggleAttribute("aria-invalid", each.hasAttribute("aria-invalid"));
    if (ours?.hasAttribute("aria-invalid")) ours.setAttribute("aria-invalid", "true");
  }
  showMail(page, true);
}

// ---- while somebody types

function typed() {
  restsAt = performance.now() + RESTS_MS;
  clearTimeout(typing);
  if (busy) typing = setTimeout(typed, 50);
  else if (!asking) showTyped();
}

/** Have the mail made with what is typed, then what is told about it; what is typed meanwhile is asked for right after. */
async function showTyped() {
  asking = true;
  let sent;
  const same = () => JSON.stringify(values()) === sent;
  do {
    sent = JSON.stringify(values());
    await showPicture(form.action, { method: "POST", body: fieldsOf("picture") });
    while (same() && performance.now() < restsAt) await new Promise((rested) => setTimeout(rested, 20));
    if (!same()) continue;
    const page = pageOf(await post("show"));
    if (page.getElementById("workbench") && !busy) showMade(page);
  } while (!same() && !busy);
  asking = false;
}

async function post(step) {
  const answer = await fetch(form.action, { method: "POST", body: fieldsOf(step) }).catch(() => null);
  return (await answer?.text()) ?? "";
}

function pickers() {
  for (const picker of form.querySelectorAll(".picker")) {
    picker.hidden = false;
    const value = document.getElementById(picker.dataset.picks).value.trim();
    if (/^#[0-9a-fA-F]{6}$/.test(value)) picker.value = value.toLowerCase();
  }
}

function set(name, value) {
  const field = document.getElementById(name);
  if (field.type === "checkbox") field.checked = value === "true";
  else field.value = value;
}

// ---- saving

async function send(fields, before) {
  if (busy) return;
  busy = true;
  form.setAttribute("aria-busy", "true");
  progress.textContent = status.textContent = before;
  const told = setInterval(tellProgress, 700);
  const sent = values();
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
    const page = pageOf((await answer?.text()) ?? "");
    if (!page.getElementById("outcome")) throw new Error(page.querySelector("h1")?.textContent ?? say("no_answer"));
    take(page, sent);
  } catch (error) {
    progress.textContent = status.textContent = say("not_saved", { reason: error.message });
  } finally {
    clearInterval(told);
    form.removeAttribute("aria-busy");
    busy = false;
  }
}

/** Take over a page: what the file says now, but for what was typed while it was on its way. */
function take(page, sent) {
  const now = values();
  for (const each of page.querySelectorAll("#edit [name][id]")) {
    if (!(each.name in now) || each.type === "hidden" || now[each.name] !== sent[each.name]) continue;
    set(each.id, valueOf(each));
  }
  for (const id of ["fingerprint", "began"]) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id).value = fresh.value;
  }
  replace(page, "outcome", "history");
  showMade(page);
  pickers();
  checkLogos();
  shownVersion = Math.max(shownVersion, Number(page.getElementById("main").dataset.version));
  const heading = document.querySelector("#outcome h2, #trouble h1")?.textContent ?? "";
  const first = document.querySelector("#outcome .finding.error .message")?.textContent;
  progress.textContent = heading && quiet ? say("then", { first: heading, second: quiet }) : quiet;
  status.textContent = [heading, first].filter(Boolean).reduce((one, two) => say("then", { first: one, second: two }), "").replace(/^[.。]\s*/, "");
  if (!document.querySelector("#outcome .saved, #outcome .fine, #outcome .same")) document.getElementById("outcome").scrollIntoView({ block: "nearest" });
}

async function tellProgress() {
  const answer = await fetch("/trying").then((got) => got.json(), () => ({}));
  if (!busy || !answer.total) return;
  const far = { place: answer.place, done: Math.min(answer.done, answer.total), total: answer.total };
  if (answer.place !== main.dataset.place) progress.textContent = say("others_turn", far);
  else progress.textContent = answer.done > answer.total ? say("comparing") : say("trying_far", far);
}

// ---- following the files

async function look(address) {
  const page = await fetch(address).then((got) => got.text(), () => "").then(pageOf);
  if (!page.getElementById("workbench")) return;
  if (page.documentElement.lang !== document.documentElement.lang && !busy && !unsaved()) return location.reload();
  shownVersion = Math.max(shownVersion, Number(page.getElementById("main").dataset.version));
  for (const id of ["dark", "language"]) document.getElementById(id).replaceWith(page.getElementById(id));
  if (!form || !page.getElementById("edit")) return replace(page, "trouble", "inbox"), showMail(page, true);
  if (unsaved() || busy) {
    const other = page.getElementById("fingerprint").value !== document.getElementById("fingerprint").value;
    if (other && !busy) progress.textContent = status.textContent = say("changed_meanwhile");
    return typed();
  }
  const was = document.getElementById("fingerprint").value;
  const outcome = document.getElementById("outcome").cloneNode(true);
  take(page, values());
  if (was === page.getElementById("fingerprint").value) document.getElementById("outcome").replaceChildren(...outcome.childNodes);
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

form?.addEventListener("input", (event) => {
  if (event.target.dataset.picks) set(event.target.dataset.picks, event.target.value);
  else pickers();
  if (event.target.matches("[data-logo], [type=number]")) checkLogos();
  if (event.target.id !== "who") typed();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-leave]")) return;
  event.preventDefault();
  if (event.target === form) {
    const step = event.submitter?.value ?? "save";
    return step === "show" ? typed() : send(fieldsOf(step), say(step === "try" ? "trying" : "trying_first"));
  }
  if (unsaved() && !confirm(say("really_bring_back"))) return;
  const fields = new URLSearchParams(new FormData(event.target, event.submitter));
  fields.set("who", form.elements.who?.value ?? "");
  send(fields, say("trying_former"));
});

document.addEventListener("keydown", (event) => {
  if (!form || event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  send(fieldsOf("save"), say("trying_first"));
});

document.addEventListener("click", (event) => {
  const offered = event.target.closest("[data-set]");
  if (offered) {
    set(offered.dataset.set, offered.dataset.value);
    pickers();
    typed();
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
if (form) {
  main.classList.add("scripted");
  pickers();
  checkLogos();
  if (unsaved()) typed(); // typed before this was loaded, or kept by the browser
}

// A finding leads to a line of the file; the field that stands there is shown.
const asked = /^#L(\d+)$/.exec(location.hash);
if (form && asked) {
  const field = form.querySelector(`[data-at="${asked[1]}"]`);
  const folded = field?.closest("details");
  if (folded) folded.open = true;
  field?.focus();
  field?.scrollIntoView({ block: "center" });
}
