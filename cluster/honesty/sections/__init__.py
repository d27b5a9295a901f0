"""One file per sort of thing: each gathers the lines of its registries."""
