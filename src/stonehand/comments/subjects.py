"""What a comment is written about, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Subject:
    """An article as it was read. All but `language`, `disclosure` and `login_name` was written by strangers.

    `language` is that of the platform, such as `de`; empty takes the article's. `disclosure` is the platform's own;
    empty takes the setting's or the language's.
    """

    title: str
    text: str
    author: str = ""
    category: str = ""
    task: str = ""
    html: str = ""
    url: str = ""
    published_at: datetime | None = None
    edited_at: datetime | None = None
    language: str = ""
    disclosure: str = ""
    login_name: str = ""


@dataclass(frozen=True)
class Written:
    """A comment that holds. `html` is as the site gets it, the disclosure first.

    `warnings` are for the reviewer, each with its `kind` and `text`; `cost_micro` is millionths, both rounds together.
    """

    html: str
    language: str
    reasoning: str
    warnings: tuple[dict[str, str], ...]
    model: str
    prompt_label: str
    cost_micro: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
