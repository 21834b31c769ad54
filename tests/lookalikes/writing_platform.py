"""A writing platform for schools, shaped as the known ones are: German, forms, cookies and a CSRF field in each form.

Pupils see cards under tabs, a teacher sees a table. What it knows is kept in `comments`, so that a test can count.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from html import escape

from .faulty import Asked, Faulty, Shown

CATEGORIES = {"4": "Anleiten", "14": "Berichten", "5": "Erklären", "6": "Fragen"}
TASKS = {"4": "Ein Brief", "10": "Mein Tier"}
CLASSES = {"pupil": (("12", "3a (Schule am See)"),), "teacher": (("12", "3a (Schule am See)"), ("13", "4b (Dorf)"))}
STATES = {"20": "publiziert", "10": "entwurf", "11": "lehrpersonenkontrolle"}


@dataclass
class Text:
    """What a pupil has written. `markup` is shown as it is."""

    id: int
    title: str
    author: str
    markup: str
    class_id: str = "12"
    category: str = "14"
    task: str = "10"
    state: str = "20"


@dataclass
class Said:
    """A comment that was made."""

    id: int
    article: int
    by: str
    text: str
    status: str
    is_hidden: bool


@dataclass
class Account:
    """Somebody who may come in."""

    password: str
    shown_as: str
    role: str = "pupil"


@dataclass
class Visitor:
    """A browser. Before it has signed in, `who` is empty."""

    csrf: str = field(default_factory=lambda: secrets.token_hex(16))
    who: str = ""


class WritingPlatform(Faulty):
    """One platform. `backslashes` spoils the addresses it sends people on to."""

    def __init__(self) -> None:
        self.accounts = {
            "bot3a": Account("hunter-two-words", "Chat Bot"),
            "lehrerin": Account("apples-and-pears", "Frau von Arx", "teacher"),
        }
        self.texts = {
            1: Text(1, "Der Bach", "Mia", "<p>Der Bach ist kalt.</p><p>Ich war <b>dort</b>.</p>"),
            2: Text(
                2, "Ein Gruss von Oma", "Anna von Arx", "<p>&lt;script&gt;alert(1)&lt;/script&gt; {article_title}</p>"
            ),
            3: Text(
                3,
                "Gefährlich",
                "Tim",
                "<p>Vorher</p><script>steal()</script><p onclick='x()'>Nachher</p>",
                category="6",
            ),
            4: Text(4, "Mein Entwurf", "Chat Bot", "<p>Noch nicht fertig.</p>", state="10"),
            5: Text(5, "Andere Klasse", "Ole", "<p>Hallo aus dem Dorf.</p>", class_id="13"),
        }
        self.comments: list[Said] = []
        self.visitors: dict[str, Visitor] = {}
        self.signins = 0
        self.backslashes = True
        self.moderates = self.forgets_quickly = False
        self.minds_repeats = True
        """Whether it refuses the same words of the same person under one article."""
        self.slow = 0.0
        super().__init__()

    # what a test does to it

    def pause(self) -> None:
        """Let a sign-in take as long as the test wants."""
        if self.slow:
            time.sleep(self.slow)

    def end_sessions(self) -> None:
        """Everybody is a guest again."""
        self.visitors.clear()

    def of(self, article: int) -> list[Said]:
        """The comments of an article."""
        return [each for each in self.comments if each.article == article]

    # how it answers

    def step(self, asked: Asked) -> str:
        parts = asked.path.strip("/").split("/")
        what = {"accounts": "sign-in", "articles": "index", "article": "article", "comment": "edit", "": "home"}[
            parts[0]
        ]
        if asked.method == "POST" and parts[-1] == "comment":
            what = "comment"
        return f"{asked.method} {what}"

    def obey(self, asked: Asked) -> Shown:
        if asked.path == "/accounts/login/":
            self.pause()
        with self.lock:
            key, visitor = self._visitor(asked)
            shown = self._answer(asked, visitor)
        cookie = f"sessionid={key}; Path=/; HttpOnly; Max-Age=86400"
        headers = {"Set-Cookie": [cookie, f"csrftoken={visitor.csrf}; Path=/"]} | dict(shown.headers)
        return Shown(shown.text, shown.status, headers)

    def _visitor(self, asked: Asked) -> tuple[str, Visitor]:
        sent = dict(each.strip().partition("=")[::2] for each in asked.headers.get("cookie", "").split(";"))
        key = sent.get("sessionid", "")
        if key not in self.visitors:
            key = secrets.token_hex(16)
            self.visitors[key] = Visitor()
        return key, self.visitors[key]

    def _answer(self, asked: Asked, visitor: Visitor) -> Shown:  # noqa: PLR0911  a line for each address
        if asked.method == "POST" and asked.data.get("csrfmiddlewaretoken") != visitor.csrf:
            if not visitor.who and asked.path != "/accounts/login/":
                return self._led("/accounts/login/")
            return Shown("<h1>CSRF verification failed</h1>", 403)
        if asked.path == "/accounts/login/":
            return self._sign_in(asked, visitor)
        if asked.path == "/":
            return self._page(visitor, "<h1>Willkommen</h1>")
        if not visitor.who:
            return self._led("/accounts/login/")
        if asked.path == "/articles/":
            return self._page(visitor, self._index(asked, visitor))
        return self._inside(asked, visitor)

    def _inside(self, asked: Asked, visitor: Visitor) -> Shown:
        sort, number, *rest = asked.path.strip("/").split("/")
        if sort == "comment":
            return self._edit(asked, visitor, int(number))
        text = self.texts.get(int(number)) if number.isdecimal() else None
        if text is None:
            return Shown("<h1>404</h1>", 404)
        if rest == ["comment"]:
            return self._comment(asked, visitor, text)
        return self._page(visitor, self._article(visitor, text))

    def _led(self, path: str) -> Shown:
        where = f"{self.url}{path}".replace("/", "\\").replace("http:\\\\", "http://") if self.backslashes else path
        return Shown("", 302, {"Location": where})

    def _page(self, visitor: Visitor, body: str, status: int = 200) -> Shown:
        csrf = self._csrf(visitor)
        door = '<a href="/accounts/login/">Anmelden</a>'
        if visitor.who:
            name = escape(self.accounts[visitor.who].shown_as)
            door = f'<span class="username">{name}</span>'
            door += f'<form action="/accounts/logout/" method="post">{csrf}<button>Abmelden</button></form>'
        return Shown(f"<!DOCTYPE html><html lang=de><body><nav>{door}</nav>{body}</body></html>", status)

    def _csrf(self, visitor: Visitor) -> str:
        return f'<input type="hidden" name="csrfmiddlewaretoken" value="{visitor.csrf}">'

    def _sign_in(self, asked: Asked, visitor: Visitor) -> Shown:
        wrong = ""
        if asked.method == "POST":
            account = self.accounts.get(asked.data.get("username", ""))
            if account and account.password == asked.data.get("password"):
                self.signins += 1
                visitor.who, visitor.csrf = asked.data["username"], secrets.token_hex(16)
                return self._led("/")
            wrong = '<ul class="errorlist"><li>Benutzername oder Passwort falsch.</li></ul>'
        fields = '<input type="hidden" name="next" value=""><input name="username" maxlength="150">'
        form = f'<form method="post">{self._csrf(visitor)}{wrong}{fields}<input type="password" name="password"></form>'
        return self._page(visitor, form)

    def _index(self, asked: Asked, visitor: Visitor) -> str:
        role = self.accounts[visitor.who].role
        tabs = [("home", "Meine"), ("alle", "Alle"), *CLASSES[role]]
        buttons = "".join(
            f'<li><button role="tab" data-bs-target="#pills-{each}">{escape(name)}</button></li>' for each, name in tabs
        )
        panes = "".join(self._pane(each, asked, visitor) for each, _ in tabs)
        choices = "".join(
            f'<select name="{name}"><option value="">-</option>'
            + "".join(f'<option value="{key}">{value}</option>' for key, value in known.items())
            + "</select>"
            for name, known in (("kategorie", CATEGORIES), ("aufgabe", TASKS))
        )
        tab = f'<input type="hidden" id="active-tab" name="tab" value="{escape(asked.query.get("tab", "home"))}">'
        return f'<form method="get">{tab}{choices}</form><ul id="pills-tab">{buttons}</ul>{panes}'

    def _pane(self, tab: str, asked: Asked, visitor: Visitor) -> str:
        found = [each for each in self.texts.values() if self._is_in(each, tab, visitor)]
        for name, attribute in (("kategorie", "category"), ("aufgabe", "task")):
            if asked.query.get(name):
                found = [each for each in found if getattr(each, attribute) == asked.query[name]]
        if self.accounts[visitor.who].role == "teacher" and tab not in ("home", "alle"):
            rows = "".join(map(self._row, found))
            return f'<div id="pills-{tab}"><table><tbody>{rows}</tbody></table></div>'
        return f'<div id="pills-{tab}"><div class="row article-list">{"".join(map(self._card, found))}</div></div>'

    def _is_in(self, text: Text, tab: str, visitor: Visitor) -> bool:
        account = self.accounts[visitor.who]
        if tab == "home":
            return text.author == account.shown_as
        is_public = text.state == "20"
        return is_public if tab == "alle" else text.class_id == tab and (is_public or account.role == "teacher")

    def _card(self, text: Text) -> str:
        where = f"/article/edit/{text.id}/" if text.state == "10" else f"/article/{text.id}/"
        return (
            f'<div class="col"><a href="{where}"><div class="card-header {STATES[text.state]}">'
            f'<span class="article-classroom">Klasse</span></div><img src="/x.png" alt="">'
            f'<div class="card-footer"><div class="article-title">{escape(text.title)}</div>'
            f'<div class="article-author">{escape(text.author)}</div><div class="article-date">4. Februar 2026</div>'
            "</div></a></div>"
        )

    def _row(self, text: Text) -> str:
        cells = (
            f'<a href="/article/{text.id}/">{escape(text.title)}</a>',
            escape(text.author),
            "Klasse",
            "",
            "",
            STATES[text.state].capitalize(),
            "4. Februar 2026",
        )
        return f"<tr>{''.join(f'<td>{each}</td>' for each in cells)}</tr>"

    def _article(self, visitor: Visitor, text: Text, wrong: str = "") -> str:
        seen = "".join(self._shown(each, visitor) for each in self.of(text.id) if self._sees(each, visitor))
        statuses = '<option value="10">Entwurf</option><option value="20" selected>Publiziert</option>'
        return (
            f"<h1>{escape(text.title)} von {escape(text.author)}</h1><h6>Aktualisiert am: 1. April 2026, 09:07 Uhr</h6>"
            f'<ul class="social"><li class="list-group-item">Kategorie: {CATEGORIES[text.category]}</li>'
            f'<li class="list-group-item">Aufgabe: {TASKS[text.task]}</li><li class="list-group-item">Likes: 2</li>'
            "</ul>"
            f'<form action="/article/{text.id}/increment_likes/" method="post">{self._csrf(visitor)}</form>'
            f'<div class="article"><div class="highlight-target">{text.markup}</div></div>{wrong}'
            f'<form id="comment-create" action="/article/{text.id}/comment/" method="post">{self._csrf(visitor)}'
            f'<textarea name="text" required></textarea><select name="status">{statuses}</select>'
            '<input type="checkbox" name="hide"><input type="hidden" name="highlight" value=""></form>'
            f"<h2>Alle Kommentare</h2>{seen}"
        )

    def _sees(self, said: Said, visitor: Visitor) -> bool:
        return said.by == visitor.who or (said.status == "20" and not said.is_hidden)

    def _shown(self, said: Said, visitor: Visitor) -> str:
        edit = f'<a href="/comment/{said.id}/">bearbeiten</a>' if said.by == visitor.who else ""
        waits = '<em class="comment-pending">wartet</em>' if said.status == "11" else ""
        name = escape(self.accounts[said.by].shown_as)
        words = f'<span class="card-text">{said.text}</span>'
        return (
            f'<div class="comment"><div class="card"><h5>von {name}</h5><h6>heute</h6>{words}{waits}{edit}</div></div>'
        )

    def _comment(self, asked: Asked, visitor: Visitor, text: Text) -> Shown:
        words = asked.data.get("text", "").strip()
        if len(re.sub(r"<[^>]*>|\s", "", words)) < 3:
            wrong = '<div class="invalid-feedback">Der Kommentar ist zu kurz.</div>'
            return self._page(visitor, self._article(visitor, text, wrong))
        if self.minds_repeats and any(each.by == visitor.who and each.text == words for each in self.of(text.id)):
            return Shown("<p>Das hast du schon gesagt.</p>", 409)
        status = "11" if self.moderates else asked.data.get("status", "20")
        number = len(self.comments) + 100
        self.comments.append(Said(number, text.id, visitor.who, words, status, asked.data.get("hide") == "on"))
        return self._led(f"/article/{text.id}/")

    def _edit(self, asked: Asked, visitor: Visitor, number: int) -> Shown:
        said = next((each for each in self.comments if each.id == number and each.by == visitor.who), None)
        if said is None:
            return Shown("<h1>404</h1>", 404)
        if asked.method == "POST":
            said.text, said.is_hidden = asked.data.get("text", said.text), asked.data.get("hide") == "on"
            return self._led(f"/article/{said.article}/")
        hidden = " checked" if said.is_hidden else ""
        return self._page(
            visitor,
            f'<form id="comment-edit" method="post">{self._csrf(visitor)}<textarea name="text">{escape(said.text)}'
            f'</textarea><input type="checkbox" name="hide"{hidden}></form>',
        )
