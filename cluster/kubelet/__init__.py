"""The node agents of a lab: every machine's kubelet with its container runtime, in one component."""
