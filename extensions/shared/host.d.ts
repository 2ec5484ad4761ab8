// Both actions run where Shopify offers the same things under the global `shopify`.
import type { Api } from "@shopify/ui-extensions/admin.product-details.action.render";

declare global {
  const shopify: Api;
}
