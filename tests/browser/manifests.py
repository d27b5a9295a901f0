"""Manifests of the browser tests."""

from __future__ import annotations

WEB = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx
"""

BROKEN = """apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: app: web
"""

REFUSED = """apiVersion: v1
kind: Service
metadata:
  name: first
spec:
  selector:
    app: web
  ports:
  - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  # a number below nought is no number of pods
  replicas: -1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx
"""


def _part(name: str, image: str, port: int, replicas: int) -> str:
    return f"""apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
  - port: {port}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
      - name: main
        image: {image}
        ports:
        - containerPort: {port}
"""


GUESTBOOK = "---\n".join(
    [
        _part("redis-leader", "registry.k8s.io/redis:e2e", 6379, 1),
        _part("redis-follower", "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2", 6379, 2),
        _part("frontend", "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5", 80, 3),
    ]
)
