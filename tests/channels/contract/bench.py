"""A bench: one kind of channel, a target that works, and eyes on the side of its readers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from stonehand.channels.interfaces import ChannelKind, Delivery, Notes, Piece, Target
from stonehand.errors import StonehandError, Unavailable
from tests.lookalikes import faulty

MOST_TRIES = 8


class Bench(ABC):
    """Where one kind is tried. `opened` makes it for one test and takes it away again."""

    kind: ClassVar[ChannelKind]
    steps: ClassVar[tuple[str, ...]] = ()
    """The requests of one delivery, in their order; each is made to fail. Empty for what asks nobody."""
    faults: ClassVar[tuple[str, ...]] = faulty.MISFORTUNES
    refusals: ClassVar[tuple[str, ...]] = faulty.REFUSALS
    update_steps: ClassVar[tuple[str, ...]] = ()
    retract_steps: ClassVar[tuple[str, ...]] = ()
    """The requests of an update and of a retraction, for a kind that can."""
    hides: ClassVar[bool] = True
    """Whether the target holds something hidden before it is shown."""
    looks: ClassVar[bool] = True
    """Whether the target can be looked at for what it has."""
    found: ClassVar[frozenset[str]] = frozenset()
    """What the kind adds to its settings by itself."""
    target: Target

    @classmethod
    @abstractmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        """A bench with a target of its own, until the end of the block."""

    @abstractmethod
    def copies(self, piece: Piece, key: str) -> int:
        """How many times readers see this piece now."""

    @abstractmethod
    def text(self, piece: Piece, key: str) -> str:
        """What readers see of it, as it is there."""

    @abstractmethod
    def machine(self, piece: Piece, key: str) -> str:
        """What programs can read there of how it was written."""

    def doubled(self) -> bool:
        """Whether readers have ever seen something twice."""
        return False

    def hidden(self) -> int:
        """How many hidden things there are."""
        return 0

    def leave(self, piece: Piece, key: str) -> None:
        """Make something hidden, as a delivery does whose answer is lost. For a kind that `LeavesDrafts`."""
        raise NotImplementedError

    def vanish(self, key: str) -> None:
        """Somebody removes at the target what has this key. For a kind that can update or retract."""
        raise NotImplementedError

    def check_harmless(self, shown: str) -> None:
        """Fail if what readers see could do something."""
        for nasty in ("<script", "<img", "<b ", 'href="javascript'):
            assert nasty not in shown

    def befall(self, step: str, what: str) -> None:
        """Let this befall the next request of a step."""
        raise NotImplementedError

    def unhappened(self) -> list[str]:
        """Steps to which something should happen and that were not asked for."""
        return []

    def catch_up(self) -> None:  # noqa: B027  most kinds have nothing late
        """Let the target do what came late."""

    def pass_time(self) -> None:  # noqa: B027  most kinds do not look at the clock
        """Let so much time pass that the kind is sure that nothing comes late any more."""

    # ── what every test does with it ──

    def deliver(self, piece: Piece, key: str, notes: Notes) -> Delivery:
        """Deliver once; whatever is raised is looked through for secrets."""
        with self.silent():
            return self.kind.deliver(piece, key, self.target, notes)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Whatever is raised inside is looked through for secrets."""
        try:
            yield
        except StonehandError as error:
            self.check_silence(error)
            raise

    def check_silence(self, error: BaseException) -> None:
        """Fail if an error, or one that led to it, says a secret."""
        cause: BaseException | None = error
        while cause is not None:
            for secret in self.secrets():
                assert secret not in f"{cause} {cause!r}", f"{type(cause).__name__} says a secret"
            cause = cause.__cause__ or cause.__context__

    def secrets(self) -> tuple[str, ...]:
        """What no error and no log may say."""
        return tuple(self.target.secrets.values())

    def settle(self, piece: Piece, key: str, notes: Notes) -> Delivery:
        """Deliver as a job would, again and again until it is done."""
        for _ in range(MOST_TRIES):
            try:
                return self.deliver(piece, key, notes)
            except Unavailable:
                self.catch_up()
                self.pass_time()
        raise AssertionError(f"not delivered after {MOST_TRIES} tries")
