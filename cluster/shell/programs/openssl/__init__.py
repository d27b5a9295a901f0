"""`openssl`: keys, certificate requests, certificates, digests; its commands are in `COMMANDS`.

Left out: prompts (a request needs `-subj`), configuration files, encryption, `s_client` and its like.
Keys are drawn from place, moment and command line, so that a run can be repeated byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping

from cluster.shell.calls import ShellCall
from cluster.shell.programs.openssl import certificates, digests, keys, requests
from cluster.shell.programs.openssl.files import Failed
from cluster.shell.programs.program import Function

COMMANDS: Mapping[str, Function] = {
    "version": digests.version,
    "rand": digests.rand,
    "base64": digests.base64,
    "enc": digests.base64,
    **dict.fromkeys(("dgst", "sha256", "sha512", "sha1", "md5"), digests.dgst),
    "genrsa": keys.genrsa,
    "genpkey": keys.genpkey,
    "ecparam": keys.ecparam,
    **dict.fromkeys(("pkey", "rsa", "ec"), keys.pkey),
    "req": requests.req,
    "x509": certificates.x509,
    "verify": certificates.verify,
}


def openssl(call: ShellCall) -> int | None:
    """Run one command; its faults are one or two lines and exit code 1."""
    what = call.argv[1] if len(call.argv) > 1 else ""
    command = COMMANDS.get(what)
    if command is None:
        call.error(f"Invalid command '{what}'; type \"help\" for a list.\n")
        return 1
    try:
        return command(call)
    except Failed as failed:
        call.error(str(failed))
        return 1
