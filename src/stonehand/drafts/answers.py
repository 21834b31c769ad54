"""The shapes of what a language model is asked for. They hold words and numbers of sources, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_SENTENCES = 250  # of a piece; long posts have about 3,000 words
Keyword = Annotated[str, Field(max_length=100)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WrittenSentence(_Shape):
    """A sentence and the numbers of its sources."""

    text: Annotated[str, Field(max_length=800)]
    sources: Annotated[list[int], Field(max_length=20)]


Sentences = Annotated[list[WrittenSentence], Field(max_length=MOST_SENTENCES)]


class WrittenSection(_Shape):
    """Sentences under a subheading, as prose or as a list."""

    heading: Annotated[str, Field(max_length=300)] = ""
    level: Literal[2, 3] = 2
    form: Literal["prose", "list"] = "prose"
    sentences: Annotated[list[WrittenSentence], Field(min_length=1, max_length=80)]


class Metas(_Shape):
    """What search engines are told."""

    meta_title: Annotated[str, Field(max_length=300)] = ""
    meta_description: Annotated[str, Field(max_length=600)] = ""
    keywords: Annotated[list[Keyword], Field(max_length=20)] = []


class WrittenPiece(Metas):
    """A piece: sentences, or sections of them."""

    title: Annotated[str, Field(max_length=300)]
    sentences: Sentences = []
    sections: Annotated[list[WrittenSection], Field(max_length=40)] = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.sentences and not self.sections:
            raise ValueError("give sentences, or sections with sentences")
        return self


class WrittenStory(_Shape):
    """A story of a digest, by its number."""

    number: int
    sentences: Annotated[list[WrittenSentence], Field(min_length=1, max_length=10)]


class WrittenDigest(Metas):
    """A digest. Its title and the headings of its stories are ours."""

    title: Annotated[str, Field(max_length=300)] = ""
    stories: Annotated[list[WrittenStory], Field(min_length=1, max_length=50)]


class WrittenTitles(Metas):
    """Titles for a text, the best first."""

    titles: Annotated[list[Annotated[str, Field(max_length=300)]], Field(min_length=1, max_length=8)]


def sections(written: WrittenPiece | WrittenDigest, headings: Sequence[str] = ()) -> Iterator[WrittenSection]:
    """The parts of an answer in order; `headings` are those of a digest's stories, by number from 1."""
    if isinstance(written, WrittenPiece):
        if written.sentences:
            yield WrittenSection.model_construct(heading="", level=2, form="prose", sentences=written.sentences)
        yield from written.sections
        return
    told = {story.number: story for story in reversed(written.stories)}
    for number, heading in enumerate(headings, 1):
        if number in told:
            yield WrittenSection(heading=heading, sentences=told[number].sentences)
