"""shopify-imagegen: lifestyle photos for a store's new products. The house; the door is `webhooks`."""
