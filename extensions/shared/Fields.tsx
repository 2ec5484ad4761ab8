// What may be wished for: how many photos, which scene, a note. The price stands below.

import { money, t } from "./words";
import type { Offer, Wish } from "./types";

export const NOTE_CHARS = 500;

interface Props {
  offer: Offer;
  wish: Wish;
  products: number;
  madeBefore?: number;
  errors: Record<string, string>;
  onChange: (wish: Wish) => void;
}

export function Fields({ offer, wish, products, madeBefore = 0, errors, onChange }: Props) {
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
      <s-text>{priceWords(offer, wish, products, madeBefore)}</s-text>
      {offer.review && <s-text color="subdued">{t("price.review")}</s-text>}
    </>
  );
}

/** How many photos are asked for each product; NaN while the field holds no number. */
export function countOf(offer: Offer, wish: Wish): number {
  return wish.count ?? offer.count;
}

function isCount(offer: Offer, count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= offer.max_count;
}

/** How many photos of a product would be bought: a note or a scene makes them other photos. */
export function newOnes(offer: Offer, wish: Wish, madeBefore = 0): number {
  const isOther = Boolean(wish.note?.trim() || wish.scene);
  return Math.max(0, countOf(offer, wish) - (isOther ? 0 : madeBefore));
}

/** Whether the button may be pressed: with a number, and for something new. */
export function canAsk(offer: Offer, wish: Wish, madeBefore = 0): boolean {
  return isCount(offer, countOf(offer, wish)) && newOnes(offer, wish, madeBefore) > 0;
}

export function price(offer: Offer, wish: Wish, products: number, madeBefore = 0): number {
  return newOnes(offer, wish, madeBefore) * products * offer.picture_price_usd;
}

function priceWords(offer: Offer, wish: Wish, products: number, madeBefore: number): string {
  if (!isCount(offer, countOf(offer, wish))) return t("price.count", { max: offer.max_count });
  const count = newOnes(offer, wish, madeBefore) * products;
  if (count === 0) return t("price.madeBefore");
  return t("price.atMost", { count, price: money(price(offer, wish, products, madeBefore)) });
}
