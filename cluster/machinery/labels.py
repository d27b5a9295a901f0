"""Label selectors: equality- and set-based, from text and from `metav1.LabelSelector`.

Follows https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ and
k8s.io/apimachinery `labels`.
"""

from __future__ import annotations
