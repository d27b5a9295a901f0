"""A fresh desk for every test."""

from __future__ import annotations

import pytest

from tests.kubectl.desk import Desk

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: "nginx:1.25", ports: [{containerPort: 80}]}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: blue}\n"


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.write("web.yaml", WEB)
    made.write("cm.yaml", SETTINGS)
    return made
