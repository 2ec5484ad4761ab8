"""The door: what arrives over HTTP comes in here. It knows the house; the house does not know it."""
