"""The OpenAPI documents a server publishes about itself, built from the kinds and their schemas."""
