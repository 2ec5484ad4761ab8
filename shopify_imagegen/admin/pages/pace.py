"""How often an open page asks again: often while something is being made, seldom otherwise."""

BUSY_MS = 2_000
CALM_MS = 20_000


def refresh_ms(is_busy: bool) -> int:
    return BUSY_MS if is_busy else CALM_MS
