"""From a product's own words to the words of a prompt. Pure; files are read once, when the studio opens."""
