"""Stages with a memory, for the engine: what is scripted goes wrong, everything else goes on."""

import threading

from shopify_imagegen.models import GO_ON, JobState, Outcome


class FakeStages:
    """`script[stage, id]` is a queue of what that stage says next: an outcome, a value, an error, or a call."""

    def __init__(self):
        self.script = {}
        self.calls = []
        self.jobs = {}  #: job id -> (trigger, ids of pictures)
        self.review = False
        self._lock = threading.Lock()

    def _say(self, stage, key, usually):
        with self._lock:
            self.calls.append((stage, key))
            queue = self.script.get((stage, key), [])
            said = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else usually
        if isinstance(said, Exception):
            raise said
        return said() if callable(said) else said

    def called(self, stage):
        """The ids that a stage was called with, in order."""
        return [key for name, key in list(self.calls) if name == stage]

    def job(self, job_id, *image_ids, trigger="new_listing"):
        self.jobs[job_id] = (trigger, list(image_ids))
        return job_id

    def look(self, shop, product_id):
        return self._say("look", product_id, None)

    def ask(self, shop, request):
        return self._say("ask", getattr(request, "product_id", None) or request.image_id, (None, "not scripted"))

    def answer(self, arrival_id, job_id, reason):
        self._say("answer", (arrival_id, job_id, reason), None)

    def pictures(self, job_id):
        return self._say("pictures", job_id, self.jobs[job_id])

    def buy(self, image_id):
        return self._say("buy", image_id, GO_ON)

    def prepare(self, image_id):
        return self._say("prepare", image_id, GO_ON)

    def give_up(self, image_id, reason):
        self._say("give_up", (image_id, reason), None)

    def not_attached(self, image_id, reason):
        self._say("give_up", (image_id, reason), None)

    def reopen(self, job_id, *, refused):
        self._say("reopen", job_id, None)

    def attach(self, image_ids):
        return self._say("attach", tuple(image_ids), GO_ON)

    def approve(self, shop, wish):
        return self._say("approve", wish.image_id, GO_ON)

    def products_of(self, shop, wish):
        return self._say("products_of", wish.images, {"product": list(wish.images)})

    def roll_back(self, shop, product_id, image_ids, wish):
        return self._say("roll_back", (product_id, *image_ids), f"{product_id} is as it was")

    def roll_back_some(self, shop, wish, after):
        return self._say("roll_back_some", (wish.backfill_id, after), None)

    def stop_rolling_back(self, wish, reason):
        self._say("stop_rolling_back", (wish.backfill_id, reason), None)

    def wants_review(self, job_id):
        return self._say("wants_review", job_id, self.review)

    def job_of(self, image_id):
        return f"job of {image_id}"

    def move_job(self, job_id, state, reason=""):
        self._say("move_job", (job_id, JobState(state), reason), None)

    def finish(self, job_id):
        return self._say("finish", job_id, None)

    def tell(self, job_id):
        self._say("tell", job_id, None)

    def unlooked(self, shop, product_id, reason):
        self._say("unlooked", (product_id, reason), None)


def later(reason="not now", retry_after_s=None):
    return Outcome(next="later", reason=reason, retry_after_s=retry_after_s)


def stop(reason="never"):
    return Outcome(next="stop", reason=reason)
