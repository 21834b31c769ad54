"""What the editor's form sends."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from pydantic import BaseModel, ConfigDict, Field

from stonehand.web.pages.posts import Typed

LONGEST = 200_000  # characters of the text that are read; the rooms have limits of their own
Line = Annotated[str, Field(max_length=5000)]


class EditorForm(BaseModel):
    """Every field of the editor. `add` is a button with the id of an article, `picture` one with an address."""

    model_config = ConfigDict(extra="ignore")

    title: Line = ""
    text: Annotated[str, Field(max_length=LONGEST)] = ""
    slug: Line = ""
    excerpt: Line = ""
    meta_title: Line = ""
    meta_description: Line = ""
    keywords: Line = ""
    image_url: Line = ""
    image_alt: Line = ""
    categories: Line = ""
    picture: Line = ""
    source: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=60)] = Field(default_factory=list)
    expected: Annotated[str, Field(max_length=64)] = ""
    number: Annotated[int, Field(ge=0, le=2**31 - 2)] = 0
    find: Annotated[str, Field(max_length=300)] = ""
    note: Line = ""
    hand_in: bool = True
    add: Annotated[str, Field(max_length=64)] = ""
    channel: Annotated[str, Field(max_length=64)] = ""
    scheme: Annotated[str, Field(max_length=10)] = "light"

    def typed(self) -> Typed:
        """As it is shown and measured. Browsers send lines that end with two characters; offsets count one."""
        added = [self.add] if self.add else []
        return Typed(
            self.title,
            self.text.replace("\r\n", "\n").replace("\r", "\n"),
            self.slug,
            self.excerpt,
            self.meta_title,
            self.meta_description,
            self.keywords,
            tuple(dict.fromkeys([*self.source, *added])),
            self.expected,
            self.number,
            self.find,
            self.note,
            self.picture or self.image_url,
            self.image_alt,
            self.categories,
        )


Sent = Annotated[EditorForm, Form()]


class NewForm(BaseModel):
    """The form that begins a post."""

    model_config = ConfigDict(extra="ignore")

    title: Line = ""
    keyword: Line = ""
    language: Annotated[str, Field(max_length=10)] = ""
    find: Annotated[str, Field(max_length=300)] = ""
    article: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=60)] = Field(default_factory=list)


SentNew = Annotated[NewForm, Form()]
