// Whether the picture at an address is large enough for the width at which it is shown: sharp screens want twice as much.
import { say } from "./words.js";

/** Load each logo that the form names, and say how large it is. */
export function checkLogos() {
  for (const field of document.querySelectorAll("[data-logo]")) check(field);
}

function check(field) {
  const key = field.name.replace("design.", "");
  const told = document.getElementById(`logo-${key}`);
  const address = field.value.trim();
  const width = Number(document.getElementById(`design.${key}_width`)?.value) || 0;
  const asked = `${address} ${width}`;
  if (told.dataset.asked === asked) return;
  told.dataset.asked = asked;
  told.className = "logo-told";
  told.textContent = "";
  if (!address.startsWith("https://")) return;
  const picture = new Image();
  picture.referrerPolicy = "no-referrer";
  const tell = (words, poor) => {
    if (told.dataset.asked !== asked) return; // another one was typed meanwhile
    told.textContent = words;
    told.classList.toggle("poor", poor);
  };
  picture.addEventListener("load", () => {
    const size = { width: picture.naturalWidth, height: picture.naturalHeight, shown: width, wanted: width * 2 };
    const small = size.width < size.wanted;
    tell(say(small ? "logo_small" : "logo_size", size), small);
  });
  picture.addEventListener("error", () => tell(say("logo_gone"), true));
  picture.src = address;
}
