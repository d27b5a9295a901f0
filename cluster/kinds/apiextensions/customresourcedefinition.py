"""A kind of the user's own. https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/"""

from __future__ import annotations

from cluster.kinds.apiextensions.defaults import default, prepare_create, prepare_update
from cluster.kinds.apiextensions.rules import validate, validate_update
from cluster.kinds.kind import Kind, status_subresource
from cluster.kinds.printing import CREATED_AT, NAME, name_and_creation

KIND = Kind(
    group="apiextensions.k8s.io",
    version="v1",
    kind="CustomResourceDefinition",
    plural="customresourcedefinitions",
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=(status_subresource("CustomResourceDefinition"),),
    has_status=True,
    has_generation=True,
    columns=(NAME, CREATED_AT),
    row=name_and_creation,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
)
