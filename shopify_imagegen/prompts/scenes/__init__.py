"""One TOML file per category of products. A package only so that the files are installed with us."""
