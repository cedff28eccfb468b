// The frames: as wide as the device is, scaled to fit, and replaced without a flicker.

import { merge } from "./merging.js";
import { keepScrolls, keepZoom, zoom } from "./keeping.js";
import { say } from "./words.js";

const IMAGES_MS = 400;
const mended = new WeakMap(); // which mail a frame shows, where that is no longer the one that it was loaded with

/** Put the mail of a fresh page into the frames; `keep` keeps what is in view in view. */
export function showMail(page, keep) {
  const fresh = page.getElementById("workbench");
  const bench = document.getElementById("workbench");
  bench.hidden = fresh.hidden;
  bench.dataset.stale = fresh.dataset.stale;
  document.getElementById("main").dataset.issue = page.getElementById("main").dataset.issue;
  bench.className = fresh.className;
  if (wearsOf(bench) !== wearsOf(fresh)) return dress(bench, fresh);
  showFrames([...fresh.querySelectorAll("iframe[data-mail]")].map((frame) => frame.getAttribute("srcdoc")), keep);
}

/** Have the mail made alone, without all that is told about it, and show it; say whether that could be done. */
export async function showPicture(address, request) {
  const answer = await fetch(address, request).then((got) => (got.ok ? got.json() : {})).catch(() => ({}));
  if (!answer.frame || request.signal?.aborted) return false;
  showFrames([answer.frame, answer.frame, answer.turned, answer.turned], true);
  return true;
}

function showFrames(mails, keep) {
  for (const [place, screen] of document.querySelectorAll("#workbench .screen").entries()) {
    if (!mails[place]) continue; // the whole page shows it another way soon
    const last = [...screen.querySelectorAll("iframe[data-mail]")].at(-1); // one that is still coming, too
    if ((mended.get(last) ?? last.getAttribute("srcdoc")) === mails[place]) continue;
    if (keep && !("coming" in last.dataset) && mend(last, mails[place])) continue;
    replace(screen.querySelector("iframe[data-mail]:not([data-coming])"), mails[place], keep);
  }
}

const wearsOf = (bench) => [...bench.querySelectorAll(".device")].map((each) => each.dataset.wear).join();

/** Show other frames: as many as there are ways to look at the mail now. */
function dress(bench, fresh) {
  const coming = [...fresh.querySelectorAll(".device")];
  bench.querySelector(".device").before(...coming);
  for (const old of [...bench.querySelectorAll(".device")]) if (!coming.includes(old)) old.remove();
  watchScreens();
}

/** Make the mail in a frame like another, which takes a tenth of loading it; say whether that shows the very same. */
function mend(frame, mail) {
  const inside = frame.contentDocument;
  if (inside?.URL !== "about:srcdoc" || inside.readyState !== "complete") return false;
  const fresh = new DOMParser().parseFromString(mail, "text/html");
  if (inside.compatMode !== fresh.compatMode || policyOf(inside) !== policyOf(fresh)) return false; // given while loading
  merge(inside.documentElement, fresh.documentElement);
  mended.set(frame, mail);
  return true;
}

const policyOf = (mail) => [...mail.querySelectorAll("meta[http-equiv], base")].map((each) => each.outerHTML).join();

/** Load the new mail behind the old one, and change places once it is laid out. */
function replace(old, mail, keep) {
  for (const late of old.parentElement.querySelectorAll("[data-coming]")) late.remove();
  const next = old.cloneNode();
  next.dataset.coming = "";
  next.setAttribute("srcdoc", mail);
  old.after(next);
  const patience = performance.now() + IMAGES_MS;
  const swap = () => {
    if (!next.isConnected || !("coming" in next.dataset)) return; // a newer one came, or this one is there
    if (!isLaidOut(next, performance.now() > patience)) return requestAnimationFrame(swap);
    if (keep) next.contentWindow.scrollTo(old.contentWindow.scrollX, old.contentWindow.scrollY);
    delete next.dataset.coming;
    old.remove();
  };
  next.addEventListener("load", swap); // the next frame may be 16 ms away
  requestAnimationFrame(swap);
}

/** Images move what is below them; slow ones are not waited for. */
function isLaidOut(frame, late) {
  const inside = frame.contentDocument;
  return inside?.URL === "about:srcdoc" && (inside.readyState === "complete" || (late && inside.readyState !== "loading"));
}

const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) fit(target);
});

/** Keep each frame as wide as its device at least, and as large as there is room, or as somebody wants it. */
export function fitDevices() {
  const choice = document.getElementById("zoom");
  if (choice) {
    choice.value = String(zoom());
    choice.addEventListener("change", () => {
      keepZoom(choice.value);
      for (const screen of document.querySelectorAll(".device .screen")) fit(screen);
    });
  }
  watchScreens();
  keepScrolls();
}

function watchScreens() {
  watcher.disconnect();
  for (const screen of document.querySelectorAll(".device .screen")) {
    fit(screen); // at once: whoever scrolls a mail next needs it as wide as it will be
    watcher.observe(screen);
  }
}

function fit(screen) {
  const device = screen.closest(".device");
  const chosen = document.getElementById("zoom") ? zoom() / 100 : 0;
  screen.classList.toggle("zoomed", chosen > 0);
  const { clientWidth: width, clientHeight: height } = screen;
  if (!width || !height) return;
  const wanted = Math.max(chosen ? width / chosen : width, Number(device.dataset.narrowest));
  const frame = Math.min(wanted, Number(device.dataset.widest ?? Infinity));
  const scale = chosen || width / frame;
  screen.style.setProperty("--frame-width", `${frame}px`);
  screen.style.setProperty("--frame-height", `${height / scale}px`);
  screen.style.setProperty("--scale", scale);
  const told = { width: Math.round(frame), percent: Math.round(scale * 100) };
  device.querySelector("[data-width]").textContent = say(told.percent === 100 ? "width" : "width_scaled", told);
}
