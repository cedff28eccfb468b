// What the scripts say: words that the page carries, in its language.
const words = JSON.parse(document.getElementById("main").dataset.words);

/** Return a word with its values put in. */
export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
