"""What watches over nodes: their addresses, their health, and the eviction of pods by taints.

Follows pkg/controller/nodeipam, nodelifecycle, tainteviction and ttl.
"""
