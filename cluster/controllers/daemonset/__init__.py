"""The DaemonSet controller, split by decision: placement, rolling update, the sync itself.

Follows pkg/controller/daemon. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
"""
