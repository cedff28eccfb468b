import mdx from "@astrojs/mdx";
import { defineConfig } from "astro/config";

// What stands here is never run.
export default defineConfig({
  site: "https://astro.example.com",
  base: "/sub",
  integrations: [mdx()],
});
