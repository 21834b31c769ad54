"""Coming in and going out, one's tokens and password, and people for administrators."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand.accounts import doors, entering, queries
from stonehand.accounts.errors import SignInRefused
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from tests.web.api.conftest import PASSWORD
from tests.web.pages.browsing import Browser, words
from tests.web.pages.conftest import Visit


@pytest.fixture
def stranger(database: Database, app: FastAPI) -> Browser:
    """Somebody who has not signed in."""
    browser = Browser(TestClient(app, raise_server_exceptions=False), "")
    browser.client.cookies.clear()
    return browser


def setup_link(database: Database) -> str:
    with database.transaction() as session:
        return entering.make_setup_link(session)


def test_the_setup_link_makes_the_first_administrator_and_lets_them_in(database: Database, stranger: Browser) -> None:
    secret = setup_link(database)
    assert f'value="{secret}"' in stranger.go(f"/setup?key={secret}")
    answer = stranger.answer("/setup", secret=secret, name="Ada", email="ada@example.org", password=PASSWORD)
    assert str(answer.url.path) == "/"
    assert "Welcome, Ada." in words(answer.text)
    with database.read() as session:
        assert [(user.name, user.role) for user in queries.users(session)] == [("Ada", "admin")]
    assert stranger.client.get(f"/setup?key={secret}", follow_redirects=False).headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"email": "nonsense"}, "E-mail"),
        ({"name": "  "}, "The name is empty"),
    ],
)
def test_a_form_that_does_not_fit_keeps_what_was_typed(
    database: Database, stranger: Browser, changes: dict[str, str], complaint: str
) -> None:
    secret = setup_link(database)
    stranger.go(f"/setup?key={secret}")
    typed = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    page = stranger.send("/setup", 422, secret=secret, **(typed | changes))
    assert complaint in page
    assert page.count("aria-invalid") == 1
    assert ("Ada" in page) == ("name" not in changes)
    assert PASSWORD not in page
    with database.read() as session:
        assert queries.setup_needed(session)


def test_a_wrong_setup_link_says_how_to_get_another(stranger: Browser) -> None:
    assert "restart Stonehand for a new one" in words(stranger.go("/setup?key=guess", 422))


@pytest.mark.parametrize("path", ["/", "/stories", "/stories/x?q=1", "/review", "/account", "/users", "/audit"])
def test_strangers_are_sent_to_the_door_and_on_from_there(
    stranger: Browser, people: dict[str, Person], path: str
) -> None:
    sent = stranger.client.get(path, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/sign-in?next=/")
    page = stranger.go(sent.headers["location"])
    assert f'name="next" value="{path}"' in page


def test_signing_in_leads_on_and_out_again(stranger: Browser, people: dict[str, Person]) -> None:
    stranger.go("/sign-in?next=/stories")
    answer = stranger.answer("/sign-in", email="Viewer@example.org", password=PASSWORD, next="/stories")
    assert answer.url.path == "/stories"
    [cookie] = [each for each in answer.history[0].headers.get_list("set-cookie") if "stonehand_session" in each]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "/users" not in stranger.page
    answer = stranger.answer("/sign-out")
    assert answer.url.path == "/sign-in"
    assert "You are signed out." in answer.text
    assert stranger.client.get("/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_the_door_never_leads_to_another_site(stranger: Browser, people: dict[str, Person], target: str) -> None:
    assert 'name="next" value="/"' in stranger.go(f"/sign-in?next={target}")
    answer = stranger.answer("/sign-in", email="viewer@example.org", password=PASSWORD, next=target)
    assert answer.history[0].headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_account_read_the_same(stranger: Browser, people: dict[str, Person]) -> None:
    stranger.go("/sign-in")
    wrong = stranger.send("/sign-in", 401, email="viewer@example.org", password="not this one")
    unknown = stranger.send("/sign-in", 401, email="nobody@example.org", password="not this one")
    assert "E-mail and password do not belong together." in wrong
    assert words(wrong).replace("viewer@", "") == words(unknown).replace("nobody@", "")
    assert "not this one" not in wrong


def test_who_tries_too_often_has_to_wait(stranger: Browser, people: dict[str, Person]) -> None:
    stranger.go("/sign-in")
    answers = [stranger.answer("/sign-in", email="viewer@example.org", password="no") for _ in range(7)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Too many attempts to sign in; wait" in words(answers[-1].text)


def test_a_form_without_its_token_is_refused(stranger: Browser, people: dict[str, Person]) -> None:
    stranger.go("/sign-in")
    answer = stranger.client.post("/sign-in", data={"email": "viewer@example.org", "password": PASSWORD})
    assert answer.status_code == 403


def test_a_token_is_shown_once_and_can_be_revoked(visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/account")
    page = editor.send("/account/tokens", name="Night script", scope=["read", "edit"], days="30")
    found = re.search(r'class="secret">([^<]+)<', page)
    assert found
    header = {"Authorization": f"Bearer {found[1]}"}
    assert TestClient(editor.client.app).get("/api/v1/auth/me", headers=header).json()["permissions"] == [
        "read",
        "edit",
    ]
    page = editor.go("/account")
    assert found[1] not in page
    assert "Night script" in page
    token = re.search(r"/account/tokens/([^/]+)/revoke", page)
    assert token
    assert "Revoked" in words(editor.send(f"/account/tokens/{token[1]}/revoke"))
    assert TestClient(editor.client.app).get("/api/v1/auth/me", headers=header).status_code == 401


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": "", "scope": ["read"]}, "the name is empty"),
        ({"name": "x", "scope": []}, "at least one scope"),
        ({"name": "x", "scope": ["read"], "days": "9999"}, "1 to 366 days"),
        ({"name": "x", "scope": ["read"], "days": "soon"}, "1 to 366 days"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(visit: Visit, fields: dict[str, object], complaint: str) -> None:
    viewer = visit("viewer")
    viewer.go("/account")
    assert complaint in viewer.send("/account/tokens", 422, **fields)


def test_a_token_cannot_do_more_than_its_owner(visit: Visit) -> None:
    viewer = visit("viewer")
    viewer.go("/account")
    viewer.send("/account/tokens", 403, name="x", scope=["admin"])


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(database: Database, visit: Visit) -> None:
    here, elsewhere = visit("editor"), visit("editor")
    here.go("/account")
    assert "is not right" in here.send("/account/password", 422, current="wrong one", password="nine brown herons")
    assert "at least 10" in here.send("/account/password", 422, current=PASSWORD, password="short")
    assert "Your password is changed" in here.send("/account/password", current=PASSWORD, password="nine brown herons")
    assert elsewhere.client.get("/account", follow_redirects=False).status_code == 303
    with pytest.raises(SignInRefused):
        doors.sign_in(database, "editor@example.org", PASSWORD, "testclient")


def test_an_administrator_adds_changes_and_closes(database: Database, visit: Visit) -> None:
    admin = visit("admin")
    admin.go("/users")
    page = admin.send("/users", name="Noor", email="noor@example.org", password="six green gulls", role="editor")
    assert "Noor can sign in now." in page
    with database.read() as session:
        noor = queries.user_by_email(session, "noor@example.org")
    assert noor
    assert "Noor is publisher now." in admin.send(f"/users/{noor.id}/role", role="publisher")
    page = admin.send(f"/users/{noor.id}/deactivate")
    assert "Noor can no longer sign in." in page
    assert f'action="/users/{noor.id}/activate"' in page
    with pytest.raises(SignInRefused):
        doors.sign_in(database, "noor@example.org", "six green gulls", "testclient")
    admin.send(f"/users/{noor.id}/activate")
    assert doors.sign_in(database, "noor@example.org", "six green gulls", "testclient").person.role == "publisher"
    log = words(admin.go("/audit"))
    for deed in ("added", "set role", "deactivated", "activated"):
        assert deed in log


def test_a_user_who_cannot_be_added_keeps_what_was_typed(visit: Visit) -> None:
    admin = visit("admin")
    admin.go("/users")
    fields = {"name": "Noor", "email": "viewer@example.org", "password": "six green gulls", "role": "editor"}
    page = admin.send("/users", 409, **fields)
    assert "has an account already" in page
    assert 'value="Noor"' in page
    assert "<option selected>editor" in page


def test_the_last_administrator_stays(visit: Visit, people: dict[str, Person]) -> None:
    admin = visit("admin")
    admin.go("/users")
    assert "only administrator" in admin.send(f"/users/{people['admin'].id}/role", 409, role="viewer")


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher"])
def test_people_and_the_audit_log_are_for_administrators(visit: Visit, people: dict[str, Person], role: str) -> None:
    somebody = visit(role)
    somebody.go("/account")
    for path in ("/users", "/audit"):
        somebody.go(path, 403)
    somebody.go("/account")
    somebody.send(f"/users/{people['viewer'].id}/role", 403, role="admin")


def test_the_audit_log_goes_on_in_parts(database: Database, visit: Visit, people: dict[str, Person]) -> None:
    from stonehand.accounts import service

    with database.transaction() as session:
        for number in range(60):
            service.record(session, people["admin"], "tried", "source", "s", {"number": number, "password": "hunter2"})
    admin = visit("admin")
    page = admin.go("/audit")
    assert "number: 59" in page
    assert "number: 5<" not in page
    assert "hunter2" not in page
    older = re.search(r'href="(/audit\?before=[^"]+)" rel="next"', page)
    assert older
    assert "number: 5," in admin.go(older[1])
