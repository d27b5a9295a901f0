"""kubectl describe: one describer per kind, and a generic one for the rest."""
