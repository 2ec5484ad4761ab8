"""A stand-in Shopify: its shops, their Admin API, files, webhooks and tokens, in memory.

What it does not imitate: video and 3D, metafields, inventory, orders, bulk operations, Events, Flow, the OAuth
redirect, storage limits, and the true cost formula, which nobody outside Shopify knows. A query for one of them fails;
it is never answered with something made up.
"""
