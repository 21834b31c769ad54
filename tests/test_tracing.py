"""One trace leads from a request through every job that followed; and there is none unless somebody wants it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from stonehand import config, db, jobs, log, tracing
from stonehand.db import Database
from stonehand.errors import Rejected
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.web.app import create_app
from stonehand.web.deps import public

SECRET = "a secret of nobody's business"
traces: list[str | None] = []


@jobs.task("tracetest.first", queue="default")
def first(attempt: jobs.Attempt) -> None:
    """Ask for the second."""
    with attempt.finish() as session:
        jobs.enqueue(session, "tracetest.second", {})


@jobs.task("tracetest.second", queue="default", retries=0)
def second(attempt: jobs.Attempt) -> None:
    """End badly."""
    traces.append(log.bound_id("trace"))
    raise Rejected(SECRET)


def ask() -> dict[str, str]:
    """A deed of a person that leads to work."""
    with db.database().transaction() as session:
        jobs.enqueue(session, "tracetest.first", {})
    return {}


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


def client() -> TestClient:
    router = APIRouter()
    router.add_api_route("/ask", ask, dependencies=[public])
    return TestClient(create_app((router,)), raise_server_exceptions=False)


def place(span: ReadableSpan) -> SpanContext:
    found = span.get_span_context()
    assert found is not None
    return found


def hexed(span: ReadableSpan) -> str:
    return f"{place(span).trace_id:032x}"


def test_one_trace_from_the_request_through_two_jobs(database: Database, spans: InMemorySpanExporter) -> None:
    traces.clear()
    assert client().get("/ask").status_code == 200
    run_all(database)
    found = {span.name: span for span in spans.get_finished_spans()}
    request, one, two = found["GET /ask"], found["tracetest.first"], found["tracetest.second"]
    assert hexed(request) == hexed(one) == hexed(two) == traces[0]
    assert two.parent is not None
    assert two.parent.span_id == place(one).span_id
    assert one.parent is not None
    assert one.parent.span_id == place(request).span_id
    statements = [span for span in spans.get_finished_spans() if "db.statement" in (span.attributes or {})]
    assert {span.name for span in statements} >= {"INSERT", "UPDATE"}
    with database.read() as session:
        assert {(row or "").split("-")[1] for row in session.scalars(sa.select(Job.trace))} == {traces[0]}


def test_a_trace_tells_what_went_wrong_and_no_secret(database: Database, spans: InMemorySpanExporter) -> None:
    client().get("/ask")
    run_all(database)
    everything = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "Rejected" in everything
    assert SECRET not in everything


def test_a_callers_trace_goes_on(database: Database, spans: InMemorySpanExporter) -> None:
    theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
    client().get("/ask", headers={"traceparent": f"00-{theirs}-00f067aa0ba902b7-01"})
    run_all(database)
    assert {hexed(span) for span in spans.get_finished_spans()} == {theirs}


def test_work_that_nobody_asked_for_makes_no_spans_of_statements(
    database: Database, spans: InMemorySpanExporter
) -> None:
    run_all(database)
    assert spans.get_finished_spans() == ()


def test_when_it_is_off_nothing_is_made_or_loaded(database: Database) -> None:
    client().get("/ask")
    run_all(database)
    with database.read() as session:
        assert set(session.scalars(sa.select(Job.trace))) == {None}
    code = (
        "import sys\nfrom stonehand import pipeline\nfrom stonehand.web.app import create_app\npipeline.install()\n"
        "create_app()\nassert not [name for name in sys.modules if name.startswith('opentelemetry.sdk')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_wanting_it_without_the_extra_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    config.settings.cache_clear()
    with pytest.raises(config.SettingUnusable, match=r"stonehand\[otel\]"):
        tracing.start()
