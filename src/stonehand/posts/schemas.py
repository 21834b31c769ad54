"""Shapes of posts at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from stonehand.articles.differences import Part
from stonehand.drafts import metrics
from stonehand.drafts.models import Revision
from stonehand.drafts.wording import Heads, Wording
from stonehand.posts.models import WorkingCopy
from stonehand.posts.queries import Post
from stonehand.posts.states import FORMERLY, Deed, PostStatus
from stonehand.publications.schemas import PublicationOut

Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=30)]
Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=30)]
Line = Annotated[str, Field(max_length=2000)]
PLAIN = ("slug", "excerpt", "meta_title", "meta_description", "image_url", "image_alt")
"""What stands beside the text in one line each."""


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WordingIn(_In):
    """What a person words. What is left out stays as it is; an empty slug or excerpt is made from title and text."""

    title: Annotated[str, Field(max_length=300)] | None = None
    markdown: Annotated[str, Field(max_length=100_000)] | None = None
    slug: Line | None = None
    excerpt: Line | None = None
    meta_title: Line | None = None
    meta_description: Line | None = None
    keywords: Words | None = None
    image_url: Line | None = None
    """The https address of its picture; we keep no copy."""
    image_alt: Line | None = None
    """What the picture shows, for those who cannot see it; with a picture there must be some."""
    categories: Words | None = None
    sources: Ids | None = None
    """Ids of articles in the order of their numbers in the text."""

    def over(self, before: Wording) -> Wording:
        """These words over those of before."""
        heads = {name: getattr(self, name) for name in PLAIN}
        said = {
            name: before_ if (now := heads[name]) is None else now for name, before_ in _plain(before.heads).items()
        }
        keywords = before.heads.keywords if self.keywords is None else tuple(self.keywords)
        categories = before.heads.categories if self.categories is None else tuple(self.categories)
        return Wording(
            before.title if self.title is None else self.title,
            before.markdown if self.markdown is None else self.markdown,
            Heads(**said, keywords=keywords, categories=categories),
            before.sources if self.sources is None else tuple(self.sources),
        )


def _plain(heads: Heads) -> dict[str, str]:
    return {name: getattr(heads, name) for name in PLAIN}


class NewPostIn(_In):
    """A post that a person writes, on chosen articles. With `markdown` it has its first version at once."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    article_ids: Ids = Field(default_factory=list)
    language: Annotated[str, Field(max_length=10)] = ""
    keyword: Annotated[str, Field(max_length=60)] = ""
    markdown: Annotated[str, Field(max_length=100_000)] = ""
    hand_in: bool = False


class SaveIn(WordingIn):
    """A change, made from the revision that its writer saw."""

    expected_revision_id: Annotated[str, Field(max_length=64)] = ""
    hand_in: bool = True


class CopyIn(WordingIn):
    """Unsaved text to be kept. `number` is that of the copy which was seen, 0 for none.

    The revision from which it was begun may still be called `revision_id`.
    """

    expected_revision_id: Annotated[
        str, Field(max_length=64, validation_alias=AliasChoices("expected_revision_id", "revision_id"))
    ] = ""
    number: Annotated[int, Field(ge=0, le=2**31 - 2)] = 0


class RestoreIn(_In):
    """Which version is to be the next one."""

    number: Annotated[int, Field(ge=1, le=1_000_000)]
    expected_revision_id: Annotated[str, Field(max_length=64)]


class RegenerateIn(_In):
    """What should be different."""

    note: Annotated[str, Field(max_length=1000)] = ""


class PostOut(BaseModel):
    """A post. `status_formerly` is one of the four words of older programs."""

    id: str
    title: str
    slug: str
    excerpt: str
    status: PostStatus
    status_formerly: str
    can: list[Deed]
    agent_id: str | None
    story_id: str
    language: str
    word_count: int
    note: str
    is_sample: bool
    revision_id: str | None
    version: int
    scheduled_at: datetime | None
    published_at: datetime | None
    published_url: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, post: Post) -> PostOut:
        """From a post."""
        draft, text = post.draft, post.revision
        out = [each for each in post.publications if each.published_at and each.state == "published"]
        due = [each.due_at for each in post.publications if each.state == "scheduled"]
        return cls(
            id=draft.id,
            title=text.title if text else draft.title,
            slug=text.slug if text else "",
            excerpt=text.excerpt if text else "",
            status=post.status,
            status_formerly=FORMERLY[post.status],
            can=sorted(post.deeds),
            agent_id=draft.agent_id,
            story_id=draft.story_id,
            language=text.language if text else "",
            word_count=metrics.words(text.markdown) if text else 0,
            note=draft.note,
            is_sample=draft.is_sample,
            revision_id=draft.current_revision_id,
            version=text.number if text else 0,
            scheduled_at=min(due) if due else None,
            published_at=out[0].published_at if out else None,
            published_url=out[0].url if out else None,
            created_by=draft.created_by,
            created_at=draft.created_at,
            updated_at=draft.updated_at,
        )


class SourceOut(BaseModel):
    """An article that a version rests on, by its number in the text."""

    number: int
    article_id: str
    title: str
    outlet: str
    url: str


class PictureOut(BaseModel):
    """A picture that a source names for itself. An empty `licence` means that its page names none."""

    model_config = ConfigDict(from_attributes=True)

    url: str
    article_id: str
    title: str
    outlet: str
    licence: str


class VersionOut(BaseModel):
    """One version and where it comes from. `cost_micro` is in millionths of the budget's currency."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int
    title: str
    slug: str
    excerpt: str
    meta_title: str
    meta_description: str
    keywords: list[str]
    image_url: str
    image_alt: str
    categories: list[str]
    markdown: str
    language: str
    label: str
    writer: str
    model: str | None
    prompt_version: str | None
    input_tokens: int
    output_tokens: int
    cost_micro: int
    notes: str
    created_by: str
    created_at: datetime
    content_sha256: str
    sources: list[SourceOut] = Field(default_factory=list)

    @classmethod
    def of(cls, row: Revision, sources: list[SourceOut]) -> VersionOut:
        """From a revision and what it rests on."""
        facts = {name: getattr(row, name) for name in cls.model_fields if name != "sources"}
        return cls(**facts, sources=sources)


class PostDetail(PostOut):
    """A post with its present version, what its page says to machines, and where it went."""

    text: VersionOut | None = None
    schema_org: dict[str, object] = Field(default_factory=dict)
    open_graph: dict[str, str] = Field(default_factory=dict)
    twitter: dict[str, str] = Field(default_factory=dict)
    publications: list[PublicationOut] = Field(default_factory=list)


class PublicPostOut(BaseModel):
    """A post that can be seen, for sites that show our posts themselves."""

    id: str
    title: str
    slug: str
    excerpt: str
    meta_title: str
    meta_description: str
    keywords: list[str]
    image_url: str
    image_alt: str
    categories: list[str]
    markdown: str
    language: str
    label: str
    url: str | None
    published_at: datetime | None


class CopyOut(BaseModel):
    """Unsaved text. `is_outdated` says that somebody has saved since it was begun."""

    model_config = ConfigDict(from_attributes=True)

    draft_id: str
    revision_id: str
    number: int
    title: str
    slug: str
    excerpt: str
    meta_title: str
    meta_description: str
    keywords: list[str]
    image_url: str
    image_alt: str
    categories: list[str]
    markdown: str
    sources: list[str]
    kept_at: datetime
    is_outdated: bool = False

    @classmethod
    def of(cls, row: WorkingCopy, current: str | None) -> CopyOut:
        """From a working copy and the draft's present revision."""
        made = cls.model_validate(row)
        return made.model_copy(update={"is_outdated": row.revision_id != (current or "")})


class DiffOut(BaseModel):
    """What changed from one version to another, in words: parts that both have, that were added, that were removed."""

    older: int
    newer: int
    title: list[dict[str, str]]
    parts: list[dict[str, str]]

    @staticmethod
    def told(parts: list[Part]) -> list[dict[str, str]]:
        """Parts as they are sent."""
        return [{"kind": part.kind, "text": part.text} for part in parts]
