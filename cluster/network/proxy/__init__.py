"""kube-proxy: whether a node has rules, from when, and what they look like in each mode."""
