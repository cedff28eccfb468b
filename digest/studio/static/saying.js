// Posts of an issue are dragged to another place or section; the buttons and fields beside them do the same.
const posts = document.getElementById("shown-reasons");
let dragged = null;
let letGo = null; // what waits for the hand that drags

/** Resolve once nothing is dragged: what a hand moves over must not move by itself. */
export function handsFree() {
  return letGo?.promise ?? Promise.resolve();
}

const section = (post) => post.closest("[data-section]");
const place = (post) => [...section(post).querySelectorAll(".pick")].indexOf(post) + 1;

// Only what is held at its handle moves: words can still be marked, and typed into.
posts.addEventListener("pointerdown", (event) => {
  end(); // of a drag whose end no browser told
  for (const post of posts.querySelectorAll(".pick[draggable]")) post.removeAttribute("draggable");
  const grip = event.target.closest(".grip");
  if (grip) grip.closest(".pick").draggable = true;
});

posts.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".pick[draggable]");
  if (!dragged) return;
  letGo = Promise.withResolvers();
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector("h3").textContent.trim());
  dragged.classList.add("dragged");
});

posts.addEventListener("dragover", (event) => {
  const over = dragged && aim(event);
  if (!over) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  unmark();
  over.post.classList.add(over.behind ? "drop-behind" : "drop-before");
});

posts.addEventListener("drop", (event) => {
  const over = dragged && aim(event);
  if (!over) return;
  event.preventDefault();
  drop(over.post, over.behind);
});

posts.addEventListener("dragend", end);

function end() {
  unmark();
  dragged?.classList.remove("dragged");
  dragged?.removeAttribute("draggable");
  dragged = null;
  letGo?.resolve();
  letGo = null;
}

/** Return the post below the pointer, and whether it points at its lower half. */
function aim(event) {
  const post = event.target.closest?.("[data-section] .pick");
  if (!post) return null;
  const { top, height } = post.getBoundingClientRect();
  return { post, behind: event.clientY > top + height / 2 };
}

function drop(post, behind) {
  const form = document.getElementById("say-drop");
  const elsewhere = section(post) !== section(dragged);
  // Behind what comes after it in the same section, it is one place further up than it seems: it leaves its own.
  const left = !elsewhere && place(dragged) < place(post) ? 1 : 0;
  const to = place(post) + (behind ? 1 : 0) - left;
  if (!form || post === dragged || (!elsewhere && to === place(dragged))) return;
  const said = { step: elsewhere ? "move" : "order", post: dragged.dataset.post, section: section(post).dataset.section, place: to };
  for (const [name, value] of Object.entries(said)) form.elements[name].value = value;
  form.requestSubmit();
}

function unmark() {
  for (const each of posts.querySelectorAll(".drop-before, .drop-behind")) each.classList.remove("drop-before", "drop-behind");
}
