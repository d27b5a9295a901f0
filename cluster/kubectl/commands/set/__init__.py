"""kubectl set and its subcommands, one file each."""
