// @ts-check
const year = new Date().getFullYear(); // whatever stands here is never run

/** @type {import('@docusaurus/types').Config} */
const config = {
  title: "It's the example",
  url: "https://docusaurus.example.com",
  baseUrl: "/base/",
  onBrokenLinks: "ignore",
  i18n: { defaultLocale: "en", locales: ["en"] },
  themeConfig: {
    navbar: { items: [{ to: "/blog", label: "url: 'https://never.example.com'" }] },
    footer: { copyright: `© ${year} The example` },
  },
  presets: [
    [
      "classic",
      {
        docs: false,
        blog: {
          routeBasePath: "/news",
          onInlineTags: "ignore",
          onInlineAuthors: "ignore",
          onUntruncatedBlogPosts: "ignore",
        },
      },
    ],
  ],
};

export default config;
