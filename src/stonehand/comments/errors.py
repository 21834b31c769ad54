"""What can go wrong with processes and comments."""

from __future__ import annotations

from stonehand.errors import Conflict, Forbidden, NotFound, Rejected


class ProcessNotFound(NotFound):
    """No such process."""


class CommentNotFound(NotFound):
    """No such comment."""


class OptOutNotFound(NotFound):
    """No such opt-out."""


class ProcessBusy(Conflict):
    """The process is at work, or not, and only otherwise can this be done."""


class CannotStart(Conflict):
    """Nothing could be done if the process were started."""


class CommentMoved(Conflict):
    """The comment is in a state that does not allow this."""


class ProcessUnfit(Rejected):
    """What a process was told to do does not fit together."""


class CommentUnfit(Rejected):
    """A text that cannot be sent as a comment."""


class NotYours(Forbidden):
    """The process belongs to somebody else."""
