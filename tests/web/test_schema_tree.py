from __future__ import annotations

from cluster.web.partials.schema_tree import compact


def test_a_pod_is_walked_from_its_root():
    schema = compact("", "v1", "Pod")
    spec = schema["types"][schema["root"]]["fields"]["spec"]
    containers = schema["types"][spec["ref"]]["fields"]["containers"]
    assert schema["types"][containers["items"]["ref"]]["fields"]["image"]["type"] == "string"
    assert schema["types"][spec["ref"]]["required"] == ["containers"]


def test_quantities_and_maps_keep_their_shape():
    types = compact("", "v1", "Pod")["types"]
    assert types["ResourceRequirements"]["fields"]["requests"]["values"] == {"type": "quantity"}
    assert types["ObjectMeta"]["fields"]["labels"]["values"] == {"type": "string"}


def test_a_kind_nobody_published_has_none():
    assert compact("example.com", "v1", "Thing") is None
