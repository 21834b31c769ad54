"""What the page of platforms shows, read from the database."""

from __future__ import annotations

from collections.abc import Mapping

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.comments import caps, optouts
from stonehand.platforms import kinds, queries
from stonehand.platforms.models import Login, LoginState, Platform, Session
from stonehand.web.pages import platform_forms as forms
from stonehand.web.pages.parts import Badge, Field
from stonehand.web.pages.platforms import LoginRow, PlatformEditView, PlatformRow, PlatformsView, PresetChoice, blank
from stonehand.web.words import number, plural

KIND = "form-site"
Wrong = tuple[str, str, str]


def index(
    session: db.Session,
    person: Person,
    form: Mapping[str, Field] | None = None,
    wrong: Wrong | None = None,
) -> PlatformsView:
    """Every platform. `wrong` is about a login that was typed: its platform, its username, and what is wrong."""
    sessions = queries.active_of_all(session)
    rows = []
    for each in queries.platforms(session):
        logins = [_login(login, sessions.get(login.id)) for login in queries.logins(session, each.id)]
        rows.append(_row(session, each, tuple(logins), wrong if wrong and wrong[0] == each.id else None))
    return PlatformsView(tuple(rows), _presets(KIND), form or blank(), person.may("admin"))


def one(session: db.Session, platform_id: str, form: Mapping[str, Field] | None = None) -> PlatformEditView:
    """One platform, to be changed. Raises `PlatformNotFound`."""
    found = queries.platform(session, platform_id)
    filled = {**forms.of(found), **(form or {}), "base_url": Field(found.base_url)}
    presets = _presets(found.kind)
    return PlatformEditView(found.id, found.name, found.base_url, presets, filled)


def _presets(kind: str) -> tuple[PresetChoice, ...]:
    return tuple(PresetChoice(each.name, each.title, each.hint) for each in kinds.plugin(kind).presets)


def _row(session: db.Session, platform: Platform, logins: tuple[LoginRow, ...], wrong: Wrong | None) -> PlatformRow:
    preset = str(platform.config.get("preset") or "")
    titles = {each.name: each.title for each in kinds.plugin(platform.kind).presets}
    pace = f"a question every {platform.interval:g} s at most" if platform.interval else "as fast as it answers"
    return PlatformRow(
        platform.id,
        platform.name,
        platform.base_url,
        titles.get(preset, "Site with forms"),
        platform.permission,
        pace,
        _caps(session, platform, [each.id for each in logins]),
        len(optouts.every(session, platform.id)),
        _told(platform),
        logins,
        wrong[2] if wrong else "",
        wrong[1] if wrong else "",
    )


def _caps(session: db.Session, platform: Platform, login_ids: list[str]) -> str:
    day = f"{number(platform.most_per_login_a_day)} a day by one login, {number(platform.most_a_day)} by all"
    left = f" ({number(caps.left(session, platform, login_ids))} more may go now)" if login_ids else ""
    return f"at most {plural(platform.most_per_article, 'comment')} under an article, {day}{left}"


def _told(platform: Platform) -> str:
    language = f"in {platform.language}" if platform.language else "in the article’s language"
    return f"{language}, each begins with “{platform.disclosure}”" if platform.disclosure else language


def _login(login: Login, session: Session | None) -> LoginRow:
    return LoginRow(
        login.id,
        login.username,
        login.shown_as,
        _badge(login, session),
        login.trouble,
        session.created_at if session else None,
        login.state == LoginState.OFF,
    )


def _badge(login: Login, session: Session | None) -> Badge:
    if login.state == LoginState.REFUSED:
        return Badge("Refused by the site", "bad")
    if login.state == LoginState.OFF:
        return Badge("Switched off")
    if session:
        return Badge("Signed in", "good")
    if login.holder:
        return Badge("Signing in", "busy")
    return Badge("Sign-in failed", "warn") if login.trouble else Badge("Ready, not signed in")
