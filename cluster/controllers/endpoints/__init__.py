"""Endpoints, EndpointSlices, and the mirroring of hand-made Endpoints into slices.

Follows pkg/controller/endpoint, endpointslice and endpointslicemirroring.
https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
"""
