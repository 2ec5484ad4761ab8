// "Generate lifestyle photos" on a product's page: what there is, what it costs, and then the job as it goes on.

import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";

import { call, newKey, Problem } from "../../shared/api";
import { canAsk, Fields, price } from "../../shared/Fields";
import { follow } from "../../shared/follow";
import { JobView } from "../../shared/JobView";
import { productPage, REVIEW } from "../../shared/places";
import { Trouble } from "../../shared/Trouble";
import type { Job, Offer, Product, Wish } from "../../shared/types";
import { money, t } from "../../shared/words";

interface Found {
  product: Product;
  offer: Offer;
  job: Job | null;
}

export default async () => {
  render(<ProductAction gid={shopify.data.selected[0]?.id ?? ""} />, document.body);
};

function ProductAction({ gid }: { gid: string }) {
  const [found, setFound] = useState<Found>();
  const [job, setJob] = useState<Job>();
  const [wish, setWish] = useState<Wish>({});
  const [key, setKey] = useState(newKey);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const path = `/products/${gid.split("/").pop()}`;

  const look = useCallback(async () => {
    setError(undefined);
    try {
      const answer = await call<Found>(path);
      setFound(answer);
      if (answer.job) setJob(answer.job);
    } catch (problem) {
      setError(problem);
    }
  }, [path]);

  const ask = useCallback(async () => {
    setSending(true);
    setError(undefined);
    try {
      setJob((await call<{ job: Job }>(`${path}/jobs`, { body: wish, key })).job);
    } catch (problem) {
      setError(problem);
    } finally {
      setSending(false);
    }
  }, [path, wish, key]);

  const change = (changed: Wish) => {
    setWish(changed);
    setKey(newKey()); // another wish: not to be taken for the one before
  };

  useEffect(() => void look(), [look]);
  useFollowing(job, setJob, setError);

  return (
    <s-admin-action heading={t("heading")} loading={!found && !error}>
      <s-stack gap="base">
        {error !== undefined && <Trouble error={error} onRetry={found ? ask : look} />}
        {job && <JobView job={job} />}
        {found && !job && <About product={found.product} />}
        {found && !job && found.product.can_generate && (
          <Fields
            offer={found.offer}
            wish={wish}
            products={1}
            madeBefore={found.product.made_before}
            errors={fieldsOf(error)}
            onChange={change}
          />
        )}
      </s-stack>
      {found && !job && found.product.can_generate && (
        <s-button
          slot="primary-action"
          variant="primary"
          loading={sending}
          disabled={sending || !canAsk(found.offer, wish, found.product.made_before)}
          onClick={ask}
        >
          {t("go", { price: money(price(found.offer, wish, 1, found.product.made_before)) })}
        </s-button>
      )}
      {job?.is_done && job.is_well && (
        <s-button slot="primary-action" variant="primary" href={afterwards(job)}>
          {t(job.state === "awaiting_review" ? "review" : "open")}
        </s-button>
      )}
      <s-button slot="secondary-actions" onClick={() => shopify.close()}>
        {t(job ? "close" : "cancel")}
      </s-button>
    </s-admin-action>
  );
}

function About({ product }: { product: Product }) {
  return (
    <s-stack gap="small">
      <s-text>{product.published ? t("about.published", { count: product.published }) : t("about.none")}</s-text>
      {product.waiting > 0 && <s-link href={REVIEW}>{t("about.waiting", { count: product.waiting })}</s-link>}
      {product.why_not && <s-banner tone="info">{product.why_not.reason}</s-banner>}
    </s-stack>
  );
}

function useFollowing(job: Job | undefined, onChange: (job: Job) => void, onError: (error: unknown) => void) {
  const id = job && !job.is_done ? job.id : undefined;
  useEffect(() => {
    if (!id || !job) return;
    const closed = new AbortController();
    follow([job], onChange, closed.signal).catch(onError);
    return () => closed.abort();
  }, [id]);
}

function afterwards(job: Job): string {
  return job.state === "awaiting_review" ? REVIEW : productPage(job.product_id);
}

function fieldsOf(error: unknown): Record<string, string> {
  return error instanceof Problem ? error.fields : {};
}
