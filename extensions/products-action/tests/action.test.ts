/// <reference types="@shopify/ui-extensions/admin.product-index.selection-action.render" />
import { fireEvent, waitFor } from "@testing-library/preact";
import { getExtension } from "@shopify/ui-extensions-tester";
import { afterEach, beforeEach, expect, test } from "vitest";

import { Backend, job, offer } from "../../shared/backend.testing";
import { pace } from "../../shared/follow";

const extension = getExtension("admin.product-index.selection-action.render");
const gid = (number: number) => `gid://shopify/Product/${number}`;
const picture = { id: "p", state: "published", reason: "", alt: "A lamp", scene_title: "A desk", url: null };
let backend: Backend;

beforeEach(() => {
  pace.everyMs = 5;
  extension.setUp();
  backend = new Backend();
  extension.fetch = backend.fetch;
  extension.shopify.i18n.formatCurrency = (value) => `$${Number(value).toFixed(2)}`;
  extension.shopify.i18n.translate = ((key: string, values?: object) =>
    values ? `${key} ${JSON.stringify(values)}` : key) as typeof extension.shopify.i18n.translate;
});

afterEach(() => extension.tearDown());

const one = (selector: string) => document.body.querySelector(selector) as HTMLElement & Record<string, any>;
const text = () => document.body.textContent ?? "";
const primary = () => one('s-button[slot="primary-action"]');

async function opened(products: number, shown = offer) {
  extension.shopify.data.selected = Array.from({ length: products }, (_, at) => ({ id: gid(at + 1) }));
  backend.answer("GET /offer", { offer: shown });
  await extension.render();
  await waitFor(() => expect(primary()).not.toBeNull());
}

test("the price is for the whole selection", async () => {
  await opened(12);

  expect(primary().textContent).toContain("$1.44");
});

test("every product is asked for once, and followed until the last is done", async () => {
  const jobs = [1, 2, 3].map((number) => job("queued", { id: `api-${number}`, product_id: gid(number) }));
  backend.answer("POST /products/jobs", { jobs }, 202);
  for (const [at, state] of ["published", "declined", "published"].entries()) {
    backend.answer(`GET /jobs/api-${at + 1}`, {
      job: { ...job(state), id: `api-${at + 1}`, reason: "No photo yet.", pictures: state === "published" ? [picture] : [] },
    });
  }
  await opened(3);
  fireEvent.click(primary());

  await waitFor(() => expect(text()).toContain('tally.done {"done":3,"count":3}'));
  expect(backend.asked.filter((each) => each.method === "POST").map((each) => each.body)).toEqual([
    { ids: [gid(1), gid(2), gid(3)] },
  ]);
  expect(text()).toContain("No photo yet.");
  expect(one("s-banner").getAttribute("heading")).toBe('tally.without {"count":1}');
});

test("a large selection goes in several calls", async () => {
  backend.answer("POST /products/jobs", { jobs: [job("published")] }, 202);
  await opened(251);
  fireEvent.click(primary());

  await waitFor(() => expect(text()).toContain("tally.done"));
  const sizes = backend.asked.filter((each) => each.method === "POST").map((each) => each.body.ids.length);
  expect(sizes).toEqual([250, 1]);
});

test("where photos wait for a decision, the review is the next step", async () => {
  backend.answer("POST /products/jobs", { jobs: [job("awaiting_review")] }, 202);
  await opened(1, { ...offer, review: true });
  fireEvent.click(primary());

  await waitFor(() => expect(primary().getAttribute("href")).toBe("app:review"));
});

test("a refusal is said, and asks for nothing", async () => {
  backend.answer("POST /products/jobs", { error: "some ids are not products'", code: "invalid", fields: {} }, 422);
  await opened(2);
  fireEvent.click(primary());

  await waitFor(() => expect(text()).toContain("some ids are not products'"));
  expect(text()).not.toContain("tally");
});
