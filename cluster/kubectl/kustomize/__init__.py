"""Kustomizations: manifests from resources, generators, patches and transformations.

Follows https://kubectl.docs.kubernetes.io/references/kustomize/ for what beginners' kustomizations use. Left out:
remote resources, components, replacements, vars, helm charts, plugins and OpenAPI overrides; they are refused.
"""

from __future__ import annotations

from cluster.kubectl.kustomize.build import build

__all__ = ["build"]
