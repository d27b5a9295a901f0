"""Measurements of the budgets in the architecture, each a file, all listed in `registry`."""
