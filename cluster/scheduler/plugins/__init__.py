"""The scheduler's plugins, one per file, with the real ones' names, weights and words."""
