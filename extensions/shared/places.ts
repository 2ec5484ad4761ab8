// Pages of the embedded app that the extensions open; `app:` is Shopify's protocol for them.

export const REVIEW = "app:review";
export const PRODUCTS = "app:products";

export function productPage(gid: string): string {
  const number = gid.split("/").pop();
  return `app:products/${number}`;
}
