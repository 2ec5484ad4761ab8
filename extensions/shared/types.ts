// What /api/v1 answers, as far as it is shown here; docs/api.md has all of it.

export interface Picture {
  id: string;
  state: string;
  reason: string;
  alt: string;
  scene_title: string;
  url: string | null;
}

export interface Job {
  id: string; // follows the wish to the end of its job
  product_id: string;
  state: string;
  reason: string;
  is_done: boolean; // nothing more happens by itself
  is_well: boolean; // it ended with photos
  cost_usd: number;
  pictures: Picture[];
}

export interface Scene {
  id: string;
  title: string;
}

export interface Offer {
  picture_price_usd: number;
  count: number;
  max_count: number;
  review: boolean; // photos wait for a decision before they are shown
  scenes: Scene[]; // those that fit come first
}

export interface Product {
  id: string;
  title: string;
  published: number;
  waiting: number;
  made_before: number; // of the default photos: the same wish does not buy them again
  can_generate: boolean;
  why_not: { code: string; reason: string } | null;
}

export interface Wish {
  note?: string;
  scene?: string;
  count?: number;
}
