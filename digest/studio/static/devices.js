// The two frames: as wide as the device is, scaled to fit, and replaced without a flicker.

import { say } from "./words.js";

const IMAGES_MS = 400;

/** Put the mail of a fresh page into the frames; `keep` keeps what is in view in view. */
export function showMail(page, keep) {
  const fresh = page.getElementById("workbench");
  const bench = document.getElementById("workbench");
  bench.hidden = fresh.hidden;
  bench.dataset.stale = fresh.dataset.stale;
  document.getElementById("main").dataset.issue = page.getElementById("main").dataset.issue;
  const old = [...bench.querySelectorAll("iframe[data-mail]:not([data-coming])")];
  [...fresh.querySelectorAll("iframe[data-mail]")].forEach((frame, place) => {
    if (old[place].getAttribute("srcdoc") !== frame.getAttribute("srcdoc")) replace(old[place], frame.getAttribute("srcdoc"), keep);
  });
}

/** Load the new mail behind the old one, and change places once it is laid out. */
function replace(old, mail, keep) {
  for (const late of old.parentElement.querySelectorAll("[data-coming]")) late.remove();
  const next = old.cloneNode();
  next.dataset.coming = "";
  next.setAttribute("srcdoc", mail);
  old.after(next);
  const patience = performance.now() + IMAGES_MS;
  const swap = () => {
    if (!next.isConnected) return; // a newer one came
    if (!isLaidOut(next, performance.now() > patience)) return requestAnimationFrame(swap);
    if (keep) next.contentWindow.scrollTo(old.contentWindow.scrollX, old.contentWindow.scrollY);
    delete next.dataset.coming;
    old.remove();
  };
  requestAnimationFrame(swap);
}

/** Images move what is below them; slow ones are not waited for. */
function isLaidOut(frame, late) {
  const inside = frame.contentDocument;
  return inside?.URL === "about:srcdoc" && (inside.readyState === "complete" || (late && inside.readyState !== "loading"));
}

/** Keep each frame as wide as its device at least, and as large as there is room. */
export function fitDevices() {
  const watcher = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) fit(target, contentRect.width, contentRect.height);
  });
  for (const screen of document.querySelectorAll(".device .screen")) watcher.observe(screen);
}

function fit(screen, width, height) {
  const device = screen.closest(".device");
  const wanted = Math.max(width, Number(device.dataset.narrowest));
  const frame = Math.min(wanted, Number(device.dataset.widest ?? Infinity));
  const scale = width / frame;
  screen.style.setProperty("--frame-width", `${frame}px`);
  screen.style.setProperty("--frame-height", `${height / scale}px`);
  screen.style.setProperty("--scale", scale);
  const told = { width: Math.round(frame), percent: Math.round(scale * 100) };
  device.querySelector("[data-width]").textContent = say(told.percent === 100 ? "width" : "width_scaled", told);
}
