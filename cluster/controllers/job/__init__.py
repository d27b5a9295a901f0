"""The Job controller, split by decision: counting finished pods, indexes, failure policies, the sync itself.

Follows pkg/controller/job. https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""
