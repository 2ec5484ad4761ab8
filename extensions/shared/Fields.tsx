// What may be wished for: how many photos, which scene, a note. The price stands below.

import { money, t } from "./words";
import type { Offer, Wish } from "./types";

export const NOTE_CHARS = 500;

interface Props {
  offer: Offer;
  wish: Wish;
  products: number;
  errors: Record<string, string>;
  onChange: (wish: Wish) => void;
}

export function Fields({ offer, wish, products, errors, onChange }: Props) {
  const set = (change: Wish) => onChange({ ...wish, ...change });
  return (
    <>
      <s-number-field
        label={t("fields.count")}
        min={1}
        max={offer.max_count}
        step={1}
        value={String(wish.count ?? offer.count)}
        error={errors.count}
        onInput={(event) => set({ count: Number(event.currentTarget.value) })}
      />
      <s-select
        label={t("fields.scene")}
        value={wish.scene ?? ""}
        error={errors.scene}
        onChange={(event) => set({ scene: event.currentTarget.value || undefined })}
      >
        <s-option value="">{t("fields.anyScene")}</s-option>
        {offer.scenes.map((scene) => (
          <s-option key={scene.id} value={scene.id}>
            {scene.title}
          </s-option>
        ))}
      </s-select>
      <s-text-area
        label={t("fields.note")}
        details={t("fields.noteHelp")}
        maxLength={NOTE_CHARS}
        rows={2}
        value={wish.note ?? ""}
        error={errors.note}
        onInput={(event) => set({ note: event.currentTarget.value })}
      />
      <s-text>{priceWords(offer, wish, products)}</s-text>
      {offer.review && <s-text color="subdued">{t("price.review")}</s-text>}
    </>
  );
}

/** How many photos are asked for each product; NaN while the field holds no number. */
export function countOf(offer: Offer, wish: Wish): number {
  return wish.count ?? offer.count;
}

export function isCount(offer: Offer, count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= offer.max_count;
}

export function price(offer: Offer, wish: Wish, products: number): number {
  return countOf(offer, wish) * products * offer.picture_price_usd;
}

function priceWords(offer: Offer, wish: Wish, products: number): string {
  const count = countOf(offer, wish);
  if (!isCount(offer, count)) return t("price.count", { max: offer.max_count });
  return t("price.atMost", { count: count * products, price: money(price(offer, wish, products)) });
}
