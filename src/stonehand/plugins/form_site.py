"""The platform of kind `form-site`: any site whose articles, sign-in and comments are pages and forms.

A comment is sent once. Before it goes out, that is written down; whatever answer comes, the article is read again, and
only what stands there counts. What was sent without an answer and is not there yet may still come: it is sent again
only when the site's own time for that is over.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from stonehand.errors import Rejected
from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import AccessDenied, HostUnavailable, RequestRefused
from stonehand.platforms.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Article,
    Comment,
    CommentRefused,
    Config,
    Filters,
    Listing,
    LoginRefused,
    Notes,
    Preset,
    SessionOver,
    Visit,
    Words,
)
from stonehand.plugins import form_browser as browser
from stonehand.plugins import form_pages as pages
from stonehand.plugins import form_settings
from stonehand.plugins.form_browser import Page
from stonehand.plugins.form_settings import Settings

FLOOD, CONFLICT = 429, 409
PAUSE = 15.0  # seconds after a flood, where the site names none
LONGEST_EXCUSE = 300


class CannotChange(Rejected):
    """The site has no way to change a comment."""


class _Known(Exception):
    """The site has a comment like this."""


class FormSite:
    """A site of forms, as its settings describe it. See `form_settings`."""

    kind = "form-site"
    title = "site with forms"

    @property
    def presets(self) -> Sequence[Preset]:
        """Sites that are known."""
        return form_settings.presets()

    def validate(self, config: Config) -> dict[str, Any]:
        """The preset and what differs from it, found fit."""
        form_settings.settings(config)
        return dict(config)

    def sign_in(self, visit: Visit, password: str) -> str:
        """Send the form of the sign-in, and look whether we are in.

        Once more where the answer says nothing of the password: a site that ends its sessions in just this moment
        refuses the form, or sends us on and knows us no longer.
        """
        rules = form_settings.settings(visit.config)
        name, refusal, is_odd = self._tried(visit, rules, password)
        if name is None and is_odd:
            name, refusal, _ = self._tried(visit, rules, password)
        if name is None:
            raise LoginRefused(refusal)
        return name

    def _tried(self, visit: Visit, rules: Settings, password: str) -> tuple[str | None, str, bool]:
        """Our name there, or None, why, and whether the site has not said that it is for the password."""
        visit.jar.clear()
        page = browser.get(visit, rules.sign_in.path)
        if page.find(rules.sign_in.captcha):
            raise LoginRefused(
                "the site asks for a captcha, which a program should not answer; ask its owner for a way"
            )
        form = browser.form(page, rules.sign_in.form, rules.csrf, rules.sign_in.password)
        typed = {**rules.sign_in.extra, rules.sign_in.username: visit.username, rules.sign_in.password: password}
        try:
            answer = browser.post(visit, page, form, typed)
        except AccessDenied as error:
            return None, f"the site refuses this sign-in ({error.code})", True
        said = answer.words(rules.sign_in.errors)[:LONGEST_EXCUSE]
        is_odd = bool(answer.led) and not said and not _is_sent_to_sign_in(rules, answer)
        return self.who(visit), f"the site does not let {visit.username} in{f': {said}' if said else ''}", is_odd

    def who(self, visit: Visit) -> str | None:
        """Our name there, if the page of that shows a mark of being signed in."""
        rules = form_settings.settings(visit.config)
        page = browser.get(visit, rules.signed_in.path)
        if not page.find(rules.signed_in.mark):
            return None
        return page.words(rules.signed_in.name) or visit.username

    def articles(self, visit: Visit, filters: Filters) -> Listing:
        """One page of the list."""
        rules = form_settings.settings(visit.config)
        return pages.listing(_seen(visit, rules, pages.address(rules, filters)), rules, filters)

    def read(self, visit: Visit, article_id: str, author: str = "") -> Article:
        """An article's page."""
        rules = form_settings.settings(visit.config)
        return pages.article(_article(visit, rules, article_id), rules, article_id, author)

    def find(self, visit: Visit, words: Words) -> Comment | None:
        """Our comment among those of the article's page."""
        rules = form_settings.settings(visit.config)
        return _own(visit, rules, _article(visit, rules, words.article_id), words)

    def comment(self, visit: Visit, words: Words, notes: Notes) -> Comment:
        """Look, send, look again."""
        rules = form_settings.settings(visit.config)
        page = _article(visit, rules, words.article_id)
        found = _own(visit, rules, page, words)
        if found:
            return found
        _check_settled(rules, notes)
        form = browser.form(page, rules.comments.form, rules.csrf, rules.comments.text)
        notes.remember(sent_at=time.time())
        try:
            answer = _send(visit, page, form, rules, words, notes)
        except _Known:
            return _known(visit, rules, words)
        return _arrived(visit, rules, words, answer, notes)

    def change(self, visit: Visit, comment: Comment, words: Words) -> Comment:
        """Fill in the form that changes a comment, and look."""
        rules = form_settings.settings(visit.config)
        if not rules.comments.edit_path or not comment.id:
            raise CannotChange("the site lets its users change no comment; ask its owner to, or do it there by hand")
        page = _seen(visit, rules, rules.comments.edit_path.replace("{id}", comment.id))
        form = browser.form(page, rules.comments.edit_form, rules.csrf, rules.comments.text)
        if rules.comments.hide:
            form = browser.Form(form.action, {k: v for k, v in form.fields.items() if k != rules.comments.hide})
        answer = browser.post(visit, page, form, _typed(rules, words))
        _check_accepted(rules, answer)
        found = self.find(visit, words)
        if found is None:
            raise ArrivalUnknown("the site said yes, but does not show the change")
        return found


def _seen(visit: Visit, rules: Settings, path: str) -> Page:
    """A page that takes us for who we are. Raises `SessionOver`."""
    page = browser.get(visit, path)
    if _is_sent_to_sign_in(rules, page) or not (page.find(rules.signed_in.mark) or _is_in(visit, rules)):
        raise _over(visit)
    return page


def _is_in(visit: Visit, rules: Settings) -> bool:
    """For a page without a mark of being signed in: not every site has one on each."""
    return bool(browser.get(visit, rules.signed_in.path).find(rules.signed_in.mark))


def _is_sent_to_sign_in(rules: Settings, page: Page) -> bool:
    return any(rules.sign_in.path in led for led in page.led)


def _over(visit: Visit) -> SessionOver:
    return SessionOver(f"{visit.base_url} takes {visit.username} for a guest by now")


def _article(visit: Visit, rules: Settings, article_id: str) -> Page:
    return _seen(visit, rules, rules.article.path.replace("{id}", article_id))


def _own(visit: Visit, rules: Settings, page: Page, words: Words) -> Comment | None:
    return pages.own(pages.comments(page, rules), visit.name or visit.username, pages.said(words.html))


def _typed(rules: Settings, words: Words) -> dict[str, str]:
    text = pages.said(words.html).replace("\n", "\n\n") if rules.comments.plain else words.html
    hidden = {rules.comments.hide: rules.comments.hide_value} if rules.comments.hide and words.is_hidden else {}
    return {**rules.comments.extra, rules.comments.text: text, **hidden}


def _check_settled(rules: Settings, notes: Notes) -> None:
    """What was sent without an answer is waited for, as long as it may still come."""
    sent = float(notes.kept.get("sent_at") or 0.0)
    rest = sent + rules.comments.settle_seconds - time.time()
    if sent and rest > 0:
        raise ArrivalUnknown("the comment was sent without an answer, and the site does not show it yet", rest)


def _send(visit: Visit, page: Page, form: browser.Form, rules: Settings, words: Words, notes: Notes) -> Page | None:
    """The answer to the comment; None if it was lost. Raises what says for sure that it was not taken, or was before.

    Raises `_Known` where the site says that it has one like this.
    """
    try:
        answer = browser.post(visit, page, form, _typed(rules, words))
    except HostUnavailable as error:
        if error.code != FLOOD:
            return None
        notes.remember(sent_at=0.0)
        error.retry_after = PAUSE if error.retry_after is None else error.retry_after
        raise
    except RequestRefused as error:
        if error.code == CONFLICT:
            raise _Known from error
        notes.remember(sent_at=0.0)
        if not _is_in(visit, rules):
            raise _over(visit) from error
        raise CommentRefused(f"the site refuses the comment ({error.code})") from error
    if _is_sent_to_sign_in(rules, answer):
        notes.remember(sent_at=0.0)
        raise _over(visit)
    return answer


def _known(visit: Visit, rules: Settings, words: Words) -> Comment:
    """Ours, which the site says it has already."""
    found = _own(visit, rules, _article(visit, rules, words.article_id), words)
    if found is None:
        raise ArrivalDisputed("the site says that it has this comment already, but does not show it to us")
    return found


def _arrived(visit: Visit, rules: Settings, words: Words, answer: Page | None, notes: Notes) -> Comment:
    """The comment as the site shows it. No answer counts that does not show."""
    if answer is not None:
        try:
            _check_accepted(rules, answer)
        except CommentRefused:
            notes.remember(sent_at=0.0)
            raise
    found = _shown_at_once(visit, rules, words, answer) or _own(
        visit, rules, _article(visit, rules, words.article_id), words
    )
    if found:
        return found
    waiting = _pending(rules, answer, words, visit) if answer else None
    if waiting is None:
        raise ArrivalUnknown("the comment was sent, but the site does not show it", rules.comments.settle_seconds)
    return waiting


def _shown_at_once(visit: Visit, rules: Settings, words: Words, answer: Page | None) -> Comment | None:
    """Ours on the page that the site sent us on to, which is read anew: mostly the article itself."""
    return _own(visit, rules, answer, words) if answer is not None and answer.led else None


def _check_accepted(rules: Settings, answer: Page) -> None:
    """A form that comes back with complaints is a no, whatever its status says."""
    said = answer.words(rules.comments.errors)[:LONGEST_EXCUSE]
    if said and not answer.led:
        raise CommentRefused(f"the site does not take the comment: {said}")


def _pending(rules: Settings, answer: Page, words: Words, visit: Visit) -> Comment | None:
    """A comment that nobody sees before the site's people have let it through, by where we were sent on to."""
    for led in answer.led:
        found = form_settings.id_in(led, rules.comments.answer_ids)
        if found and rules.comments.pending_answer and rules.comments.pending_answer in led:
            return Comment(found, visit.name, pages.said(words.html), led, True)
    return None


@hookimpl
def register_platforms(register: Register) -> None:
    """Add sites of forms."""
    register(FormSite())
