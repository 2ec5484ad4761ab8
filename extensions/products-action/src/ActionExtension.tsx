// "Generate lifestyle photos" for a selection of the product list: one price before, one count of how far it is after.

import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";

import { call, newKey, Problem } from "../../shared/api";
import { canAsk, Fields, price } from "../../shared/Fields";
import { follow } from "../../shared/follow";
import { PRODUCTS, REVIEW } from "../../shared/places";
import { Trouble } from "../../shared/Trouble";
import type { Job, Offer, Wish } from "../../shared/types";
import { money, t } from "../../shared/words";

const AT_ONCE = 250; // ids of one call

export default async () => {
  render(<ProductsAction gids={shopify.data.selected.map(({ id }) => id)} />, document.body);
};

function ProductsAction({ gids }: { gids: string[] }) {
  const [offer, setOffer] = useState<Offer>();
  const [jobs, setJobs] = useState<Job[]>();
  const [wish, setWish] = useState<Wish>({});
  const [key, setKey] = useState(newKey);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();

  const look = useCallback(async () => {
    setError(undefined);
    try {
      setOffer((await call<{ offer: Offer }>("/offer")).offer);
    } catch (problem) {
      setError(problem);
    }
  }, []);

  const ask = useCallback(async () => {
    setSending(true);
    setError(undefined);
    try {
      setJobs(await askForAll(gids, wish, key));
    } catch (problem) {
      setError(problem);
    } finally {
      setSending(false);
    }
  }, [gids, wish, key]);

  const change = (changed: Wish) => {
    setWish(changed);
    setKey(newKey());
  };

  useEffect(() => void look(), [look]);
  useEffect(() => {
    if (!jobs) return;
    const closed = new AbortController();
    const replace = (job: Job) => setJobs((all) => all?.map((each) => (each.id === job.id ? job : each)));
    follow(jobs, replace, closed.signal).catch(setError);
    return () => closed.abort();
  }, [jobs !== undefined]);

  return (
    <s-admin-action heading={t("heading", { count: gids.length })} loading={!offer && !error}>
      <s-stack gap="base">
        {error !== undefined && <Trouble error={error} onRetry={offer ? ask : look} />}
        {jobs && <Tally jobs={jobs} />}
        {offer && !jobs && (
          <Fields offer={offer} wish={wish} products={gids.length} errors={fieldsOf(error)} onChange={change} />
        )}
      </s-stack>
      {offer && !jobs && (
        <s-button
          slot="primary-action"
          variant="primary"
          loading={sending}
          disabled={sending || !canAsk(offer, wish)}
          onClick={ask}
        >
          {t("go", { price: money(price(offer, wish, gids.length)) })}
        </s-button>
      )}
      {jobs && (
        <s-button slot="primary-action" variant="primary" href={offer?.review ? REVIEW : PRODUCTS}>
          {t(offer?.review ? "review" : "open")}
        </s-button>
      )}
      <s-button slot="secondary-actions" onClick={() => shopify.close()}>
        {t(jobs ? "close" : "cancel")}
      </s-button>
    </s-admin-action>
  );
}

function Tally({ jobs }: { jobs: Job[] }) {
  const done = jobs.filter((job) => job.is_done);
  const without = done.filter((job) => job.pictures.length === 0 || !job.is_well);
  const reasons = [...new Set(without.map((job) => job.reason))];
  return (
    <s-stack gap="base">
      <s-stack direction="inline" gap="small" alignItems="center">
        {done.length < jobs.length && <s-spinner accessibilityLabel={t("working")} />}
        <s-text>{t("tally.done", { done: done.length, count: jobs.length })}</s-text>
      </s-stack>
      {without.length > 0 && (
        <s-banner tone="warning" heading={t("tally.without", { count: without.length })}>
          {reasons.map((reason) => (
            <s-paragraph key={reason}>{reason}</s-paragraph>
          ))}
        </s-banner>
      )}
      {done.length < jobs.length && <s-text color="subdued">{t("goesOn")}</s-text>}
    </s-stack>
  );
}

/** All or none in the merchant's eyes: a call that is sent again under its key is the same wishes. */
async function askForAll(gids: string[], wish: Wish, key: string): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let at = 0; at < gids.length; at += AT_ONCE) {
    const body = { ...wish, ids: gids.slice(at, at + AT_ONCE) };
    jobs.push(...(await call<{ jobs: Job[] }>("/products/jobs", { body, key })).jobs);
  }
  return jobs;
}

function fieldsOf(error: unknown): Record<string, string> {
  return error instanceof Problem ? error.fields : {};
}
