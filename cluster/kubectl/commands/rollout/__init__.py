"""kubectl rollout and its subcommands, one file each."""
