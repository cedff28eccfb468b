// How far a sending is: asked each second while it goes on, told to those who listen at every tenth.
import { say } from "./words.js";

const EVERY = 1000;
const numbers = new Intl.NumberFormat(document.documentElement.lang);
let told = -1;

async function look() {
  const place = document.querySelector("[data-progress]");
  if (!place) return (told = -1);
  let far;
  try {
    const answer = await fetch(place.dataset.progress);
    if (!answer.ok) return;
    far = await answer.json();
  } catch {
    return; // the page's lamp says that nobody answers
  }
  if (place.isConnected) show(place, far);
}

function show(place, far) {
  let total = 0;
  for (const [state, count] of Object.entries(far.counts)) {
    total += count;
    const shown = place.querySelector(`[data-count="${state}"]`);
    if (!shown) continue;
    shown.textContent = numbers.format(count);
    shown.parentElement.hidden = count === 0;
  }
  const done = total - far.counts.pending - far.counts.sending;
  const bar = place.querySelector("progress");
  if (!bar || !total) return;
  bar.max = total;
  bar.value = done;
  const words = say("sent_far", { done: numbers.format(done), total: numbers.format(total) });
  place.querySelector("[data-far]").textContent = words;
  const tenth = Math.floor((10 * done) / total);
  if (tenth !== told) document.getElementById("status").textContent = words;
  told = tenth;
}

setInterval(() => document.hidden || look(), EVERY);
look();
