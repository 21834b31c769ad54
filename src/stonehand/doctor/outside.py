"""The servers beside us: whether the broker answers and keeps what it is given, and whether Qdrant answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from stonehand import config
from stonehand.doctor.findings import Verdict, fine, problem, warning
from stonehand.jobs.broker import brokers, engine
from stonehand.jobs.errors import BrokerUnreachable
from stonehand.nlp import embedding
from stonehand.vectors import qdrant
from stonehand.vectors.errors import IndexRefused, IndexUnavailable

KEEPS = "noeviction"
HERE = ("localhost", "127.0.0.1")
ALMOST = 0.9  # of its memory
MANY_BELLS = 5000
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # what OpenSSL says


def broker() -> list[Verdict]:
    """Whether it answers; a Redis must not throw away what it holds."""
    try:
        address = engine.reach(3.0)
    except BrokerUnreachable as error:
        return [
            problem(f"{str(error).rstrip('. ')}.", _whom_to_trust() if UNTRUSTED in str(error) else _how_to_start())
        ]
    if address.startswith("filesystem"):
        return _spool()
    return _redis(address) if brokers.is_redis() else fine(f"{address} answers.")


def _whom_to_trust() -> str:
    scheme = config.settings().broker.partition(":")[0]
    return (
        f"name whoever signed its certificate: CELERY_BROKER_URL={scheme}://HOST:PORT/0?ssl_ca_certs=/etc/ca.pem, "
        "and see that the certificate is of today and of this host name"
    )


def _how_to_start() -> str:
    scheme = config.settings().broker.partition(":")[0]
    if scheme.startswith("redis") or scheme == "sentinel":
        return f"start it and see it answer: systemctl start redis-server; {_cli()} ping (or correct CELERY_BROKER_URL)"
    if scheme.startswith(("amqp", "pyamqp")):
        return "start it: systemctl start rabbitmq-server; rabbitmqctl status (or correct CELERY_BROKER_URL)"
    return "correct CELERY_BROKER_URL"


def _cli() -> str:
    """How this very server is spoken to: without its port, another one on this machine would be told."""
    broker = config.settings().broker
    if ";" in broker or broker.startswith("sentinel"):
        return "redis-cli -h HOST -p PORT"
    found = urlsplit(broker)
    words = ["redis-cli", *(["-h", found.hostname] if found.hostname not in (None, *HERE) else [])]
    words += ["-p", str(found.port)] if found.port not in (None, 6379) else []
    words += ["--tls"] if found.scheme == "rediss" else []
    return " ".join([*words, *(["--askpass"] if found.password else [])])


def _spool() -> list[Verdict]:
    folder = config.settings().data_dir / "spool" / "bells"
    waiting = sum(1 for _ in folder.glob("*.msg")) if folder.exists() else 0
    if waiting > MANY_BELLS:
        return [warning(f"{waiting} bells lie in {folder} and nobody hears them.", "stonehand worker")]
    return fine("The built-in broker answers; it is for one machine.")


def _redis(address: str) -> list[Verdict]:
    found = brokers.redis_memory()
    if found.most and found.policy and found.policy != KEEPS:
        return [
            problem(
                f"{address} throws away what it holds when its memory is full (maxmemory-policy {found.policy}): "
                "bells may get lost, and work then waits ten seconds longer.",
                f"{_cli()} config set maxmemory-policy {KEEPS}; and in redis.conf: maxmemory-policy {KEEPS}",
            )
        ]
    if found.most and found.used > found.most * ALMOST:
        words = f"{address} uses {found.used // 2**20} of its {found.most // 2**20} MB."
        return [warning(words, "raise maxmemory in redis.conf, or stonehand purge what nobody needs")]
    if found.policy and found.policy != KEEPS:
        words = f"{address} answers, and would throw away what it holds once maxmemory is set ({found.policy})."
        return [warning(words, f"{_cli()} config set maxmemory-policy {KEEPS}")]
    asked = "" if found.may_ask else "; it does not let us see its maxmemory-policy, which must be noeviction"
    return fine(f"{address} answers{asked}.")


def qdrant_server() -> list[Verdict]:
    """Whether the server of `QDRANT_URL` answers, if one is named. While it does not, this machine's index does."""
    index = qdrant.configured(embedding.name())
    if index is None:
        return fine("None is named; this machine's own index tells what is near.")
    try:
        return fine(f"Qdrant at {index.url} holds {index.count()} vectors.")
    except (IndexUnavailable, IndexRefused) as error:
        words = f"{error}. Until it does, this machine's own index tells what is near."
        return [warning(words, "start it, or correct QDRANT_URL and QDRANT_API_KEY; then: stonehand vectors rebuild")]
