// The admin around the embedded app: gives it session tokens, shows its messages, keeps the address bar up to date.
"use strict";

const frame = document.querySelector("iframe[data-app]");
const toast = document.querySelector("[data-toast]");
const TOAST_MS = 5000;
let hiding;

async function freshToken() {
  const answer = await fetch(frame.dataset.tokens, { method: "POST" });
  if (!answer.ok) throw new Error(`no session token: ${answer.status}`);
  return answer.text();
}

function say(words) {
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (toast.hidden = true), TOAST_MS);
}

addEventListener("message", async ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== frame.dataset.app) return;
  if (data.kind === "token") source.postMessage({ kind: "token", id: data.id, token: await freshToken() }, origin);
  if (data.kind === "toast") say(String(data.words));
  if (data.kind === "at") history.replaceState(null, "", frame.dataset.home + String(data.path).replace(/\/$/, ""));
});
