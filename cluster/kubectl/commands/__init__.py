"""kubectl's commands, one file each, listed in `registry`."""
