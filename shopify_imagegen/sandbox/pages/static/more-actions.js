// "More actions": what an app's extensions do in Shopify's admin. Asks the app over /api/v1, with session tokens.
"use strict";

(() => {
  const dialog = document.querySelector("dialog[data-app]");
  if (!dialog) return;

  const EVERY_MS = 1000;
  const PATIENCE_MS = 20000;
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const money = (usd) => usd.toLocaleString("en-US", { style: "currency", currency: "USD" });
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const WORDS = {
    queued: "Waiting for a worker…",
    planned: "Planned…",
    generating: "Making the photos…",
    publishing: "Adding them to the product…",
    paused: "Paused until something is mended",
    awaiting_review: "Ready for review",
    published: "On the product",
    partly_published: "Some are on the product",
    nothing_published: "No photo was added",
    declined: "No photos this time",
    failed: "Stopped",
    cancelled: "Cancelled",
  };
  const MADE_BEFORE = "These photos were made before. Write a note or choose a scene to get others.";
  let asked = null; // { ids, offer, key } while the dialog is open

  class Problem extends Error {}

  async function call(path, body, key) {
    const token = await (await fetch(dialog.dataset.tokens, { method: "POST" })).text();
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    const options = { method: body ? "POST" : "GET", headers, signal: AbortSignal.timeout(PATIENCE_MS) };
    const answer = await fetch(`${dialog.dataset.app}/api/v1${path}`, { ...options, body: body && JSON.stringify(body) });
    const content = await answer.json();
    if (!answer.ok) throw new Problem(content.error);
    return content;
  }

  // What is wanted

  async function open(ids) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
    asked = { ids, offer: null, key: crypto.randomUUID() };
    for (const name of ["fields", "jobs", "problem", "why", "go", "review"]) part(name).hidden = true;
    part("about").textContent = "Asking the app…";
    dialog.querySelector("form").reset();
    dialog.showModal();
    await guarded(look);
  }

  async function look() {
    const mine = asked;
    const found = mine.ids.length === 1 ? await call(`/products/${mine.ids[0]}`) : await call("/offer");
    if (mine !== asked) return;
    mine.offer = found.offer;
    mine.title = found.product?.title;
    mine.madeBefore = found.product?.made_before ?? 0;
    part("about").textContent = about(found);
    if (found.job) return follow([found.job]);
    const why = found.product?.why_not;
    part("why").hidden = !why;
    part("why").textContent = why?.reason ?? "";
    if (!why) ask(found.offer);
  }

  function about({ product }) {
    if (!product) return `${plural(asked.ids.length, "product")} selected.`;
    const has = product.published ? plural(product.published, "lifestyle photo") : "no lifestyle photos yet";
    const waiting = product.waiting ? `, ${product.waiting} waiting for review` : "";
    return `${product.title}: ${has}${waiting}.`;
  }

  function ask(offer) {
    part("count").value = offer.count;
    part("count").max = offer.max_count;
    const choices = offer.scenes.map(({ id, title }) => new Option(title, id));
    part("scene").replaceChildren(new Option("Choose for me", ""), ...choices);
    part("fields").hidden = part("go").hidden = false;
    part("waits").hidden = !offer.review;
    price();
    part("count").focus();
  }

  function wish() {
    const note = part("note").value.trim();
    const scene = part("scene").value;
    return { count: part("count").valueAsNumber, ...(note && { note }), ...(scene && { scene }) };
  }

  function newOnes() {
    const { count, note, scene } = wish();
    return Math.max(0, count - (note || scene ? 0 : asked.madeBefore));
  }

  function price() {
    const { count } = wish();
    const isOne = part("count").checkValidity() && count >= 1;
    const photos = isOne ? newOnes() * asked.ids.length : 0;
    const cost = money(photos * asked.offer.picture_price_usd);
    part("price").textContent = photos ? `${plural(photos, "photo")}, ${cost} at most.` : isOne ? MADE_BEFORE : "";
    part("go").textContent = photos ? `Generate for ${cost}` : "Generate";
    part("go").disabled = !photos;
  }

  async function generate() {
    part("go").disabled = true;
    part("problem").hidden = true;
    const { ids, key } = asked;
    await guarded(async () => {
      const made =
        ids.length === 1
          ? [(await call(`/products/${ids[0]}/jobs`, wish(), key)).job]
          : (await call("/products/jobs", { ids, ...wish() }, key)).jobs;
      part("fields").hidden = part("go").hidden = true;
      await follow(made);
    });
    part("go").disabled = false;
  }

  // What comes of it

  async function follow(jobs) {
    const mine = asked;
    const known = new Map(jobs.map((job) => [job.id, job]));
    part("jobs").hidden = false;
    part("about").textContent = mine.title ?? part("about").textContent;
    show([...known.values()]);
    const waiting = jobs.filter((job) => !job.is_done);
    while (waiting.length && mine === asked) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS / Math.min(waiting.length, 4)));
      const { id } = waiting.shift();
      const { job } = await call(`/jobs/${encodeURIComponent(id)}`);
      if (mine !== asked) return;
      known.set(id, job);
      if (!job.is_done) waiting.push(job);
      show([...known.values()]);
    }
  }

  function show(jobs) {
    const done = jobs.filter((job) => job.is_done);
    const without = done.filter((job) => !job.is_well || !job.pictures.length);
    const one = jobs.length === 1 && jobs[0];
    part("state").textContent = one ? WORDS[one.state] ?? one.state : `${done.length} of ${plural(jobs.length, "product")} done`;
    part("busy").hidden = done.length === jobs.length;
    part("reason").textContent = one ? one.reason : [...new Set(without.map((job) => job.reason))].join(" ");
    part("pictures").replaceChildren(...jobs.flatMap((job) => job.pictures).filter(({ url }) => url).slice(0, 12).map(thumb));
    const spent = jobs.reduce((sum, job) => sum + job.cost_usd, 0);
    part("cost").textContent = spent ? `${done.length === jobs.length ? "Cost" : "Cost so far"}: ${money(spent)}` : "";
    part("review").hidden = done.length !== jobs.length || done.every((job) => !job.is_well);
    const forReview = jobs.some((job) => job.state === "awaiting_review");
    part("review").textContent = forReview ? "Review photos" : "Open the app";
    part("review").href = forReview ? dialog.dataset.reviewPage : dialog.dataset.appPage;
  }

  function thumb({ url, alt }) {
    const picture = new Image(88, 110);
    return Object.assign(picture, { src: `${url}${url.includes("?") ? "&" : "?"}width=176`, alt, className: "thumb" });
  }

  async function guarded(act) {
    try {
      await act();
    } catch (error) {
      part("problem").hidden = false;
      part("busy").hidden = true;
      part("problem").textContent = error instanceof Problem ? error.message : "The app does not answer.";
    }
  }

  // Who presses what

  const bar = document.querySelector("[data-picked]");
  const chosen = () => [...document.querySelectorAll("input[data-pick]:checked")].map((box) => box.value);

  function count() {
    const number = chosen().length;
    bar.hidden = number === 0;
    bar.querySelector("[data-number]").textContent = `${number} selected`;
    const all = document.querySelector("input[data-pick-all]");
    const boxes = document.querySelectorAll("input[data-pick]").length;
    all.checked = number === boxes;
    all.indeterminate = number > 0 && number < boxes;
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-ask]");
    if (button) open(button.dataset.ask ? [button.dataset.ask] : chosen());
    else if (!target.closest("details.menu")) document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches("input[data-pick-all]")) {
      document.querySelectorAll("input[data-pick]").forEach((box) => (box.checked = target.checked));
    }
    if (target.matches("input[data-pick], input[data-pick-all]")) count();
  });
  part("fields").addEventListener("input", () => {
    asked.key = crypto.randomUUID(); // another wish
    price();
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    generate();
  });
  dialog.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
  dialog.addEventListener("close", () => (asked = null));
  if (bar) count();
})();
