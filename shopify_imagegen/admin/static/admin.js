// The pages are plain links and forms; this makes them work without a reload, and keeps an open page up to date.
// Each request carries the session token that App Bridge (or a stand-in) gives out: there are no cookies.
"use strict";

(() => {
const PATIENCE_MS = 30000;
const KEEPS_FOR_MS = 600000; // the report of a large catalogue is written while it is read
const HURRY_MS = 1500; // between looks, for some seconds after something was asked for
const HURRIES_FOR_MS = 20000;
const UNTOLD = ["id_token", "said", "said_count", "said_name", "hmac", "session", "timestamp", "bounced"];
const $ = (query, within = document) => within.querySelector(query);
const all = (query, within = document) => [...within.querySelectorAll(query)];

let asking = 0; // which navigation is the newest: an older answer comes too late
let timer = 0;
let hurryUntil = 0;
const pristine = new WeakMap(); // form → what it held when it was shown

// ── asking the app ──────────────────────────────────────────────────────────

async function headers() {
  const given = new URLSearchParams(location.search).get("id_token");
  const token = (await globalThis.shopify?.idToken?.()) ?? given;
  const language = { "Accept-Language": document.documentElement.lang };
  return token ? { ...language, Authorization: `Bearer ${token}` } : language;
}

async function ask(url, options = {}) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(url, { ...options, headers: await headers(), signal });
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new Error(`answer ${answer.status}`);
  return { page: new DOMParser().parseFromString(await answer.text(), "text/html"), at: clean(answer.url), redirected: answer.redirected };
}

function clean(address) {
  const url = new URL(address, location.href);
  for (const name of UNTOLD) url.searchParams.delete(name);
  return url.pathname + url.search;
}

// ── going somewhere ─────────────────────────────────────────────────────────

async function go(url, { method = "GET", body, push = true, again = method === "POST" } = {}) {
  const mine = ++asking;
  clearTimeout(timer);
  hurryUntil = method === "POST" ? Date.now() + HURRIES_FOR_MS : 0;
  const bar = setTimeout(() => { $("#loading").hidden = false; }, 150);
  try {
    const { page, at, redirected } = await ask(url, { method, body });
    if (mine !== asking) return;
    const stays = again && at.split("?")[0] === location.pathname;
    const isPlace = method === "GET" || redirected; // what a form was sent to is no page to come back to
    if (push && isPlace && at !== location.pathname + location.search) history.pushState(null, "", at);
    show(page, stays);
  } catch {
    if (mine === asking) lost();
  } finally {
    clearTimeout(bar);
    if (mine === asking) $("#loading").hidden = true;
  }
}

function show(page, stays) {
  const left = stays ? whereabouts() : {};
  for (const id of ["places", "main"]) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id).replaceWith(document.adoptNode(fresh));
  }
  for (const old of all("dialog")) old.remove();
  for (const fresh of all("dialog", page)) document.body.append(document.adoptNode(fresh));
  document.title = page.title;
  $("#lost").hidden = true;
  resume(left);
  ready();
}

// ── where the keyboard goes on ──────────────────────────────────────────────

function whereabouts() {
  const at = document.activeElement;
  const form = all("form").indexOf(at?.form);
  const control = form < 0 ? -1 : [...at.form.elements].indexOf(at);
  return { item: all("[data-item]").indexOf(current()), form, control, type: at?.type, value: at?.value };
}

/* On the next item that can be decided on; on the control that was in use, with what was typed meanwhile; else at the
   top, where it is said what was done. */
function resume({ item = -1, form = -1, control = -1, type, value }) {
  const said = $("#main > .banner");
  const next = following(item);
  const same = all("form")[form]?.elements[control];
  $("#told").textContent = next && said ? said.textContent.trim() : "";
  if (next) return stand(next);
  if (said || !same || same.disabled || same.type !== type) {
    window.scrollTo(0, 0);
    return $("#main").focus({ preventScroll: true });
  }
  if (type === "text") same.value = value;
  same.focus({ preventScroll: true });
}

function following(item) {
  if (item < 0) return undefined;
  const items = all("[data-item]");
  const open = items.filter((each) => $("[data-press]:enabled", each));
  return open.find((each) => items.indexOf(each) >= item) ?? open.at(-1) ?? items.at(-1);
}

function stand(item) {
  item.setAttribute("tabindex", "-1");
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

function lost() {
  const banner = $("#lost");
  banner.textContent = document.body.dataset.lost;
  banner.hidden = false;
  for (const button of all("[aria-busy]")) button.removeAttribute("aria-busy");
  later();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.hasAttribute("data-zoom")) {
    event.preventDefault();
    return zoom(link);
  }
  const url = new URL(link.href);
  const isOurs = url.origin === location.origin && !link.target;
  if (!isOurs || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (link.hasAttribute("download")) return keep(link);
  leave(() => go(url));
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method === "dialog" || event.defaultPrevented) return;
  event.preventDefault();
  if (submitter?.getAttribute("aria-busy")) return;
  submitter?.setAttribute("aria-busy", "true");
  const url = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  const method = (submitter?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get").toUpperCase();
  const given = new FormData(form, submitter);
  const fields = new URLSearchParams([...given].map(plain));
  pristine.delete(form);
  if (method === "POST") return go(url, { method, body: form.enctype === "multipart/form-data" ? given : fields });
  const again = submitter?.getAttribute("formmethod") === "get"; // the same page, for what is filled in now
  for (const name of [...fields.keys()]) if (fields.get(name) === "") fields.delete(name);
  url.search = fields.toString();
  go(url, { again });
});

addEventListener("popstate", () => go(location.href, { push: false }));

/* A browser's own download would carry no token. */
async function keep(link) {
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { headers: await headers(), signal: AbortSignal.timeout(KEEPS_FOR_MS) });
    if (!answer.ok) throw new Error(`answer ${answer.status}`);
    const file = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href: file, download: link.download }).click();
    setTimeout(() => URL.revokeObjectURL(file), PATIENCE_MS);
    link.removeAttribute("aria-busy");
  } catch {
    lost();
  }
}

// ── changes that are not saved ──────────────────────────────────────────────

const plain = ([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value];
const held = (form) => new URLSearchParams([...new FormData(form)].map(plain)).toString();
const guarded = () => all("form[data-guard]");
const isChanged = (form) => form.hasAttribute("data-dirty") || (pristine.has(form) && pristine.get(form) !== held(form));

function mind() {
  for (const form of guarded()) $(".save", form).hidden = !isChanged(form);
}

function leave(then) {
  if (!guarded().some(isChanged) || confirm(document.body.dataset.leave)) then();
}

addEventListener("beforeunload", (event) => {
  if (guarded().some(isChanged)) event.preventDefault();
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-filters]")) filter(event.target);
  mind();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select] [type=checkbox]")) pick(event.target);
  if (event.target.matches("[data-reloads]")) $("[formmethod=get]", event.target.form)?.click();
  mind();
});
document.addEventListener("reset", (event) => setTimeout(() => {
  event.target.removeAttribute("data-dirty");
  mind();
}));

// ── selecting many ──────────────────────────────────────────────────────────

const language = () => document.documentElement.lang;
const dollars = (usd) => new Intl.NumberFormat(language(), { style: "currency", currency: "USD" }).format(usd);
const boxes = (form) => [...form.elements].filter((each) => each.type === "checkbox" && each.name);

function pick(box) {
  const form = box.form;
  if (box.matches("[data-select-all]")) for (const each of boxes(form)) each.checked = box.checked;
  counted(form);
}

function counted(form) {
  const count = boxes(form).filter((each) => each.checked).length;
  const whole = $("[data-select-all]", form);
  if (whole) {
    whole.checked = count > 0 && count === boxes(form).length;
    whole.indeterminate = count > 0 && !whole.checked;
  }
  const picked = $("[data-picked]", form);
  const usd = dollars(count * Number(form.dataset.eachUsd ?? 0));
  const words = count ? picked?.dataset.words.replace("{n}", count.toLocaleString(language())).replace("{usd}", usd) : "";
  if (picked && picked.textContent !== words) picked.textContent = words;
  for (const button of all("[data-needs-pick]", form)) button.disabled = !count;
}

function filter(box) {
  const wanted = box.value.trim().toLowerCase();
  for (const each of all(box.dataset.filters)) each.hidden = !each.textContent.toLowerCase().includes(wanted);
}

// ── looking closely ─────────────────────────────────────────────────────────

function zoom(link) {
  const dialog = $("#zoom");
  if (!dialog) return;
  const image = $("img", dialog);
  image.src = link.href;
  image.alt = $("img", link)?.alt ?? "";
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.nodeName === "DIALOG") event.target.close();
});

// ── the keyboard ────────────────────────────────────────────────────────────

const current = () => document.activeElement?.closest?.("[data-item]");

function step(by) {
  const items = all("[data-item]");
  if (!items.length) return;
  stand(items[Math.min(Math.max(items.indexOf(current()) + by, 0), items.length - 1)]);
}

function press(key) {
  const item = current() ?? $("[data-item]");
  const wanted = item && $(`[data-press="${CSS.escape(key)}"]`, item);
  if (!wanted) return false;
  wanted.click();
  if (wanted.matches("summary") && wanted.parentElement.open) $("textarea, input:not([type=hidden])", wanted.parentElement)?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing || $("dialog[open]")) return;
  if (event.target.matches("textarea, select, input:not([type=checkbox])")) {
    if (event.key === "Escape") current()?.focus();
    return;
  }
  const acts = { j: () => step(1), k: () => step(-1), "?": () => $("#keys")?.showModal() };
  if (acts[event.key]) acts[event.key]();
  else if (!press(event.key)) return;
  event.preventDefault();
});

// ── staying up to date ──────────────────────────────────────────────────────

function later() {
  clearTimeout(timer);
  const every = Number($("#main").dataset.refreshMs);
  if (every) timer = setTimeout(look, Date.now() < hurryUntil ? Math.min(every, HURRY_MS) : every);
}

async function look() {
  const mine = asking;
  if (document.hidden || $("dialog[open]")) return later();
  try {
    const { page } = await ask(location.href);
    if (mine === asking) refresh(page);
  } catch {
    if (mine === asking) lost();
  }
}

function refresh(page) {
  const main = page.getElementById("main");
  if (!main) return lost();
  $("#lost").hidden = true;
  const { item } = whereabouts();
  $("#main").dataset.refreshMs = main.dataset.refreshMs ?? "";
  for (const region of all("[data-live]")) {
    const fresh = page.getElementById(region.id);
    if (fresh) update(region, fresh);
    else if (!region.contains(document.activeElement)) region.remove();
  }
  const next = current() ? undefined : following(item); // the item with the keyboard may be gone
  if (next) stand(next);
  for (const form of all("[data-select]")) counted(form);
  localise(document);
  later();
}

/* Only what is different is changed: what somebody reads, types or selects stays where it is. */
function update(region, fresh) {
  localise(fresh);
  if (isSame(region, fresh)) return;
  const keyed = new Map(all(":scope > [data-key]", region).map((each) => [each.dataset.key, each]));
  if (!keyed.size) {
    if (!region.contains(document.activeElement)) region.replaceWith(document.adoptNode(fresh));
    return;
  }
  const wanted = all(":scope > [data-key]", fresh).map((each) => {
    const old = keyed.get(each.dataset.key);
    const keeps = old && (isSame(old, each) || isInUse(old));
    return keeps ? old : document.adoptNode(each);
  });
  for (const old of [...region.children]) if (!wanted.includes(old)) old.remove();
  wanted.forEach((each, at) => { // what stays is not touched: taken out and put back, it would lose the focus
    if (region.children[at] !== each) region.insertBefore(each, region.children[at] ?? null);
  });
}

const isInUse = (node) => node.contains(document.activeElement) || $("details[open], :checked", node);

/* Two forms that differ in their `once` alone are the same form. */
function isSame(one, other) {
  const plain = (node) => node.outerHTML.replace(/name="once" value="[^"]*"/g, "").replace(/ tabindex="-1"/g, "");
  return plain(one) === plain(other);
}

function localise(within) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const each of all("time[datetime]", within)) each.textContent = format.format(new Date(each.dateTime));
}

function ready() {
  $(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  localise(document);
  for (const form of all("[data-select]")) counted(form);
  for (const form of guarded()) pristine.set(form, held(form));
  mind();
  later();
}

if (globalThis.shopify?.idToken) history.replaceState(null, "", clean(location.href));
ready();
})();
