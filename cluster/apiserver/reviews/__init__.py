"""Reviews and bindings: kinds that are answered and forgotten."""
