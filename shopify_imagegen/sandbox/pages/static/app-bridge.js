// A stand-in for Shopify's App Bridge: the parts of `window.shopify` that an app needs, spoken to the sandbox's admin.
"use strict";

(() => {
  const script = document.currentScript;
  const admin = new URL(script.src).origin;
  const here = new URL(location.href);
  const FROM_ADMIN = ["id_token", "hmac", "host", "embedded", "locale", "shop", "timestamp", "bounced"];
  const RETRY = "X-Shopify-Retry-Invalid-Session-Request";
  const waiting = new Map();
  let asked = 0;

  const tell = (message) => parent.postMessage(message, admin);

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || origin !== admin || data?.kind !== "token") return;
    waiting.get(data.id)?.(data.token);
    waiting.delete(data.id);
  });

  function idToken() {
    if (parent === window) return Promise.reject(new Error("this page is not inside the shop's admin"));
    return new Promise((resolve) => {
      asked += 1;
      waiting.set(asked, resolve);
      tell({ kind: "token", id: asked });
    });
  }

  // Every fetch of the app to itself carries a fresh token, and is repeated once if the app asks for it.
  const plainFetch = window.fetch;
  async function signed(request) {
    const headers = new Headers(request.headers);
    if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${await idToken()}`);
    return plainFetch(new Request(request, { headers }));
  }
  window.fetch = async (resource, options) => {
    const request = new Request(resource, options);
    if (new URL(request.url).origin !== location.origin) return plainFetch(request);
    const answer = await signed(request.clone());
    return answer.status === 401 && answer.headers.has(RETRY) ? signed(request) : answer;
  };

  // The admin's address bar follows the app.
  function tellPlace() {
    const place = new URL(location.href);
    for (const name of FROM_ADMIN) place.searchParams.delete(name);
    tell({ kind: "at", path: place.pathname + place.search });
  }
  for (const name of ["pushState", "replaceState"]) {
    const plain = history[name];
    history[name] = function (...change) {
      plain.apply(this, change);
      tellPlace();
    };
  }
  addEventListener("popstate", tellPlace);

  window.shopify = {
    config: {
      apiKey: script.dataset.apiKey,
      shop: here.searchParams.get("shop"),
      host: here.searchParams.get("host"),
      locale: here.searchParams.get("locale") ?? "en",
    },
    environment: { embedded: parent !== window, mobile: false, pos: false },
    idToken,
    toast: { show: (words) => tell({ kind: "toast", words }), hide() {} },
    loading() {},
    saveBar: { show: async () => {}, hide: async () => {}, leaveConfirmation: async () => {} },
  };

  const back = here.searchParams.get("shopify-reload");
  if (back) {
    idToken().then((token) => {
      const target = new URL(back);
      target.searchParams.set("id_token", token);
      location.replace(target);
    });
  } else if (parent !== window) {
    tellPlace();
  }
})();
