"""Traces by OpenTelemetry, if they are wanted: spans of requests, jobs, statements and outgoing requests.

A trace goes on in the jobs that were asked for inside it: their rows carry its W3C `traceparent`. Unless an address for
traces is set, nothing of OpenTelemetry is loaded, and `span` and `current` do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from stonehand import __version__, config

Kind = Literal["internal", "server", "client", "consumer"]
DELAY = 1000  # milliseconds until spans are sent: processes of a worker's pool end without a word
LONGEST = 1000  # characters of a statement; its parameters are never in it


class Spot:
    """A span that goes on."""

    def __init__(self, inner: Any = None) -> None:
        self._inner = inner

    def rename(self, name: str, **facts: str | int) -> None:
        """Say what it turned out to be."""
        if self._inner is not None:
            self._inner.update_name(name)
            self._inner.set_attributes(facts)


_tracer: Any = None
_NOTHING = nullcontext(Spot())


def start() -> None:
    """Send traces from now on, if the settings say where to. Raises `SettingUnusable` if the extra is not installed."""
    endpoint = config.settings().otel_endpoint
    if not endpoint or _tracer is not None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise config.SettingUnusable(
            f"{config.PREFIX}OTEL_ENDPOINT is set, but OpenTelemetry is not installed: pip install 'stonehand[otel]'"
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "stonehand", "service.version": __version__}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=DELAY))
    use(provider)


def use(provider: Any) -> None:
    """Make spans by this provider; None stops it."""
    global _tracer  # noqa: PLW0603  one tracer a process
    _tracer = provider.get_tracer("stonehand", __version__) if provider is not None else None
    for name, deed in _STATEMENTS.items():
        known = sa.event.contains(Engine, name, deed)
        if _tracer is not None and not known:
            sa.event.listen(Engine, name, deed)
        elif _tracer is None and known:
            sa.event.remove(Engine, name, deed)


def span(
    name: str, kind: Kind = "internal", parent: str | None = None, **facts: str | int
) -> AbstractContextManager[Spot]:
    """A span, below `parent` (a `traceparent`) if one is given, else below the present one."""
    return _NOTHING if _tracer is None else _started(name, kind, parent, facts)


def current() -> str | None:
    """The `traceparent` of the present span, if there is one."""
    if _tracer is None:
        return None
    carrier: dict[str, str] = {}
    _propagator().inject(carrier)
    return carrier.get("traceparent")


def trace_of(traceparent: str | None) -> str | None:
    """The id of the trace, which logs carry."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 else None


@contextmanager
def _started(name: str, kind: Kind, parent: str | None, facts: dict[str, str | int]) -> Iterator[Spot]:
    from opentelemetry import trace  # noqa: PLC0415

    context = _propagator().extract({"traceparent": parent}) if parent else None
    # An error's message may hold what a trace must not: only its kind is told.
    quiet = {"record_exception": False, "set_status_on_exception": False}
    kind_ = trace.SpanKind[kind.upper()]
    with _tracer.start_as_current_span(name, context=context, kind=kind_, attributes=facts, **quiet) as inner:
        try:
            yield Spot(inner)
        except BaseException as error:
            inner.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def _propagator() -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    return TraceContextTextMapPropagator()


def _before(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    from opentelemetry import trace  # noqa: PLC0415

    if not trace.get_current_span().is_recording():
        return  # what goes on by itself every second makes no traces
    facts = {"db.system": connection.dialect.name, "db.statement": statement[:LONGEST]}
    name = statement.split(maxsplit=1)[0].upper() if statement.strip() else "SQL"
    inner = _tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=facts)
    connection.info.setdefault("spans", []).append(inner)


def _after(connection: Any, *_: Any) -> None:
    spans = connection.info.get("spans")
    if spans:
        spans.pop().end()


def _failed(context: Any) -> None:
    if context.connection is not None:
        _after(context.connection)


_STATEMENTS: dict[str, Callable[..., Any]] = {
    "before_cursor_execute": _before,
    "after_cursor_execute": _after,
    "handle_error": _failed,
}
