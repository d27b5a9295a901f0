"""etcd: one revision log per lab and the current state it adds up to."""
