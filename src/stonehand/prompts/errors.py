"""What can be wrong with prompts."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class PromptNotFound(NotFound):
    """There is no prompt of this name or id, or not this version of it."""


class PromptTaken(Conflict):
    """A prompt of this name exists already."""


class BuiltInKept(Conflict):
    """A built-in prompt cannot be edited or retired, only copied."""


class PromptRetired(Conflict):
    """The prompt is no longer in use."""


class PromptInvalid(Rejected):
    """A prompt's name or purpose cannot be used."""


class TemplateInvalid(PromptInvalid):
    """A template cannot be used. `line` counts from 1; `mend` says what to do about it."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(f"line {line}: {what}; {mend}")
        self.line = line
        self.what = what
        self.mend = mend


class TemplateTooMuch(PromptInvalid):
    """What a template makes is too long, or takes too long."""
