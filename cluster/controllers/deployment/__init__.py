"""The Deployment controller, split by decision: sync (which ReplicaSets), scale, rolling, recreate, progress.

Follows pkg/controller/deployment. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
"""
