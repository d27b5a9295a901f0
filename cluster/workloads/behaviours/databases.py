"""Databases as lessons meet them: what they demand of their environment, how they boot, whether they live.

mysql, mariadb, postgres, mongo, memcached and rabbitmq start, log, listen and stop as the official images do.
They answer their own ping tools and hold no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from cluster.workloads.behaviours.resident import Resident, image_of
from cluster.workloads.process import Call, WebReply, WebRequest


def _version(call: Call, default: str) -> str:
    image = image_of(call)
    return image.version if image else default


_PASSWORD_OPTIONS = ("ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD")


class Mysql(Resident):
    """The official mysql image: refuses an uninitialised database without a password option."""

    name = "mysqld"
    title = "MySQL"
    prefix = "MYSQL"

    def _line(self, call: Call, level: str, text: str) -> str:
        stamp = datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%Y-%m-%d %H:%M:%S+00:00")
        return f"{stamp} [{level}] [Entrypoint]: {text}\n"

    def refuse(self, call: Call) -> int | None:
        call.write(
            self._line(call, "Note", f"Entrypoint script for {self.title} Server {_version(call, '8.4.5')} started.")
        )
        options = [f"{self.prefix}_{tail}" for tail in _PASSWORD_OPTIONS]
        if any(call.environ.get(option) for option in options):
            return None
        wanted = "".join(f"    - {option}\n" for option in options)
        call.error(
            self._line(call, "ERROR", "Database is uninitialized and password option is not specified")
            + f"    You need to specify one of the following as an environment variable:\n{wanted}"
        )
        return 1

    def announce(self, call: Call) -> None:
        stamp = datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        call.write(self._line(call, "Note", f"{self.title} init process done. Ready for start up."))
        call.error(
            f"{stamp} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. "
            f"Version: '{_version(call, '8.4.5')}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  "
            f"{self.title} Community Server - GPL.\n"
        )


class Mariadb(Mysql):
    """The official mariadb image."""

    name = "mariadbd"
    title = "MariaDB"
    prefix = "MARIADB"

    def refuse(self, call: Call) -> int | None:
        if any(call.environ.get(f"MYSQL_{tail}") for tail in ("ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD")):
            return None
        return super().refuse(call)


_POSTGRES_REFUSAL = """\
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
"""


class Postgres(Resident):
    """The official postgres image."""

    name = "postgres"

    def refuse(self, call: Call) -> int | None:
        if call.environ.get("POSTGRES_PASSWORD") or call.environ.get("POSTGRES_HOST_AUTH_METHOD") == "trust":
            return None
        call.error(_POSTGRES_REFUSAL)
        return 1

    def announce(self, call: Call) -> None:
        call.write("PostgreSQL init process complete; ready for start up.\n\n")
        lines = [
            f"starting PostgreSQL {_version(call, '17.5')} (Debian) on x86_64-pc-linux-gnu, 64-bit",
            'listening on IPv4 address "0.0.0.0", port 5432',
            "database system is ready to accept connections",
        ]
        stamp = datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        call.error("".join(f"{stamp} UTC [1] LOG:  {line}\n" for line in lines))


class Daemon(Resident):
    """A server that says its image's banner and listens; what speaks to it speaks no HTTP."""

    name = "daemon"

    def announce(self, call: Call) -> None:
        image = image_of(call)
        call.write(str(image.settings.get("banner", "")) if image else "")


class Ping:
    """`mysqladmin ping`, `pg_isready` and the like: is there a server behind the port?"""

    def __init__(self, port: int, alive: str, dead: str, dead_code: int):
        self._port, self._alive, self._dead, self._code = port, alive, dead, dead_code

    def run(self, call: Call) -> int | None:
        host = next(
            (call.argv[i + 1] for i, word in enumerate(call.argv[:-1]) if word in ("-h", "--host")), "127.0.0.1"
        )
        reply = call.place.fetch(WebRequest("CONNECT", f"tcp://{host}:{self._port}/", timeout=3.0))
        words = {"host": host, "port": self._port}
        if reply.error:
            call.error(self._dead.format(**words) + "\n")
            return self._code
        call.write(self._alive.format(**words) + "\n")
        return 0

    def signalled(self, call: Call, signal: str) -> int | None:
        return 143

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")


PINGS: Sequence[tuple[str, Ping]] = (
    (
        "mysqladmin",
        Ping(
            3306,
            "mysqld is alive",
            "mysqladmin: connect to server at '{host}' failed\n"
            "error: 'Can't connect to MySQL server on '{host}:{port}' (111)'",
            1,
        ),
    ),
    ("pg_isready", Ping(5432, "{host}:{port} - accepting connections", "{host}:{port} - no response", 2)),
)
