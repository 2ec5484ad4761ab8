// The app, as an extension's test sees it: what it was asked, and what it shall answer.

import { vi } from "vitest";

import type { Job, Offer, Product } from "./types";

type Answer = { status?: number; content: unknown } | Error;

export class Backend {
  asked: { method: string; path: string; body: any; key: string | null; token: string | null }[] = [];
  private answers = new Map<string, Answer[]>();

  /** The next answer to "GET /offer"; the last one stays. */
  answer(call: string, content: unknown, status = 200): this {
    return this.queue(call, { status, content });
  }

  silent(call: string): this {
    return this.queue(call, new TypeError("Failed to fetch"));
  }

  fetch = vi.fn(async (url: any, options: any = {}) => {
    const headers = new Headers(options.headers);
    const [method, path] = [options.method ?? "GET", String(url).replace("/api/v1", "")];
    const body = options.body ? JSON.parse(options.body) : undefined;
    this.asked.push({ method, path, body, key: headers.get("Idempotency-Key"), token: headers.get("Authorization") });
    const queue = this.answers.get(`${method} ${path}`);
    if (!queue) throw new Error(`nobody expected ${method} ${path}`);
    const answer = queue.length > 1 ? queue.shift()! : queue[0]!;
    if (answer instanceof Error) throw answer;
    return new Response(JSON.stringify(answer.content), { status: answer.status ?? 200 });
  });

  calls(method: string): string[] {
    return this.asked.filter((each) => each.method === method).map((each) => each.path);
  }

  private queue(call: string, answer: Answer): this {
    this.answers.set(call, [...(this.answers.get(call) ?? []), answer]);
    return this;
  }
}

export const offer: Offer = {
  picture_price_usd: 0.06,
  count: 2,
  max_count: 10,
  review: false,
  scenes: [{ id: "home/desk", title: "A desk" }],
};

export const product: Product = {
  id: "gid://shopify/Product/7",
  title: "Brass lamp",
  published: 0,
  waiting: 0,
  made_before: 0,
  can_generate: true,
  why_not: null,
};

export function job(state: string, fields: Partial<Job> = {}): Job {
  const ended = ["published", "awaiting_review", "declined", "failed", "nothing_published"];
  return {
    id: "api-1",
    product_id: product.id,
    state,
    reason: "",
    is_done: ended.includes(state),
    is_well: state === "published" || state === "awaiting_review",
    cost_usd: 0,
    pictures: [],
    ...fields,
  };
}
