"""The StatefulSet controller, split by decision: identity and storage, order of work, status.

Follows pkg/controller/statefulset. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
"""
