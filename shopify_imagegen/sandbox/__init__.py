"""The garden shed: a stand-in Shopify and a stand-in image API on 127.0.0.1, reached by `base_url` alone.

It speaks wire formats only and imports nothing from the rest of the house, so that it is a second opinion. It imitates
what the app uses; it refuses, loudly, what it does not imitate.
"""
