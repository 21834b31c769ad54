"""Service files for machines without containers: systemd units and a configuration of supervisord. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stonehand.cli.installation import MADE_BY, Installation, Role

ENVIRONMENT_FILE = "stonehand.env"
GRACE = 30  # seconds to end well; a worker needs up to 15 for its jobs


def environment(place: Installation) -> str:
    """The file of settings that all parts read. Secrets stand in it by name, to be filled in."""
    lines = [f"{name}={_quoted(value)}" for name, value in place.environment.items()]
    wanted = [f"# {name}=   (secret: fill it in)" for name in place.secrets]
    return "\n".join(["# " + MADE_BY.format(verb="systemd"), "# chmod 600", *lines, *wanted, ""])


def _quoted(value: str) -> str:
    return f'"{value}"' if any(mark in value for mark in " #\t") else value


def systemd(place: Installation, roles: Sequence[Role]) -> dict[str, str]:
    """The units by file name, and one target that starts and stops them together."""
    units = {f"stonehand-{role.name}.service": _unit(place, role) for role in roles}
    wants = " ".join(units)
    target = ["# " + MADE_BY.format(verb="systemd"), "[Unit]", "Description=Stonehand, all of it", f"Wants={wants}"]
    target += ["", "[Install]", "WantedBy=multi-user.target", ""]
    return {**units, "stonehand.target": "\n".join(target), ENVIRONMENT_FILE: environment(place)}


def _unit(place: Installation, role: Role) -> str:
    return f"""\
# {MADE_BY.format(verb="systemd")}
[Unit]
Description=Stonehand {role.name}: {role.about}
After=network-online.target
Wants=network-online.target
PartOf=stonehand.target

[Service]
Type=exec
User={place.user}
Group={place.group}
WorkingDirectory={_escaped(str(place.data_dir))}
EnvironmentFile=/etc/stonehand/{ENVIRONMENT_FILE}
ExecStart={_escaped(place.command)} {role.arguments}
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec={GRACE}
LimitNOFILE=8192
OOMPolicy=continue
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
ReadWritePaths={_escaped(" ".join(place.written))}

[Install]
WantedBy=stonehand.target
"""


def _escaped(words: str) -> str:
    """systemd reads % as the beginning of a specifier."""
    return words.replace("%", "%%")


def supervisord(place: Installation, roles: Sequence[Role]) -> dict[str, str]:
    """One program for each role, in one group, and the file of settings that a shell reads before each."""
    names = ",".join(f"stonehand-{role.name}" for role in roles)
    head = [f"; {MADE_BY.format(verb='supervisor')}", "[group:stonehand]", f"programs={names}", ""]
    programs = [line for role in roles for line in _program(place, role)]
    return {"supervisor-stonehand.conf": "\n".join([*head, *programs]), ENVIRONMENT_FILE: environment(place)}


def _program(place: Installation, role: Role) -> Iterable[str]:
    log = place.data_dir / "logs" / f"{role.name}.log"
    shell = f". /etc/stonehand/{ENVIRONMENT_FILE}; exec {place.command} {role.arguments}"
    return (
        f"[program:stonehand-{role.name}]",
        f"; {role.about}",
        f"command=/bin/sh -c 'set -a; {_percent(shell)}'",
        f"directory={_percent(str(place.data_dir))}",
        f"user={place.user}",
        "autostart=true",
        "autorestart=true",
        "startsecs=5",
        "stopsignal=TERM",
        f"stopwaitsecs={GRACE}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_percent(str(log))}",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=5",
        "",
    )


def _percent(words: str) -> str:
    """supervisord expands %(name)s."""
    return words.replace("%", "%%")
