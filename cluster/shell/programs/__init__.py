"""The ordinary programs of a Linux userland, listed in `registry`."""
