"""The compose file: PostgreSQL, Redis or RabbitMQ, and the parts of Stonehand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stonehand.cli.installation import Installation, Role, roles

MADE_BY = "Made by `stonehand compose`."
INSIDE = ("STONEHAND_DATA_DIR", "STONEHAND_HOST", "STONEHAND_PORT", "STONEHAND_DATABASE_URL", "STONEHAND_BROKER_URL")
TEMPLATE = """\
# {made_by} docs/deployment.md explains it.
#
#   echo "POSTGRES_PASSWORD=$(openssl rand -hex 24)" > .env
#   echo "STONEHAND_VAULT_KEYS=$(openssl rand -base64 32 | tr '+/' '-_')" >> .env
#   docker compose up --build --detach
#   docker compose exec web stonehand setup-link     # the address that makes the first administrator
#
# With RabbitMQ instead of Redis, add to .env: COMPOSE_PROFILES=rabbitmq, RABBITMQ_PASSWORD=... and
# CELERY_BROKER_URL=amqp://stonehand:...@rabbitmq:5672//
name: stonehand

x-stonehand: &stonehand
  image: stonehand:{version}
  build: {build}
  init: true
  restart: unless-stopped
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  stop_grace_period: 30s
  volumes: ["data:/data"{backups}]
  environment: &environment
    DATABASE_URL: postgresql://stonehand:${{POSTGRES_PASSWORD:?write one into .env}}@postgres:5432/stonehand
    CELERY_BROKER_URL: ${{CELERY_BROKER_URL:-redis://redis:6379/0}}
    STONEHAND_VAULT_KEYS: ${{STONEHAND_VAULT_KEYS:?write one into .env}}
{environment}  depends_on: &after
    prepare: {{condition: service_completed_successfully}}
    postgres: {{condition: service_healthy}}

services:
  prepare:
    <<: *stonehand
    restart: "no"
    command: [init]
    healthcheck: {{disable: true}}
    depends_on:
      postgres: {{condition: service_healthy}}

{services}
  postgres:
    image: postgres:17
    restart: unless-stopped
    environment:
      POSTGRES_USER: stonehand
      POSTGRES_DB: stonehand
      POSTGRES_PASSWORD: ${{POSTGRES_PASSWORD:?write one into .env}}
    volumes: ["postgres:/var/lib/postgresql/data"]
    healthcheck:
      test: [CMD-SHELL, pg_isready --username stonehand --dbname stonehand]
      interval: 5s
      timeout: 3s
      retries: 20

  redis:
    image: redis:7
    restart: unless-stopped
    # It holds doorbells only, so it is small; it must never throw one away.
    command: [redis-server, --appendonly, "yes", --maxmemory, 128mb, --maxmemory-policy, noeviction]
    volumes: ["redis:/data"]
    healthcheck:
      test: [CMD, redis-cli, ping]
      interval: 5s
      timeout: 3s
      retries: 20

  rabbitmq:
    profiles: [rabbitmq]
    image: rabbitmq:4
    restart: unless-stopped
    environment:
      RABBITMQ_DEFAULT_USER: stonehand
      RABBITMQ_DEFAULT_PASS: ${{RABBITMQ_PASSWORD:-}}
    volumes: ["rabbitmq:/var/lib/rabbitmq"]
    healthcheck:
      test: [CMD, rabbitmq-diagnostics, --quiet, ping]
      interval: 10s
      timeout: 10s
      retries: 20

volumes:
  data: {{}}
  postgres: {{}}
  redis: {{}}
  rabbitmq: {{}}
"""
HEALTH = {
    "web": "[CMD, python, -c, \"import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)\"]",
    "scheduler": "[CMD, stonehand, inspect, scheduler]",
    "worker": "[CMD, stonehand, inspect, ping, --here]",
}


def compose(place: Installation, version: str, build: str = ".") -> str:
    """The file for this installation; a plain one, with nothing but the defaults, stands in the repository."""
    services = "\n".join(_service(place, role) for role in _roles())
    return TEMPLATE.format(
        made_by=MADE_BY,
        version=version,
        build=build,
        environment=_environment(place.settings, place.secrets),
        backups=_backups(place.settings.get("STONEHAND_BACKUP_DIR", "")),
        services=services,
    )


def _roles() -> Sequence[Role]:
    """Two workers: what takes long must not keep what is short waiting."""
    web, scheduler, worker = roles(split=False)
    heavy = Role("worker-writing", "worker --queue analysis,generation --concurrency 1", "analyses and writes")
    return [web, scheduler, worker, heavy]


def _environment(settings: Mapping[str, str], secrets: Sequence[str]) -> str:
    """Settings with their values, secrets handed on from .env by name."""
    harmless = [f'    {name}: "{_escaped(value)}"' for name, value in settings.items() if name not in INSIDE]
    known = (*INSIDE, "STONEHAND_VAULT_KEYS")
    handed = [f"    {name}: ${{{name}:?write it into .env}}" for name in secrets if name not in known]
    return "".join(f"{line}\n" for line in [*harmless, *handed])


def _backups(folder: str) -> str:
    """The folder of backups is one of the host, so that they outlive the containers, which cannot write elsewhere."""
    return f', "{_escaped(folder)}:{_escaped(folder)}"' if folder else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")


def _service(place: Installation, role: Role) -> str:
    words = ", ".join(f'"{word}"' for word in _command(role).split())
    lines = [f"  {role.name}:", "    <<: *stonehand", f"    command: [{words}]"]
    if role.name == "web":
        lines += ["    environment:", "      <<: *environment", "      STONEHAND_HOST: 0.0.0.0"]
        lines += [f'    ports: ["127.0.0.1:{place.port or 8000}:8000"]']
    health = HEALTH[role.name.partition("-")[0]]
    lines += ["    healthcheck:", f"      test: {health}", "      interval: 60s", "      timeout: 20s"]
    lines += ["      start_period: 90s", "      retries: 3"]
    return "\n".join([*lines, ""])


def _command(role: Role) -> str:
    return f"{role.arguments} --port 8000" if role.name == "web" else role.arguments
