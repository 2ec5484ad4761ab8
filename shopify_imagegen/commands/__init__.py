"""The command line's subcommands, one module a noun. Each is short: it takes the house, and prints."""
