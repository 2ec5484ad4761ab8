"""The whole catalogue: a plan over many products, frozen, then carried out a few at a time, and told to its end."""
