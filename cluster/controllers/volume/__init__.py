"""Volumes: binding claims to volumes, protecting both while they are in use, and provisioning.

Follows pkg/controller/volume. https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""
