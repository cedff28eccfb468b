// A part of the page becomes as a fresh one is, without losing what a person is doing in it: typed text and its caret,
// the focus, what is unfolded, and an input method that is just composing. So elements stay, and are changed in place.

/** Make `old` like `fresh`. Elements are the same by their id, else by their place and kind. */
export function merge(old, fresh) {
  if (old.isEqualNode(fresh)) return settle(old, fresh);
  if (old.matches("textarea")) return mergeText(old, fresh);
  if (old.matches("select")) return mergeChoice(old, fresh);
  const kept = old.matches("input") && isTyped(old);
  mergeAttributes(old, fresh);
  if (old.matches("input")) {
    if (!kept) asServed(old, fresh);
    return;
  }
  mergeChildren(old, fresh);
}

/** Tell whether a person typed into a field what the server does not know yet. */
function isTyped(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type !== "hidden" && field.value !== field.defaultValue;
}

function asServed(field, fresh) {
  if (field.checked !== fresh.defaultChecked) field.checked = fresh.defaultChecked;
  if (field.value !== fresh.defaultValue) field.value = fresh.defaultValue;
}

/** Choices that lead elsewhere show where one is, whatever was chosen before: also when nothing else is new. */
function settle(old, fresh) {
  const choices = old.matches("select") ? [old] : old.querySelectorAll("select[data-go]");
  for (const each of choices) if (each.matches("[data-go]")) each.selectedIndex = served(each);
}

function mergeText(old, fresh) {
  const kept = isTyped(old);
  mergeAttributes(old, fresh);
  if (old.defaultValue !== fresh.defaultValue) {
    const [value, start, end] = [old.value, old.selectionStart, old.selectionEnd];
    old.defaultValue = fresh.defaultValue;
    if (kept && old.value !== value) {
      old.value = value;
      old.setSelectionRange(start, end);
    }
  }
  if (!kept && old.value !== fresh.defaultValue) old.value = fresh.defaultValue;
}

function served(choice) {
  return Math.max(0, [...choice.options].findIndex((each) => each.defaultSelected));
}

function mergeChoice(old, fresh) {
  const kept = !old.matches("[data-go]") && old.selectedIndex !== served(old) ? old.value : null;
  mergeAttributes(old, fresh);
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.cloneNode(true).childNodes);
  old.selectedIndex = served(old);
  if (kept !== null && [...old.options].some((each) => each.value === kept)) old.value = kept;
}

function mergeAttributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !isFolding(old, name)) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isFolding(old, name)) old.removeAttribute(name);
  }
}

function isFolding(element, name) {
  return name === "open" && element.matches("details");
}

function mergeChildren(old, fresh) {
  const named = new Map([...old.children].filter((each) => each.id).map((each) => [each.id, each]));
  const staying = new Set([...fresh.children].map((each) => each.id).filter(Boolean));
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const mine = next.id ? named.get(next.id) : alike(at, next, staying);
    if (!mine || mine.nodeName !== next.nodeName) {
      old.insertBefore(next.cloneNode(true), at);
      continue;
    }
    if (mine !== at) at = bring(old, mine, at);
    if (mine.nodeType === Node.ELEMENT_NODE) merge(mine, next);
    else if (mine.data !== next.data) mine.data = next.data;
    if (mine === at) at = mine.nextSibling;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** Return the first nameless node from `at` on that `next` can be made of; those that have names are passed over. */
function alike(at, next, staying) {
  for (let each = at; each; each = each.nextSibling) {
    if (each.id) {
      if (staying.has(each.id)) return null; // its turn comes: nothing behind it is taken
    } else if (each.nodeName === next.nodeName && kind(each) === kind(next)) return each;
    else if (next.nodeType === Node.TEXT_NODE) return null;
  }
  return null;
}

function kind(node) {
  return node.getAttribute?.("class");
}

/** Put `mine` before `at`, and return what comes next. What has the focus would lose it: then the others move. */
function bring(parent, mine, at) {
  if (!mine.contains(document.activeElement)) {
    parent.insertBefore(mine, at);
    return at;
  }
  while (at && at !== mine) {
    const passed = at;
    at = at.nextSibling;
    passed.remove(); // those with a name are put back when their turn comes
  }
  return at;
}
