"""The side of WordPress that visitors see: `wp-login.php`, posts, and `wp-comments-post.php` with its refusals."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from html import escape

from .faulty import Asked, Faulty, Shown


@dataclass
class Remark:
    """A comment. `approved` is False while it waits for a moderator."""

    id: int
    article: int
    by: str
    text: str
    approved: bool = True


class WordPressComments(Faulty):
    """One site with users who may comment."""

    def __init__(self) -> None:
        self.accounts = {"bot": ("hunter-two-words", "Chat Bot")}
        self.texts = {
            1: ("Der Bach", "Mia", "<p>Der Bach ist kalt.</p><p>Ich war <b>dort</b>.</p>"),
            2: ("Ein Gruss", "Anna", "<p>&lt;script&gt;alert(1)&lt;/script&gt; {article_title}</p>"),
            3: ("Gefährlich", "Tim", "<p>Vorher</p><script>steal()</script><p onclick='x()'>Nachher</p>"),
        }
        self.comments: list[Remark] = []
        self.keys: dict[str, str] = {}
        self.signins = 0
        self.moderates = False
        super().__init__()

    def end_sessions(self) -> None:
        """Everybody is a guest again."""
        self.keys.clear()

    def of(self, article: int) -> list[Remark]:
        """The comments of an article."""
        return [each for each in self.comments if each.article == article]

    def step(self, asked: Asked) -> str:
        what = {"/wp-login.php": "sign-in", "/wp-comments-post.php": "comment"}.get(asked.path)
        return f"{asked.method} {what or ('article' if 'p' in asked.query else 'home')}"

    def obey(self, asked: Asked) -> Shown:
        sent = dict(each.strip().partition("=")[::2] for each in asked.headers.get("cookie", "").split(";"))
        who = self.keys.get(sent.get("wordpress_logged_in_1", ""), "")
        with self.lock:
            if asked.path == "/wp-login.php":
                return self._sign_in(asked)
            if asked.path == "/wp-comments-post.php":
                return self._comment(asked, who)
            if "p" in asked.query:
                return self._article(who, int(asked.query["p"]))
            return self._page(who, self._index(asked))

    def _page(self, who: str, body: str) -> Shown:
        bar = ""
        if who:
            name = escape(self.accounts[who][1])
            bar = f'<li id="wp-admin-bar-my-account"><a><span class="display-name">{name}</span></a></li>'
        classes = "home logged-in" if who else "home"
        return Shown(f'<!DOCTYPE html><html><body class="{classes}">{bar}{body}</body></html>')

    def _sign_in(self, asked: Asked) -> Shown:
        wrong = ""
        if asked.method == "POST":
            name, password = asked.data.get("log", ""), asked.data.get("pwd", "")
            if self.accounts.get(name, ("",))[0] == password and "wordpress_test_cookie" in asked.headers.get(
                "cookie", ""
            ):
                self.signins += 1
                key = secrets.token_hex(16)
                self.keys[key] = name
                cookie = f"wordpress_logged_in_1={key}; path=/; HttpOnly"
                return Shown("", 302, {"Location": "/wp-admin/profile.php", "Set-Cookie": [cookie]})
            wrong = '<div id="login_error"><strong>Error:</strong> The password is incorrect.</div>'
        form = (
            f'{wrong}<form id="loginform" action="/wp-login.php" method="post"><input name="log">'
            '<input type="password" name="pwd"><input type="hidden" name="testcookie" value="1"></form>'
        )
        shown = self._page("", form)
        return Shown(shown.text, 200, {"Set-Cookie": ["wordpress_test_cookie=WP%20Cookie%20check; path=/"]})

    def _index(self, asked: Asked) -> str:
        if int(asked.query.get("paged", "1")) > 1:
            return ""
        wanted = asked.query.get("s", "").lower()
        return "".join(
            f'<article id="post-{number}"><h2 class="entry-title"><a href="/?p={number}">{escape(title)}</a></h2>'
            f'<span class="author">{escape(author)}</span>'
            '<time class="entry-date" datetime="2026-02-04T10:00:00+01:00">4 February 2026</time></article>'
            for number, (title, author, _) in self.texts.items()
            if wanted in title.lower()
        )

    def _article(self, who: str, number: int) -> Shown:
        if number not in self.texts:
            return Shown("<h1>Not found</h1>", 404)
        title, author, markup = self.texts[number]
        seen = [each for each in self.of(number) if each.approved or each.by == who]
        items = "".join(map(self._remark, seen))
        return self._page(
            who,
            f'<article id="post-{number}"><h1 class="entry-title">{escape(title)}</h1>'
            f'<span class="author">{escape(author)}</span>'
            '<time class="updated" datetime="2026-04-01T09:07:00+02:00">1 April</time>'
            f'<div class="entry-content">{markup}</div></article><ol class="comment-list">{items}</ol>'
            '<form id="commentform" action="/wp-comments-post.php" method="post"><textarea name="comment"></textarea>'
            f'<input type="hidden" name="comment_post_ID" value="{number}">'
            '<input type="hidden" name="comment_parent" value="0"></form>',
        )

    def _remark(self, each: Remark) -> str:
        waits = "" if each.approved else '<em class="comment-awaiting-moderation">Awaiting moderation.</em>'
        words = "".join(f"<p>{escape(part)}</p>" for part in each.text.split("\n\n"))
        return (
            f'<li class="comment" id="comment-{each.id}"><b class="fn">{escape(self.accounts[each.by][1])}</b>{waits}'
            f'<div class="comment-content">{words}</div></li>'
        )

    def _comment(self, asked: Asked, who: str) -> Shown:
        if not who:
            return self._dies(403, "Sorry, you must be logged in to comment.")
        words, number = asked.data.get("comment", "").strip(), int(asked.data["comment_post_ID"])
        if not words:
            return self._dies(200, "Please type your comment text.")
        if any(each.by == who and each.text == words for each in self.of(number)):
            return self._dies(409, "Duplicate comment detected.")
        made = Remark(len(self.comments) + 100, number, who, words, not self.moderates)
        self.comments.append(made)
        query = "" if made.approved else f"&unapproved={made.id}&moderation-hash=abc"
        return Shown("", 302, {"Location": f"{self.url}/?p={number}{query}#comment-{made.id}"})

    def _dies(self, status: int, words: str) -> Shown:
        return Shown(f'<html><body><div class="wp-die-message"><p>{words}</p></div></body></html>', status)
