// Something stands in the way: the words, and a way to try once more where that may help.

import { Problem } from "./api";
import { problemWords, t } from "./words";

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <s-banner tone="critical" heading={t("problem.heading")}>
      <s-text>{problemWords(error)}</s-text>
      {onRetry && error instanceof Problem && error.passes && (
        <s-button slot="secondary-actions" onClick={onRetry}>
          {t("retry")}
        </s-button>
      )}
    </s-banner>
  );
}
