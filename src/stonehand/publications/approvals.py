"""What was approved, as the publishing side needs it: exactly the text that the reviewer saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stonehand.articles import queries as articles
from stonehand.channels.interfaces import Piece, Reference
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.pieces import Cited
from stonehand.drafts.service import fingerprint
from stonehand.publications import corrections
from stonehand.publications.corrections import Corrected
from stonehand.publications.errors import ContentNotApproved
from stonehand.reviews import queries as reviews


@dataclass(frozen=True)
class Approved:
    """A text, the review that let it go, and where and when it is to appear. `due_at` None means now."""

    review_id: str
    draft_id: str
    revision_id: str
    content_sha256: str
    channel_ids: tuple[str, ...]
    due_at: datetime | None
    is_sample: bool
    title: str
    slug: str
    excerpt: str
    markdown: str
    language: str
    label: str
    generator: str
    references: tuple[Reference, ...]
    meta_title: str = ""
    meta_description: str = ""
    keywords: tuple[str, ...] = ()
    image_url: str = ""
    image_alt: str = ""
    categories: tuple[str, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    """What was corrected so far, the latest first: readers are told."""

    def piece(self, publication_id: str, at: datetime) -> Piece:
        """The text as it goes out under this publication at this time."""
        return Piece(
            publication_id,
            self.title,
            self.slug,
            self.excerpt,
            corrections.told(self.corrections, self.markdown, self.language),
            self.language,
            self.label,
            self.generator,
            at,
            self.references,
            self.is_sample,
            self.meta_title,
            self.meta_description,
            self.keywords,
            categories=self.categories,
            tags=self.keywords,
            corrected_at=self.corrections[0].at if self.corrections else None,
            image_url=self.image_url,
            image_alt=self.image_alt,
        )


def approved(session: Session, review_id: str) -> Approved:
    """The text that this review approved.

    Raises `ContentNotApproved` if the text is no longer the one the reviewer saw, and what `reviews.queries.approved`
    raises when the review is not, or no longer, an approval.
    """
    decision = reviews.approved(session, review_id)
    revision = drafts.revision(session, decision.revision_id)
    text = drafts.piece(session, decision.revision_id)
    if fingerprint(text) != decision.content_sha256:
        raise ContentNotApproved(f"{text.title!r} is not the text that was approved; open it and approve it again")
    return Approved(
        review_id,
        decision.draft_id,
        decision.revision_id,
        decision.content_sha256,
        tuple(decision.channel_ids),
        decision.due_at,
        drafts.draft(session, decision.draft_id).is_sample,
        text.title,
        text.slug,
        text.excerpt,
        text.markdown,
        text.language,
        text.label,
        f"{revision.writer}: {revision.model}" if revision.model else revision.writer,
        references(session, revision.sources, text.citations),
        text.meta_title,
        text.meta_description,
        text.keywords,
        text.image_url,
        text.image_alt,
        text.categories,
        corrections.of_review(session, decision.review_id),
    )


def references(session: Session, article_ids: Sequence[str], citations: Iterable[Cited]) -> tuple[Reference, ...]:
    """The sources that are cited, with the words they lend, numbered as in the text."""
    quotes: dict[str, list[str]] = {}
    for cited in citations:
        if cited.article_id is not None and cited.quote:
            quotes.setdefault(cited.article_id, []).append(cited.quote)
    cited_ids = [article_id for article_id in article_ids if article_id in quotes]
    found, outlets = articles.articles(session, cited_ids), articles.outlets(session, cited_ids)
    return tuple(
        Reference(number, found[id_].title, found[id_].url, outlets.get(id_, ""), tuple(dict.fromkeys(quotes[id_])))
        for number, id_ in enumerate(article_ids, 1)
        if id_ in found
    )
