"""What can be wrong with a letter.

NotFound     LetterNotFound, LetterNotKept
Rejected     LetterUnreadable ─ LetterTooLarge, LetterBooby, LetterLocked
             AttachmentUnreadable, FormUnknown
             MailInClosed ─ (403) SignatureWrong
"""

from __future__ import annotations

from stonehand.errors import Forbidden, NotFound, Rejected


class LetterNotFound(NotFound):
    """No letter has this id."""


class LetterNotKept(NotFound):
    """What was read of a letter is here; the letter itself was too old to be kept."""


class LetterUnreadable(Rejected):
    """The bytes are no letter, or hold nothing to read."""


class LetterTooLarge(LetterUnreadable):
    """A letter has more bytes than are taken in."""

    status = 413


class LetterBooby(LetterUnreadable):
    """A letter is built to cost whoever opens it too much: too many parts, too deep, too many lines."""


class LetterLocked(LetterUnreadable):
    """A letter is encrypted."""


class AttachmentUnreadable(Rejected):
    """An attachment holds no text that can be read."""


class FormUnknown(Rejected):
    """What a mail service sent is in no form that is known here."""


class MailInClosed(Forbidden):
    """Nobody has set the secret by which mail services show who they are."""


class SignatureWrong(Forbidden):
    """The signature is missing, wrong, or too old."""
