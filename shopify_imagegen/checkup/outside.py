"""The way in from outside, and our clock beside a neighbour's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shopify_imagegen.checkup.finding import Finding, failed, ok, warning
from shopify_imagegen.errors import ImagegenError, Rejected
from shopify_imagegen.models import Seen
from shopify_imagegen.settings import LOOPBACK

ADDRESS, CLOCK = "public address", "clock"
OFF_S, WRONG_S = 5.0, 30.0  # session tokens live for a minute, with ten seconds of patience
SLOW_S = 1.0  # Shopify hangs up on a webhook after five

Look = Callable[[str], Seen]


def of_address(public_url: str, look: Look) -> Finding:
    """Whether our own /healthz answers at app.public_url, as Shopify would see it."""
    if not public_url:
        todo = "set it to the https address at which Shopify reaches this machine"
        return warning(ADDRESS, "app.public_url is not set: the app's pages and `webhooks subscribe` need it", todo)
    if urlsplit(public_url).hostname in LOOPBACK:
        return warning(
            ADDRESS, f"{public_url} is this machine itself", "fine for the sandbox; a real store needs https"
        )
    try:
        seen = look(f"{public_url.rstrip('/')}/healthz")
    except Rejected as error:
        return failed(
            ADDRESS, f"Shopify cannot reach {public_url}: {error}", "use a name that leads to a public address"
        )
    except ImagegenError as error:
        return failed(ADDRESS, str(error), "start the web role, then look at the proxy, the certificate and the DNS")
    return _of_answer(public_url, seen)


def _of_answer(public_url: str, seen: Seen) -> Finding:
    if seen.status != 200 or seen.text.strip() != "ok":
        said = f"{public_url}/healthz answers {seen.status}, and not as this app does"
        return failed(ADDRESS, said, "let the proxy pass every path on to the web role, without redirects")
    if seen.took_s > SLOW_S:
        said = f"{public_url} answers, in {seen.took_s:.1f} s"
        return warning(ADDRESS, said, "Shopify gives a webhook five seconds; look at the proxy and the machine's load")
    return ok(ADDRESS, f"{public_url} answers in {seen.took_s * 1000:.0f} ms")


def of_clock(neighbour: str, look: Look, clock: Callable[[], datetime]) -> Finding:
    """Our clock beside the Date that *neighbour* answers with."""
    try:
        seen = look(neighbour)
    except ImagegenError as error:
        return warning(CLOCK, f"not compared: {error}", "see whether this machine reaches the internet")
    if seen.date is None:
        return warning(CLOCK, f"not compared: {urlsplit(neighbour).hostname} tells no date", "compare it by hand")
    asked = clock() - timedelta(seconds=seen.took_s / 2)
    off_s = max(0.0, abs((asked - seen.date).total_seconds()) - 1)  # a Date has no fractions
    said = f"{off_s:.0f} s apart from {urlsplit(neighbour).hostname}"
    if off_s > WRONG_S:
        return failed(
            CLOCK, said, "switch time synchronisation on (systemd-timesyncd, chrony): tokens would be refused"
        )
    return warning(CLOCK, said, "switch time synchronisation on") if off_s > OFF_S else ok(CLOCK, said)
