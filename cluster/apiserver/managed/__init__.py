"""managedFields: who set which field, kept by every write and asked by server-side apply."""
