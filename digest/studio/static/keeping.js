// What a person sees stays: how far each frame is scrolled outlives a reload of the page, and the zoom every visit.
const ZOOM = "digest-studio-zoom";
const SCROLLS = "digest-studio-scrolls";

const nameOf = (frame) => {
  const device = frame.closest(".device");
  return `${device.classList.contains("phone") ? "phone" : "desktop"} ${device.dataset.wear}`;
};
const where = () => document.getElementById("main").dataset.issue ?? location.pathname;

/** Return the chosen zoom in percent; 0 for as large as there is room. */
export function zoom() {
  const known = Number(read(localStorage, ZOOM));
  return known >= 25 && known <= 400 ? known : 0;
}

export function keepZoom(percent) {
  write(localStorage, ZOOM, String(percent));
}

/** Remember how far the frames are scrolled when the page goes, and bring that back. */
export function keepScrolls() {
  addEventListener("pagehide", () => {
    const scrolls = {};
    for (const frame of document.querySelectorAll("iframe[data-mail]:not([data-coming])")) {
      const screen = frame.closest(".screen");
      const inside = frame.contentWindow;
      scrolls[nameOf(frame)] = [inside.scrollX, inside.scrollY, screen.scrollLeft, screen.scrollTop];
    }
    write(sessionStorage, SCROLLS, JSON.stringify({ where: where(), scrolls }));
  });
  let kept = null;
  try {
    kept = JSON.parse(read(sessionStorage, SCROLLS));
  } catch {
    return; // not ours
  }
  if (kept?.where !== where()) return;
  for (const frame of document.querySelectorAll("iframe[data-mail]")) {
    const [x, y, left, top] = kept.scrolls[nameOf(frame)] ?? [0, 0, 0, 0];
    const back = () => {
      frame.contentWindow.scrollTo(x, y);
      frame.closest(".screen").scrollTo(left, top);
    };
    frame.addEventListener("load", back, { once: true });
    if (frame.contentDocument?.URL === "about:srcdoc" && frame.contentDocument.readyState === "complete") back();
  }
}

// A browser may keep nothing for anybody.
function read(store, key) {
  try {
    return store.getItem(key);
  } catch {
    return null;
  }
}

function write(store, key, value) {
  try {
    store.setItem(key, value);
  } catch {
    // it is kept for this page only
  }
}
