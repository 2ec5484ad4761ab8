"""The prompt template. A package only so that the file is installed with us."""
