"""`python -m shopify_imagegen` is the command line."""

from shopify_imagegen.cli import main

main()
