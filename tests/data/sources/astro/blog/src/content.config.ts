import { defineCollection, z } from "astro:content";
import { glob } from "astro/loaders";

const blog = defineCollection({
  loader: glob({ base: "./src/content/blog", pattern: "**/[^_]*.{md,mdx}" }),
  schema: z
    .object({ title: z.coerce.string().optional(), pubDate: z.coerce.date(), updatedDate: z.coerce.date().optional() })
    .passthrough(),
});

export const collections = { blog };
