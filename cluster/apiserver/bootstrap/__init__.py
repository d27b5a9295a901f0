"""What a fresh API server creates for itself: namespaces, priorities, RBAC, flow control."""
