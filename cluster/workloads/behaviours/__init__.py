"""The registry of programs that images carry: executable name → what it does.

Shell commands (`ls`, `sleep`, `curl` …) are the shell's; here are the servers and tools of the images.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cluster.workloads.behaviours import (
    apache,
    control_plane,
    databases,
    languages,
    nginx,
    pages,
    plain,
    policy_server,
    redis,
)
from cluster.workloads.process import Program

PROGRAMS: Mapping[str, Program] = MappingProxyType(
    {
        "agnhost": pages.Agnhost(),
        "apache2-foreground": apache.PhpApache(),
        "daemon": databases.Daemon(),
        "echoserver": pages.EchoServer(),
        "guestbook-frontend": apache.Guestbook(),
        "hello-world": plain.HelloWorld(),
        "http-echo": pages.HttpEcho(),
        "httpd-foreground": apache.Apache(),
        "mariadbd": databases.Mariadb(),
        "mysqld": databases.Mysql(),
        "nginx": nginx.Nginx(),
        "node": languages.Node(),
        "pages": pages.Pages(),
        "pause": plain.Pause(),
        "perl": languages.Perl(),
        "plain": plain.Plain(),
        "policy-server": policy_server.PolicyServer(),
        "postgres": databases.Postgres(),
        "python": languages.Python(),
        "python3": languages.Python(),
        "redis-cli": redis.RedisCli(),
        "redis-server": redis.Redis(),
        "stress": languages.Stress(),
        "whoami": pages.Whoami(),
        **{program.name: program for program in control_plane.PROGRAMS},
        **dict(databases.PINGS),
    }
)
