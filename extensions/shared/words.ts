// Words and money in the merchant's language.

import { Problem } from "./api";

type Values = Record<string, string | number>;

export function t(key: string, values?: Values): string {
  return shopify.i18n.translate(key, values) as string;
}

/** Our prices are in US dollars, whatever the store sells in. */
export function money(usd: number): string {
  return shopify.i18n.formatCurrency(usd, { currency: "USD" });
}

/** What is said of a failure: the app's own words, or ours where the app could not be reached. */
export function problemWords(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.unknown");
  if (error.code === "network") return t("problem.network");
  return error.message || t("problem.unknown");
}
