export default {
  permalink: "/js/{{ page.fileSlug }}/", // a plain text
  tags: ["scripted"],
};
