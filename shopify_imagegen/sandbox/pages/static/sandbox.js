// Keep the page up to date without a flicker: ask for it again, change only what is different.
"use strict";

const EVERY_MS = 1000;
const PATIENCE_MS = 5000;
const KEPT = new Set(["open", "value", "checked"]); // what the visitor did to an element stays

function update(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  updateAttributes(old, fresh);
  if (!old.isEqualNode(fresh)) updateChildren(old, fresh);
}

function updateAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  }
}

function updateChildren(old, fresh) {
  const keyed = new Map([...old.children].filter((each) => each.dataset.key).map((each) => [each.dataset.key, each]));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = wanted.dataset?.key;
    const found = key ? keyed.get(key) : place;
    if (!found || !isSame(found, wanted)) {
      wanted.classList?.add("arrived");
      old.insertBefore(wanted, place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else old.insertBefore(found, place);
    update(found, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function isSame(old, fresh) {
  return old.nodeName === fresh.nodeName && old.dataset?.key === fresh.dataset?.key;
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const region of document.querySelectorAll("[data-live]")) {
    const wanted = fresh.getElementById(region.id);
    if (wanted) update(region, wanted);
  }
}

function live() {
  const lost = document.querySelector("[data-lost]");
  let last = null;

  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE_MS) });
        if (answer.status === 404) location.reload(); // the product is gone: say so
        const html = await answer.text();
        if (answer.ok && html !== last) show((last = html));
        lost.hidden = answer.ok;
      } catch {
        lost.hidden = false;
      }
    }
    setTimeout(look, EVERY_MS);
  }

  setTimeout(look, EVERY_MS);
}

// What a form did is said once: not again after a reload.
const here = new URL(location.href);
if (here.searchParams.has("said")) {
  here.searchParams.delete("said");
  history.replaceState(null, "", here);
}

if (document.querySelector("main[data-live]")) live();
