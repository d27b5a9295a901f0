"""Describing ConfigMaps, Secrets and ServiceAccounts."""

from __future__ import annotations

import base64

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events
from cluster.kubectl.describe.page import Page
from cluster.machinery.meta import Object, name, namespace


def config_map(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    page.marks(obj)
    page.line("")
    page.line("Data")
    page.line("====")
    for key, value in (obj.get("data") or {}).items():
        page.line(f"{key}:")
        page.line("----")
        page.line(f"{value}")
        page.line("")
    page.line("")
    page.line("BinaryData")
    page.line("====")
    for key, value in (obj.get("binaryData") or {}).items():
        page.line(f"{key}: {len(base64.b64decode(value))} bytes")
    page.line("")
    events.write(page, session, obj)


def secret(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    page.marks(obj)
    page.line("")
    page.line(f"Type:\t{obj.get('type', '')}")
    page.line("")
    page.line("Data")
    page.line("====")
    for key, value in (obj.get("data") or {}).items():
        raw = base64.b64decode(value)
        shown = raw.decode(errors="replace") if (
            key == "token" and obj.get("type") == "kubernetes.io/service-account-token") else f"{len(raw)} bytes"
        page.line(f"{key}:\t{shown}")


def service_account(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    page.marks(obj)
    pulls = [one.get("name", "") for one in obj.get("imagePullSecrets") or ()]
    mounts = [one.get("name", "") for one in obj.get("secrets") or ()]
    listed = session.client.list("secrets", namespace(obj),
                                 field_selector="type=kubernetes.io/service-account-token")["items"]
    tokens = [name(one) for one in listed
              if (one["metadata"].get("annotations") or {}).get("kubernetes.io/service-account.name") == name(obj)]
    for title, values in (("Image pull secrets", pulls), ("Mountable secrets", mounts), ("Tokens", tokens)):
        page.column(title, values)
    events.write(page, session, obj)
