"""Manifests to begin from in the editor: the smallest honest example of each kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Starter:
    id: str
    title: str
    text: str


_POD = """apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
  - name: web
    image: nginx:1.27
    ports:
    - containerPort: 80
"""
_DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
"""
_SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
"""
_CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  greeting: hello
---
apiVersion: v1
kind: Pod
metadata:
  name: reader
spec:
  containers:
  - name: reader
    image: busybox:1.36
    command: ["sh", "-c", "echo $GREETING; sleep 3600"]
    env:
    - name: GREETING
      valueFrom:
        configMapKeyRef:
          name: settings
          key: greeting
"""
_JOB = """apiVersion: batch/v1
kind: Job
metadata:
  name: count
spec:
  completions: 3
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: count
        image: busybox:1.36
        command: ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 2; done"]
"""

STARTERS = (
    Starter("pod", "Pod", _POD),
    Starter("deployment", "Deployment", _DEPLOYMENT),
    Starter("service", "Service", _SERVICE),
    Starter("deployment-service", "Deployment + Service", f"{_DEPLOYMENT}---\n{_SERVICE}"),
    Starter("config", "ConfigMap + Pod", _CONFIG),
    Starter("job", "Job", _JOB),
)
