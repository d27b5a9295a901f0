"""`allowed`: the lab's authorisers would let somebody do something, by whatever roles and bindings the learner chose.

type: allowed
user: jane                # or system:serviceaccount:default:robot
groups: [devs]            # besides system:authenticated and a service account's own
verb: list
resource: pods            # plural, or plural.group; pods/log for a subresource
namespace: default        # default: default; "" = the whole cluster
name: settings            # one object; any when left out
path: /healthz            # instead of a resource
is: false                 # must be refused; default: true
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import Asked, LabView, Revision


class AllowedCheck:
    lasting = False

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        return lab.may(options["user"], options.get("groups", ()), _asked(options)) is options.get("is", True)


def _asked(options: Mapping[str, Any]) -> Asked:
    if "path" in options:
        return Asked(options["verb"], path=options["path"])
    whole, slash, part = str(options["resource"]).partition("/")
    plural, _, group = whole.partition(".")
    namespace, name = options.get("namespace", "default"), options.get("name", "")
    return Asked(options["verb"], group, plural + slash + part, namespace, name)
