"""What the base of an image brings: its commands and the files every Linux userland has.

A distribution is a set of command names (whose behaviour is the shell's) and one shared read-only layer.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cluster.workloads.filesystem import Layer

CORE = """\
[ awk base64 basename cat chgrp chmod chown clear cp cut date dd df diff dirname du echo egrep env expr false fgrep
find fold getent grep groups gunzip gzip head hostname id ln ls md5sum mkdir mktemp more mount mv nice nl nohup
nproc od paste pidof printenv printf pwd readlink realpath reset rm rmdir sed seq setsid sh sha1sum sha256sum
sha512sum sleep sort stat stty sync tac tail tar tee test timeout touch tr true tty uname uniq wc which whoami xargs
yes zcat
"""
BUSYBOX = """\
ash busybox free hexdump kill killall less nc nslookup pgrep ping pkill ps rev time top uptime vi watch wget xxd
"""
DEBIAN = """\
bash dash mawk stdbuf tput
"""
COMMANDS = {
    "busybox": frozenset((CORE + BUSYBOX).split()),
    "alpine": frozenset((CORE + BUSYBOX).split()),
    "debian": frozenset((CORE + DEBIAN).split()),
    "none": frozenset[str](),
}
_RELEASE = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
    'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
    "alpine": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n'
    'HOME_URL="https://alpinelinux.org/"\n',
}
_FOLDERS = (
    "/bin /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr/bin /usr/lib /usr/local/bin "
    "/usr/sbin /usr/share /var/cache /var/lib /var/log /var/run /var/tmp"
)
_PASSWD = """\
root:x:0:0:root:/root:/bin/{shell}
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nwww-data:x:33:\nnogroup:x:65534:\n"
_BINARY = {"text": "\x7fELF", "mode": 0o755}


@cache
def base_layer(distribution: str, extra: frozenset[str] = frozenset()) -> Layer:
    """Return the layer of a distribution with `extra` executables in /usr/local/bin or /usr/sbin."""
    entries: dict[str, Any] = {folder: {"dir": True} for folder in _FOLDERS.split()}
    if distribution == "none":
        entries = {"/etc": {"dir": True}, "/tmp": {"dir": True}, "/proc": {"dir": True}, "/dev": {"dir": True}}
    entries["/etc/passwd"] = _PASSWD.format(shell="bash" if distribution == "debian" else "sh")
    entries["/etc/group"] = _GROUP
    if distribution in _RELEASE:
        entries["/etc/os-release"] = _RELEASE[distribution]
    entries |= {f"/bin/{command}": _BINARY for command in COMMANDS[distribution]}
    entries |= {f"/usr/local/bin/{command.rpartition('/')[2]}": _BINARY for command in extra}
    return Layer(entries)


def commands_of(distribution: str, extra: frozenset[str]) -> frozenset[str]:
    """Return every executable name of a userland with what is added to it."""
    return COMMANDS[distribution] | extra
