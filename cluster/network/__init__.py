"""The cluster network, computed: pod addresses, DNS, service proxies, and the walk of one request."""
