"""ValidatingAdmissionWebhook: webhooks that may refuse what is about to be stored.

The real server asks all of them at once and takes one refusal; here they are asked in order and the first
refuses. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

from cluster.apiserver.admission import webhook
from cluster.apiserver.admission.matching import GROUP
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.webhook import Hooks
from cluster.apiserver.attributes import CONNECT, CREATE, DELETE, UPDATE, Attributes


class ValidatingAdmissionWebhook(Plugin):
    name = "ValidatingAdmissionWebhook"
    operations = (CREATE, UPDATE, DELETE, CONNECT)
    judges = True

    def __init__(self) -> None:
        self._hooks = Hooks(f"validatingwebhookconfigurations.{GROUP}")

    def judge(self, attributes: Attributes) -> None:
        hooks = self._hooks.of(attributes.server.store)
        if not hooks:
            return
        for hook, version in list(webhook.matching(hooks, attributes)):
            answer = webhook.call(hook, attributes, version, f"judge/{hook.configuration}/{hook.name}", mutating=False)
            if answer is not None:
                webhook.settle(hook, attributes, answer, mutating=False)
