// A job as it goes on: its state in words, its pictures as they come, and what it has cost.

import { money, t } from "./words";
import type { Job, Picture } from "./types";

export function JobView({ job }: { job: Job }) {
  return (
    <s-stack gap="base">
      {job.is_done ? <Ending job={job} /> : <Going job={job} />}
      {job.pictures.length > 0 && (
        <s-stack direction="inline" gap="base">
          {job.pictures.map((picture) => (
            <PictureView key={picture.id} picture={picture} />
          ))}
        </s-stack>
      )}
      {job.cost_usd > 0 && <s-text color="subdued">{t("cost", { price: money(job.cost_usd) })}</s-text>}
    </s-stack>
  );
}

function Going({ job }: { job: Job }) {
  return (
    <s-stack gap="small">
      <s-stack direction="inline" gap="small" alignItems="center">
        <s-spinner accessibilityLabel={t("working")} />
        <s-text>{t(`state.${job.state}`)}</s-text>
      </s-stack>
      {job.state === "paused" && <s-banner tone="warning">{job.reason}</s-banner>}
      <s-text color="subdued">{t("goesOn")}</s-text>
    </s-stack>
  );
}

function Ending({ job }: { job: Job }) {
  return (
    <s-banner tone={toneOf(job)} heading={t(`state.${job.state}`)}>
      <s-text>{job.reason}</s-text>
    </s-banner>
  );
}

function toneOf(job: Job) {
  if (!job.is_well) return "critical";
  return job.pictures.length > 0 ? "success" : "info";
}

function PictureView({ picture }: { picture: Picture }) {
  return (
    <s-stack gap="small-300">
      {picture.url ? (
        <s-thumbnail src={picture.url} alt={picture.alt} size="large" />
      ) : (
        <s-thumbnail alt={picture.scene_title} size="large" />
      )}
      <s-text color="subdued">{t(`picture.${picture.state}`)}</s-text>
    </s-stack>
  );
}
