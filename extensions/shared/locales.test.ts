/// <reference types="node" />
// Both languages say the same things, and everything that is said has words.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const STATES = `queued declined planned generating publishing paused awaiting_review published partly_published
  nothing_published failed cancelled`.split(/\s+/);

function locale(extension: string, name: string): Record<string, string> {
  return flat(JSON.parse(readFileSync(join(ROOT, extension, "locales", name), "utf8")));
}

function flat(words: object, before = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(words).map(([key, value]) =>
      typeof value === "string" ? { [before + key]: value } : flat(value, `${before}${key}.`),
    ),
  );
}

function used(extension: string): string[] {
  const own = join(ROOT, extension, "src", "ActionExtension.tsx");
  const files = existsSync(own) ? [own, ...shared(extension)] : []; // a link has no code
  const source = files.map((file) => readFileSync(file, "utf8")).join("\n");
  return [...source.matchAll(/\bt\(\s*"([a-zA-Z.]+)"/g)].map((match) => match[1]!);
}

function shared(extension: string): string[] {
  const names = readdirSync(join(ROOT, "shared")).filter((name) => /^[A-Za-z]+\.tsx?$/.test(name));
  const those = names.filter((name) => extension === "product-action" || name !== "JobView.tsx");
  return those.map((name) => join(ROOT, "shared", name));
}

describe.each(["product-action", "products-action", "product-link"])("%s", (extension) => {
  const english = locale(extension, "en.default.json");

  test("English and German have the same keys and the same places for values", () => {
    const german = locale(extension, "de.json");
    const places = (words: Record<string, string>) =>
      Object.fromEntries(Object.entries(words).map(([key, value]) => [key, value.match(/{{\w+}}/g)?.sort() ?? []]));

    expect(places(german)).toEqual(places(english));
  });

  test("every key that the code uses has words", () => {
    const known = new Set(Object.keys(english).map((key) => key.replace(/\.(one|other)$/, "")));

    expect(used(extension).filter((key) => !known.has(key))).toEqual([]);
  });
});

test("every state of a job has words", () => {
  const english = locale("product-action", "en.default.json");

  expect(STATES.filter((state) => !english[`state.${state}`])).toEqual([]);
});
