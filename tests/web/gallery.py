"""The desk's pages at their real addresses, filled with the made-up views."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import HTMLResponse

from stonehand.accounts.permissions import Person, granted
from stonehand.errors import Unavailable
from stonehand.web import deps, rendering, stream
from stonehand.web.app import create_app
from stonehand.web.deps import Public
from stonehand.web.pages.parts import BLANK, Chrome, Field, Status
from tests.web import (
    agent_samples,
    calendar_samples,
    channel_samples,
    comment_samples,
    curation_samples,
    gate_samples,
    letter_samples,
    library_samples,
    limit_samples,
    model_samples,
    platform_samples,
    post_samples,
    prompt_samples,
    reader_samples,
    rubric_samples,
    samples,
    schedule_samples,
    trend_samples,
)

ADA = Person("u1", "mira@newsroom.example", "Mira Osei", "admin", granted("admin"))
PAGES: dict[str, tuple[str, object]] = {
    "/": ("today/index.html", samples.TODAY),
    "/stories": ("stories/index.html", samples.STORY_LIST),
    "/stories/one": ("stories/story.html", samples.STORY),
    "/trends": ("trends/index.html", trend_samples.BOARD),
    "/trends/one": ("trends/trend.html", trend_samples.TREND),
    "/library": ("library/index.html", library_samples.LIBRARY),
    "/library/wrong": ("library/index.html", library_samples.WRONG),
    "/articles/one": ("articles/article.html", replace(samples.ARTICLE, insight=rubric_samples.INSIGHT)),
    "/rubrics": ("rubrics/index.html", rubric_samples.RUBRICS),
    "/rubrics/new": ("rubrics/new.html", rubric_samples.NEW),
    "/rubrics/new/wrong": ("rubrics/new.html", rubric_samples.NEW_WRONG),
    "/rubrics/one": ("rubrics/rubric.html", rubric_samples.RUBRIC),
    "/rubrics/trials/one": ("rubrics/trial.html", rubric_samples.TRIAL),
    "/rubrics/trials/two": ("rubrics/trial.html", rubric_samples.RUNNING),
    "/prompts": ("prompts/index.html", prompt_samples.PROMPTS),
    "/prompts/one": ("prompts/prompt.html", prompt_samples.PROMPT),
    "/prompts/one/compared": ("prompts/prompt.html", prompt_samples.COMPARED),
    "/prompts/rehearsals/one": ("prompts/rehearsal.html", prompt_samples.REHEARSAL),
    "/prompts/rehearsals/two": ("prompts/rehearsal.html", prompt_samples.RUNNING),
    "/articles/read": ("articles/article.html", replace(samples.ARTICLE, reader=reader_samples.BOX)),
    "/for-you": ("for_you/index.html", reader_samples.FOR_YOU),
    "/for-you/empty": ("for_you/index.html", reader_samples.FOR_YOU_EMPTY),
    "/for-you/popular": ("for_you/index.html", reader_samples.POPULAR),
    "/for-you/preferences": ("for_you/preferences.html", reader_samples.PREFERENCES),
    "/for-you/assessment": ("for_you/assessment.html", reader_samples.ASSESSMENT),
    "/for-you/progress": ("for_you/progress.html", reader_samples.PROGRESS),
    "/for-you/digests": ("for_you/digests.html", reader_samples.DIGESTS),
    "/curate": ("curations/index.html", curation_samples.CURATE),
    "/curate/one": ("curations/curation.html", curation_samples.CURATION),
    "/curate/one/compare": ("curations/compare.html", curation_samples.SIDE),
    "/curate/one/moved": ("curations/compare.html", curation_samples.MOVED),
    "/curate/weights": ("curations/weights.html", curation_samples.WEIGHTS_PAGE),
    "/agents": ("agents/index.html", agent_samples.AGENTS),
    "/agents/none": ("agents/index.html", agent_samples.NONE),
    "/agents/one": ("agents/agent.html", agent_samples.AGENT),
    "/agents/two": ("agents/agent.html", agent_samples.BLOCKED),
    "/agents/new": ("agents/form.html", agent_samples.FORM),
    "/reports": ("reports/index.html", curation_samples.REPORTS),
    "/reports/one": ("reports/report.html", curation_samples.REPORT),
    "/reports/articles/one": ("reports/article.html", curation_samples.ANALYTICS),
    "/posts": ("posts/index.html", post_samples.POSTS),
    "/posts/none": ("posts/index.html", post_samples.EMPTY),
    "/posts/new": ("posts/new.html", post_samples.NEW),
    "/posts/one": ("posts/editor.html", post_samples.EDITOR),
    "/posts/two": ("posts/editor.html", post_samples.CONFLICT),
    "/posts/out": ("posts/editor.html", post_samples.SHOWN),
    "/posts/one/versions": ("posts/versions.html", post_samples.VERSIONS),
    "/posts/two/versions": ("posts/versions.html", post_samples.ALONE),
    "/review": ("reviews/index.html", samples.QUEUE),
    "/review/one": ("reviews/review.html", samples.REVIEW),
    "/review/many": ("reviews/index.html", gate_samples.QUEUE),
    "/review/beside": ("reviews/review.html", gate_samples.REVIEW),
    "/review/bulk/one": ("reviews/bulk.html", gate_samples.BULK),
    "/publications": ("publications/index.html", gate_samples.PUBLICATIONS),
    "/publications/one": ("publications/publication.html", gate_samples.PUBLICATION),
    "/policies": ("policies/index.html", gate_samples.POLICIES),
    "/calendar": ("calendar/index.html", calendar_samples.MONTH),
    "/calendar/week": ("calendar/index.html", calendar_samples.WEEKS),
    "/calendar/list": ("calendar/index.html", calendar_samples.LISTED),
    "/jobs": ("jobs/index.html", samples.JOBS),
    "/jobs/dead": ("jobs/dead.html", samples.DEAD),
    "/jobs/dead/one": ("jobs/dead_group.html", samples.DEAD_GROUP),
    "/jobs/queues": ("jobs/queues.html", samples.QUEUES),
    "/jobs/bulk": ("jobs/bulk.html", samples.BULK),
    "/jobs/new": ("jobs/new.html", samples.NEW_JOB),
    "/jobs/one": ("jobs/job.html", samples.JOB),
    "/schedules": ("schedules/index.html", schedule_samples.SCHEDULES),
    "/schedules/one": ("schedules/schedule.html", schedule_samples.SCHEDULE),
    "/limits": ("limits/index.html", limit_samples.LIMITS),
    "/sources": ("sources/index.html", samples.SOURCES),
    "/sources/letters": ("letters/index.html", letter_samples.LETTERS),
    "/sources/letters/one": ("letters/letter.html", letter_samples.LETTER),
    "/sources/one": ("sources/source.html", samples.SOURCE),
    "/sources/two": ("sources/source.html", samples.OVERRULED),
    "/models": ("models/index.html", model_samples.MODELS),
    "/models/wrong": ("models/index.html", model_samples.WRONG),
    "/models/m2/edit": ("models/edit.html", model_samples.FORM),
    "/usage": ("models/usage.html", model_samples.USAGE),
    "/usage/nothing": ("models/usage.html", model_samples.NOTHING),
    "/channels": ("channels/index.html", samples.CHANNELS),
    "/channels/add/ghost": ("channels/form.html", channel_samples.AWAY),
    "/channels/add/git": ("channels/form.html", channel_samples.LONG),
    "/channels/add/webhook": ("channels/form.html", channel_samples.WRONG),
    "/platforms": ("platforms/index.html", platform_samples.PLATFORMS),
    "/platforms/empty": ("platforms/index.html", platform_samples.EMPTY),
    "/platforms/wrong": ("platforms/index.html", platform_samples.WRONG),
    "/platforms/p1/opt-outs": ("platforms/opt_outs.html", platform_samples.OPT_OUTS),
    "/platforms/p2/opt-outs": ("platforms/opt_outs.html", platform_samples.NO_OPT_OUTS),
    "/platforms/p1/edit": ("platforms/edit.html", platform_samples.EDIT),
    "/comments": ("comments/index.html", comment_samples.PROCESSES),
    "/comments/none": ("comments/index.html", comment_samples.NO_PROCESS),
    "/comments/nowhere": ("comments/index.html", comment_samples.NO_PLATFORM),
    "/comments/new": ("comments/form.html", comment_samples.FORM),
    "/comments/processes/one": ("comments/process.html", comment_samples.BOARD),
    "/comments/processes/three": ("comments/process.html", comment_samples.BARE),
    "/comments/processes/three/edit": ("comments/form.html", comment_samples.UNFIT),
    "/comments/processes/one/replace": ("comments/replace.html", comment_samples.REPLACING),
    "/comments/processes/one/replaced": ("comments/replace.html", comment_samples.REPLACED),
    "/comments/processes/one/replace/wrong": ("comments/replace.html", comment_samples.NOTHING_TO_REPLACE),
    "/comments/c1": ("comments/comment.html", comment_samples.COMMENT),
    "/comments/c2": ("comments/comment.html", comment_samples.FAILED),
    "/comments/c3": ("comments/comment.html", comment_samples.SENT),
    "/comments/c5": ("comments/comment.html", comment_samples.DOUBT),
    "/channels/one/edit": ("channels/form.html", channel_samples.CHANGED),
    "/account": ("accounts/account.html", samples.ACCOUNT),
    "/users": ("accounts/users.html", samples.PEOPLE),
    "/audit": ("accounts/audit.html", samples.AUDIT),
    "/empty": ("today/index.html", samples.TODAY_EMPTY),
}
DOORS: dict[str, tuple[str, object]] = {
    "/unsubscribe/secret": ("for_you/unsubscribe.html", reader_samples.UNSUBSCRIBE),
    "/unsubscribe/over": ("for_you/unsubscribe.html", reader_samples.UNSUBSCRIBED),
    "/sign-in": (
        "accounts/sign_in.html",
        SimpleNamespace(
            next="/jobs", email=Field("mira@newsroom.example"), password=BLANK, error="E-mail or password is not right."
        ),
    ),
    "/setup": (
        "accounts/setup.html",
        SimpleNamespace(
            secret="s", name=BLANK, email=BLANK, password=Field("", "Use at least 10 characters."), error=""
        ),
    ),
}


class SignedIn(Public):
    """Lets the made-up administrator in, to everything."""

    async def __call__(self, request: Request) -> Person:
        request.state.person = ADA
        return ADA


def _show(router: APIRouter, path: str, template: str, view: object, *, signed_in: bool) -> None:
    signed = gate_samples.STOPPED if path == "/policies" else samples.CHROME
    chrome = signed if signed_in else Chrome(Status(""))

    def show(request: Request) -> HTMLResponse:
        return rendering.page(request, template, view, chrome)

    router.add_api_route(path, show, dependencies=[Depends(SignedIn() if signed_in else Public())])


class Still(stream.Hub):
    """For pages that are made up: nothing ever changes, and no database is looked at."""

    def _ensure_watcher(self) -> None:
        self._loop = asyncio.get_running_loop()


def _reader() -> Any:
    return deps.requires("read").dependency


def app() -> FastAPI:
    router = APIRouter()
    for path, (template, view) in PAGES.items():
        _show(router, path, template, view, signed_in=True)
    for path, (template, view) in DOORS.items():
        _show(router, path, template, view, signed_in=False)

    def preview(request: Request) -> HTMLResponse:
        request.state.is_strange = True
        return HTMLResponse(
            "<!doctype html><html lang=en><title>Preview</title><style>p{margin:2rem}</style><p>The post."
        )

    router.add_api_route("/posts/{post_id}/preview", preview, dependencies=[Depends(SignedIn())])

    def away() -> Any:
        raise Unavailable("the database did not answer: the disk is full; free some space, work then goes on", 5)

    router.add_api_route("/away", away, dependencies=[Depends(Public())])
    made = create_app((router,))
    made.include_router(stream.router)
    made.dependency_overrides[_reader()] = lambda: ADA
    made.state.hub = Still()
    return made


@contextlib.contextmanager
def served(application: FastAPI) -> Iterator[str]:
    """The application on a loopback port, in a thread; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", timeout_graceful_shutdown=3))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
