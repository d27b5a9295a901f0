"""The doors: pages through Django, the Kubernetes API beside it, sockets of both kinds.

The Kubernetes API takes no part in Django's middleware: its clients send tokens or certificates
instead of cookies and no Origin, and it answers in a fraction of the time.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsite.settings")

from django.core.asgi import get_asgi_application  # noqa: E402

pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from cluster.web.api import KubernetesApi  # noqa: E402
from cluster.web.consumers.control_plane import application as control_plane  # noqa: E402
from cluster.web.sockets import application as sockets  # noqa: E402

application = ProtocolTypeRouter(
    {"http": KubernetesApi(otherwise=pages), "websocket": sockets, "channel": control_plane}
)
