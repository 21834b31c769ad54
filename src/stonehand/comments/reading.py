"""One pass over the articles of a process. What one of them does wrong is of no concern to the others."""

from __future__ import annotations

from stonehand import db
from stonehand.comments import preparation
from stonehand.comments.preparation import Round, ToRead
from stonehand.comments.signals import SIGNALS
from stonehand.errors import NotFound, StonehandError, Unavailable
from stonehand.http_client import PageMissing
from stonehand.jobs import Attempt
from stonehand.limits.errors import NotYet
from stonehand.platforms import visiting
from stonehand.platforms.errors import LoginStopped
from stonehand.platforms.interfaces import LoginRefused, PlatformKind, SessionOver, Visit


class Reading:
    """What a pass has tried, and how many articles it has read and handed over."""

    def __init__(self, attempt: Attempt, process_id: str) -> None:
        self._attempt, self._process_id = attempt, process_id
        self.tried: set[tuple[str, str]] = set()
        self.trouble: Unavailable | None = None
        self.read = self.handed = 0
        self._is_over = False

    def go(self) -> None:
        """Read as one login after the other."""
        while not self._is_over:
            self._attempt.check_cancelled()
            with self._attempt.read() as session:
                todo = preparation.next_round(session, self._process_id, self.tried)
            if todo is None:
                return
            self._go_as(todo)

    def has_left_something(self) -> bool:
        """Whether comments still wait that it could not help."""
        with self._attempt.read() as session:
            return preparation.next_round(session, self._process_id, ()) is not None

    def _go_as(self, todo: Round) -> None:
        try:
            visiting.at(db.database(), todo.login_id, lambda kind, visit: self._read_all(todo, kind, visit))
        except (LoginRefused, LoginStopped, NotFound):
            self._give_up(todo)  # its rows wait until somebody mends the login
        except Unavailable as error:
            self._give_up(todo)
            self.trouble = error

    def _give_up(self, todo: Round) -> None:
        self.tried |= {(each.article_id, todo.login_id) for each in todo.articles}

    def _read_all(self, todo: Round, kind: PlatformKind, visit: Visit) -> None:
        for each in todo.articles:
            if self._is_over or (each.article_id, todo.login_id) in self.tried:
                continue
            self._attempt.check_cancelled()
            try:
                self._read(each, kind, visit)
            except (SessionOver, *SIGNALS):
                raise
            except StonehandError as error:
                self._failed(todo.login_id, each, error)
            self.tried.add((each.article_id, todo.login_id))

    def _read(self, each: ToRead, kind: PlatformKind, visit: Visit) -> None:
        with self._attempt.read() as session:
            fresh = preparation.is_fresh(session, each.article_id)
        page = None if fresh else kind.read(visit, each.remote_id, each.author)
        with self._attempt.write() as session:
            self._is_over = not preparation.record(session, self._process_id, each.article_id, page)
        self.read, self.handed = self.read + (page is not None), self.handed + 1

    def _failed(self, login_id: str, each: ToRead, error: StonehandError) -> None:
        where = (self._process_id, each.article_id, login_id)
        with self._attempt.write() as session:
            if isinstance(error, (PageMissing, NotFound)):
                preparation.gone(session, *where, f"the article is gone: {error}")
            elif not isinstance(error, NotYet):
                preparation.failed(session, *where, str(error), not isinstance(error, Unavailable))
        if isinstance(error, Unavailable):
            self.trouble = error
