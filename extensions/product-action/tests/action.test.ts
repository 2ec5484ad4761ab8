/// <reference types="@shopify/ui-extensions/admin.product-details.action.render" />
import { fireEvent, waitFor } from "@testing-library/preact";
import { getExtension } from "@shopify/ui-extensions-tester";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Backend, job, offer, product } from "../../shared/backend.testing";
import { pace } from "../../shared/follow";

const extension = getExtension("admin.product-details.action.render");
let backend: Backend;

beforeEach(() => {
  pace.everyMs = 5;
  extension.setUp();
  backend = new Backend();
  extension.fetch = backend.fetch;
  extension.shopify.data.selected = [{ id: product.id }];
  extension.shopify.auth.idToken = vi.fn().mockResolvedValue("a-token");
  extension.shopify.close = vi.fn();
  extension.shopify.i18n.formatCurrency = (value) => `$${Number(value).toFixed(2)}`;
  extension.shopify.i18n.translate = ((key: string, values?: object) =>
    values ? `${key} ${JSON.stringify(values)}` : key) as typeof extension.shopify.i18n.translate;
});

afterEach(() => extension.tearDown());

const one = (selector: string) => document.body.querySelector(selector) as HTMLElement & Record<string, any>;
const text = () => document.body.textContent ?? "";
const heading = () => one("s-banner")?.getAttribute("heading");
const primary = () => one('s-button[slot="primary-action"]');

async function opened(found: object = { product, offer, job: null }) {
  backend.answer("GET /products/7", found);
  await extension.render();
  await waitFor(() => expect(backend.asked.length).toBeGreaterThan(0));
}

function type(selector: string, value: string, event: "input" | "change" = "input") {
  const field = one(selector);
  field.value = value;
  fireEvent[event](field);
}

describe("before", () => {
  test("the price is on the button, and nothing is asked for by looking", async () => {
    await opened();

    await waitFor(() => expect(primary().textContent).toContain("$0.12"));
    expect(backend.calls("POST")).toEqual([]);
  });

  test("the price follows the number of photos", async () => {
    await opened();
    await waitFor(() => one("s-number-field"));
    type("s-number-field", "5");

    await waitFor(() => expect(primary().textContent).toContain("$0.30"));
  });

  test.each(["0", "11", "1.5", ""])("a number of %j cannot be asked for", async (count) => {
    await opened();
    await waitFor(() => one("s-number-field"));
    type("s-number-field", count);

    await waitFor(() => expect(text()).toContain("price.count"));
    expect(primary().hasAttribute("disabled") || primary().disabled).toBe(true);
  });

  test("a product that cannot have photos says why, and offers no button", async () => {
    const why_not = { code: "no_photos", reason: "The product has no photo yet." };
    await opened({ product: { ...product, can_generate: false, why_not }, offer, job: null });

    await waitFor(() => expect(text()).toContain("no photo yet"));
    expect(primary()).toBeNull();
  });

  test("photos that were made before are not offered again; a note makes them others", async () => {
    await opened({ product: { ...product, made_before: 2 }, offer, job: null });
    await waitFor(() => expect(text()).toContain("price.madeBefore"));
    expect(primary().hasAttribute("disabled") || primary().disabled).toBe(true);
    type("s-text-area", "at dusk");

    await waitFor(() => expect(primary().textContent).toContain("$0.12"));
    type("s-text-area", "");
    type("s-number-field", "3");
    await waitFor(() => expect(primary().textContent).toContain("$0.06"));
  });

  test("photos that wait for review are one click away", async () => {
    await opened({ product: { ...product, waiting: 2 }, offer, job: null });

    await waitFor(() => expect(one("s-link").getAttribute("href")).toBe("app:review"));
  });

  test("an app that cannot be reached is said, and tried again", async () => {
    backend.silent("GET /products/7").answer("GET /products/7", { product, offer, job: null });
    await extension.render();
    await waitFor(() => expect(text()).toContain("problem.network"));
    fireEvent.click(one("s-banner s-button"));

    await waitFor(() => expect(primary().textContent).toContain("$0.12"));
  });

  test("a job that runs already is shown instead of a second one", async () => {
    backend.answer("GET /jobs/job%3A1", { job: job("generating", { id: "job:1" }) });
    await opened({ product, offer, job: job("generating", { id: "job:1" }) });

    await waitFor(() => expect(text()).toContain("state.generating"));
    expect(primary()).toBeNull();
  });
});

describe("asking", () => {
  async function ready() {
    await opened();
    await waitFor(() => expect(primary()).not.toBeNull());
  }

  test("the wish goes with a token and a key, and the job is followed to its end", async () => {
    const picture = { id: "p", state: "published", reason: "", alt: "A lamp", scene_title: "A desk", url: "https://x/1" };
    backend
      .answer("POST /products/7/jobs", { job: job("queued") }, 202)
      .answer("GET /jobs/api-1", { job: job("generating") })
      .answer("GET /jobs/api-1", { job: job("published", { reason: "Done.", cost_usd: 0.12, pictures: [picture] }) });
    await ready();
    type("s-text-area", "by a window");
    type("s-select", "home/desk", "change");
    fireEvent.click(primary());

    await waitFor(() => expect(heading()).toBe("state.published"));
    const [wish] = backend.asked.filter((each) => each.method === "POST");
    expect(wish).toMatchObject({ body: { note: "by a window", scene: "home/desk" }, token: "Bearer a-token" });
    expect(wish!.key).toMatch(/^[!-~]{8,128}$/);
    expect(one("s-thumbnail").getAttribute("alt")).toBe("A lamp");
    expect(text()).toContain("$0.12");
    expect(primary().getAttribute("href")).toBe("app:products/7");
  });

  test("photos that wait for review lead to the review", async () => {
    backend.answer("POST /products/7/jobs", { job: job("awaiting_review") }, 202);
    await ready();
    fireEvent.click(primary());

    await waitFor(() => expect(primary().getAttribute("href")).toBe("app:review"));
  });

  test("a lost answer is asked for again under the same key: nothing is bought twice", async () => {
    backend.silent("POST /products/7/jobs").answer("POST /products/7/jobs", { job: job("published") }, 202);
    await ready();
    fireEvent.click(primary());
    await waitFor(() => expect(text()).toContain("problem.network"));
    fireEvent.click(one("s-banner s-button"));

    await waitFor(() => expect(heading()).toBe("state.published"));
    const keys = backend.asked.filter((each) => each.method === "POST").map((each) => each.key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test("another note is another wish, under another key", async () => {
    backend.silent("POST /products/7/jobs").answer("POST /products/7/jobs", { job: job("published") }, 202);
    await ready();
    fireEvent.click(primary());
    await waitFor(() => expect(text()).toContain("problem.network"));
    type("s-text-area", "no plants");
    fireEvent.click(primary());

    await waitFor(() => expect(heading()).toBe("state.published"));
    expect(new Set(backend.asked.filter((each) => each.method === "POST").map((each) => each.key)).size).toBe(2);
  });

  test("a field that the app refuses says so beside it", async () => {
    const refusal = { error: "note: too long", code: "invalid", fields: { note: "too long" } };
    backend.answer("POST /products/7/jobs", refusal, 422);
    await ready();
    fireEvent.click(primary());

    await waitFor(() => expect(one("s-text-area").getAttribute("error") ?? one("s-text-area").error).toBe("too long"));
    expect(one("s-banner s-button")).toBeNull();
  });

  test("a wish that leads to no photos says why", async () => {
    backend.answer("POST /products/7/jobs", { job: job("declined", { reason: "The budget is used up." }) }, 202);
    await ready();
    fireEvent.click(primary());

    await waitFor(() => expect(text()).toContain("The budget is used up."));
    expect(primary()).toBeNull();
  });

  test("a network that goes away while the job runs is waited for", async () => {
    backend
      .answer("POST /products/7/jobs", { job: job("queued") }, 202)
      .silent("GET /jobs/api-1")
      .answer("GET /jobs/api-1", { error: "later", code: "later" }, 503)
      .answer("GET /jobs/api-1", { job: job("published") });
    await ready();
    fireEvent.click(primary());

    await waitFor(() => expect(heading()).toBe("state.published"));
  });
});

test("a token that has just ended is replaced, once", async () => {
  backend.answer("GET /products/7", {}, 401);
  await opened();

  await waitFor(() => expect(primary()).not.toBeNull());
  expect(extension.shopify.auth.idToken).toHaveBeenCalledTimes(2);
});

test("the window closes when the merchant says so", async () => {
  await opened();
  fireEvent.click(one('s-button[slot="secondary-actions"]'));

  expect(extension.shopify.close).toHaveBeenCalledOnce();
});
