"""What the web server imports: the door over the real house, as the settings of this process describe it."""

from shopify_imagegen.wiring import open_house
from webhooks.doorway import door

DATABASE_WAIT_S = 1.0  # twice at most in a request: Shopify hangs up after 5 s, and repeats what got a 503

app = door(open_house(is_role=True, database_wait_s=DATABASE_WAIT_S, hurried=True))
