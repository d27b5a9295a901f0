"""Commands that act on the shell itself, one subject per file, all in the table of `registry`."""
