// The settings of the example; the digest reads the texts in them and runs nothing.
export default function (eleventyConfig) {
  eleventyConfig.addFilter("readable", (date) => /["'`{]/.test(String(date)) ? "" : date.toISOString().slice(0, 10));
}

export const config = {
  dir: { input: "src", includes: "_parts" },
  pathPrefix: "/site/",
};
