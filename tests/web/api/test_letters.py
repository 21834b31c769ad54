"""Letters at the API, and the door for mail services."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from stonehand import config
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.sources.letters import guarding, queries, signatures
from stonehand.sources.letters.models import Letter
from tests.sources.letters.writing import letter
from tests.web.api.conftest import As

pytestmark = pytest.mark.usefixtures("pipeline")
SECRET = "four blue teapots sing"
NEWS = "https://news.example"
NOTE = f"Budget passes\n{NEWS}/budget\n"
SENT = {"from": "Post <post@post.example>", "subject": "Today", "Message-Id": "<1@p>"}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_MAIL_IN_SECRET", SECRET)
    config.settings.cache_clear()


def raw(number: int = 1) -> bytes:
    return letter(NOTE, Message_ID=f"<{number}@p>").as_bytes()


def signed(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    return {signatures.HEADER: signatures.sign(secret, body, int(time.time() if at is None else at))}


def basic(password: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"any:{password}".encode()).decode()}


def mailgun(token: str, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(SECRET.encode(), (stamp + token).encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": token, "signature": digest}


def named(database: Database) -> list[str | None]:
    run_all(database, queues=("email",))
    with database.read() as session:
        ids = list(session.scalars(sa.select(Letter.id)))
        return [each.url for each in queries.fates(session, ids)]


def test_a_raw_letter_is_taken_in_and_read(client: TestClient, database: Database) -> None:
    body = raw()
    headers = signed(body) | {"Content-Type": "message/rfc822"}
    began = time.monotonic()
    answer = client.post("/api/v1/mail-in", content=body, headers=headers)
    assert time.monotonic() - began < 10
    assert answer.status_code == 202, answer.text
    assert answer.json()["is_new"]
    assert answer.json()["job_id"]
    again = client.post("/api/v1/mail-in", content=body, headers=headers).json()
    assert again == {"letter_id": answer.json()["letter_id"], "is_new": False, "job_id": None}
    assert named(database) == [f"{NEWS}/budget"]


JSONS: dict[str, dict[str, Any]] = {
    "raw": {"raw": raw().decode()},
    "raw in base64": {"raw": base64.b64encode(raw()).decode()},
    "postmark raw": {"From": "x", "RawEmail": raw().decode()},
    "postmark": {
        "FromFull": {"Name": "Post", "Email": "post@post.example"},
        "Subject": "Today",
        "TextBody": NOTE,
        "Headers": [{"Name": "Message-ID", "Value": "<1@p>"}],
        "Attachments": [
            {"Name": "a.txt", "Content": base64.b64encode(b"A text.").decode(), "ContentType": "text/plain"}
        ],
    },
    "cloudmailin": {"headers": {"from": "post@post.example", "message_id": "<1@p>"}, "plain": NOTE, "attachments": []},
    "by name": {"sender": "post@post.example", "html": f"<h2><a href='{NEWS}/budget'>Budget passes</a></h2>"},
    "within": {"data": {"from": "a@b.example", "text": NOTE}},
}


@pytest.mark.parametrize("name", JSONS)
def test_the_json_of_mail_services(name: str, client: TestClient, database: Database) -> None:
    body = json.dumps(JSONS[name]).encode()
    for _ in range(2):
        headers = signed(body) | {"Content-Type": "application/json"}
        assert client.post("/api/v1/mail-in", content=body, headers=headers).status_code == 202
    found = named(database)
    assert found[0] == f"{NEWS}/budget"
    assert len(found) == 1 + (name == "postmark")


FORMS: dict[str, tuple[dict[str, str], dict[str, Any] | None]] = {
    "sendgrid raw": ({"email": raw().decode()}, None),
    "sendgrid": ({"from": "a@b.example", "subject": "x", "text": NOTE, "headers": "Message-ID: <1@p>\nX: y"}, None),
    "mailgun raw": ({"body-mime": raw().decode()}, None),
    "mailgun": (
        SENT | {"body-plain": NOTE, "message-headers": "[]"},
        {"attachment-1": ("a.txt", b"A text.", "text/plain")},
    ),
    "a file": ({}, {"message": ("a.eml", raw(), "message/rfc822")}),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_of_mail_services(name: str, client: TestClient, database: Database) -> None:
    fields, files = FORMS[name]
    for _ in range(2):
        answer = client.post("/api/v1/mail-in", data=fields, files=files, headers=basic())
        assert answer.status_code == 202, answer.text
    found = named(database)
    assert found[0] == f"{NEWS}/budget"
    assert len(found) == 1 + (name == "mailgun")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {signatures.HEADER: "v1=nonsense"},
        {signatures.HEADER: f"t=12,v1={'0' * 64}"},
        signed(b"another body"),
        signed(raw(), secret="another secret, and long"),
        signed(raw(), at=time.time() - 400),
        signed(raw(), at=time.time() + 4000),
        basic(""),
        basic("four blue teapots"),
        {"Authorization": "Basic !!!"},
    ],
)
def test_who_cannot_sign_hands_nothing_in(headers: dict[str, str], client: TestClient, database: Database) -> None:
    answer = client.post("/api/v1/mail-in", content=raw(), headers=headers | {"Content-Type": "message/rfc822"})
    assert answer.status_code == 403
    assert SECRET not in answer.text
    with database.read() as session:
        assert queries.counts(session) == {}


def test_a_token_of_mailgun_is_good_for_one_letter(client: TestClient, database: Database) -> None:
    proof = mailgun("abc")
    assert client.post("/api/v1/mail-in", data=proof | {"body-mime": raw(1).decode()}).status_code == 202
    assert client.post("/api/v1/mail-in", data=proof | {"body-mime": raw(1).decode()}).status_code == 202
    answer = client.post("/api/v1/mail-in", data=proof | {"body-mime": raw(2).decode().replace("budget", "other")})
    assert answer.status_code == 403
    assert "used for another letter" in answer.json()["detail"]
    old = mailgun("def", time.time() - 1000) | {"body-mime": raw(3).decode()}
    assert client.post("/api/v1/mail-in", data=old).status_code == 403
    with database.read() as session:
        assert queries.counts(session) == {"new": 1}


def test_without_a_secret_the_door_is_shut(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in ("", "short"):
        monkeypatch.setenv("STONEHAND_MAIL_IN_SECRET", secret)
        config.settings.cache_clear()
        answer = client.post("/api/v1/mail-in", content=raw(), headers=basic(secret))
        assert answer.status_code == 403
        assert "STONEHAND_MAIL_IN_SECRET" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"x" * (guarding.LARGEST + 1), "message/rfc822", 413),
        (b"x" * (17 * 1024 * 1024), "message/rfc822", 413),
        (b"no letter", "message/rfc822", 422),
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"subject": "nothing else"}', "application/json", 422),
        (b'{"text": "a\\u0000b"}', "application/json", 202),
        (b"--b\r\n", "multipart/form-data; boundary=b", 422),
        (b"", "", 422),
    ],
)
def test_bad_deliveries_are_refused_in_words(body: bytes, media_type: str, status: int, client: TestClient) -> None:
    answer = client.post("/api/v1/mail-in", content=body, headers=signed(body) | {"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    assert status == 202 or answer.json()["detail"]


def test_files_are_handed_in_and_shown(as_: As, database: Database) -> None:
    editor = as_("editor")
    files = [
        ("files", (name, body, "message/rfc822"))
        for name, body in (("a.eml", raw(1)), ("b.eml", b"\x89PNG"), ("c.eml", raw(1)))
    ]
    answer = editor.post("/api/v1/letters", files=files)
    assert answer.status_code == 202
    first, second, third = answer.json()["items"]
    assert first["is_new"]
    assert "no letter" in second["error"]
    assert (third["letter_id"], third["is_new"]) == (first["letter_id"], False)
    run_all(database, queues=("email",))
    shown = as_("viewer").get(f"/api/v1/letters/{first['letter_id']}").json()
    assert (shown["state"], shown["subject"]) == ("read", "Today")
    assert [(each["url"], each["state"]) for each in shown["items"]] == [(f"{NEWS}/budget", "new")]
    assert [each["id"] for each in editor.get("/api/v1/letters?state=read").json()["items"]] == [first["letter_id"]]
    assert editor.get("/api/v1/letters?state=unreadable").json()["items"] == []
    assert editor.get(f"/api/v1/letters/{first['letter_id']}/raw").content == raw(1)
    assert editor.post(f"/api/v1/letters/{first['letter_id']}/read").status_code == 202
    assert editor.delete(f"/api/v1/letters/{first['letter_id']}").status_code == 204
    assert editor.get(f"/api/v1/letters/{first['letter_id']}").status_code == 404


def test_a_letter_may_hold_any_byte(as_: As) -> None:
    body = b"From: a@b.example\r\nSubject: x\r\n\r\n" + bytes(range(256))
    answer = as_("editor").post("/api/v1/letters", files=[("files", ("a.eml", body, "message/rfc822"))])
    assert answer.json()["items"][0]["is_new"]
