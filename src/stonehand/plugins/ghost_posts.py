"""What Ghost says of a post and what it is told, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from stonehand.channels import heads
from stonehand.channels.interfaces import Piece
from stonehand.plugins.folder_pages import as_html, clean
from stonehand.plugins.json_service import AnswerOdd

OURS = "stonehand"  # an internal tag, which Ghost shows to nobody, on everything that we make
_SAMPLE = "<p><strong>Sample: this text and its sources are invented.</strong></p>\n"
_LONGEST = {"title": 255, "custom_excerpt": 300, "meta_title": 300, "meta_description": 500}
_LONGEST_TAG = 191
_LONGEST_ALT = 191


@dataclass(frozen=True)
class Post:
    """A post as its site sees it. `changed` must be sent back with a change; `keys` are those in its tags."""

    id: str
    status: str
    url: str
    keys: tuple[str, ...]
    tags: tuple[Mapping[str, Any], ...]
    changed: str
    mail: str
    """The state of its mail, empty if none was ever sent: a post is mailed once at most."""

    @property
    def changed_at(self) -> datetime:
        """When it was last changed, aware."""
        return datetime.fromisoformat(self.changed)


def post(said: Any) -> Post:
    """A post from an answer. Raises `AnswerOdd`."""
    try:
        tags = tuple(said.get("tags") or ())
        slugs = [str(each["slug"]) for each in tags]
        keys = tuple(slug.removeprefix(_slug("")) for slug in slugs if slug.startswith(_slug("")))
        mail = str((said.get("email") or {}).get("status", ""))
        found = Post(str(said["id"]), str(said["status"]), str(said["url"]), keys, tags, str(said["updated_at"]), mail)
        if found.changed_at.tzinfo is None:
            raise ValueError("a time without a zone")  # noqa: TRY301
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerOdd("Ghost answered, but not with a post; is something in its way?") from error
    return found


def _slug(key: str) -> str:
    return f"hash-{OURS}-{key}"


def of_key(key: str) -> str:
    """A filter for the posts of a key."""
    return f"tag:{_slug(key)}"


def of_ours() -> str:
    """A filter for the drafts that we made."""
    return f"tag:hash-{OURS}+status:draft"


def draft(piece: Piece, key: str, canonical_base: str) -> Mapping[str, Any]:
    """What to make, hidden: its slug is the key until it is published."""
    tags = [*_tags(piece), {"name": f"#{OURS}"}, {"name": f"#{OURS}-{key}"}]
    return {**body(piece, canonical_base), "status": "draft", "slug": key, "tags": tags}


def changed(piece: Piece, key: str, canonical_base: str, old: Post) -> Mapping[str, Any]:
    """What takes the place of a post's text. It keeps the keys that it has, and gets this one."""
    ours = [each for each in old.tags if str(each["slug"]).startswith(f"hash-{OURS}")]
    more = [] if key in old.keys else [{"name": f"#{OURS}-{key}"}]
    return {**body(piece, canonical_base), "tags": [*_tags(piece), *ours, *more]}


def _tags(piece: Piece) -> list[Mapping[str, Any]]:
    names = dict.fromkeys(clean(name).strip().lstrip("#").strip() for name in (*piece.categories, *piece.tags))
    return [{"name": name[:_LONGEST_TAG]} for name in names if name]


def body(piece: Piece, canonical_base: str) -> dict[str, Any]:
    """The text with its label, and what search engines and programs are told."""
    label = f"<p><em>{escape(clean(piece.label))}</em></p>\n"
    wish = {
        "title": clean(piece.title),
        "custom_excerpt": clean(piece.excerpt),
        "meta_title": clean(piece.meta_title) or None,
        "meta_description": clean(piece.meta_description) or None,
        "feature_image": piece.image_url if heads.is_web(piece.image_url) else None,
        "feature_image_alt": clean(piece.image_alt)[:_LONGEST_ALT] or None,
        "canonical_url": f"{canonical_base.rstrip('/')}/{piece.slug}/" if canonical_base else None,
        "html": f"{label}{_SAMPLE if piece.is_sample else ''}{as_html(piece.markdown)}",
        "codeinjection_head": heads.provenance(piece),
    }
    return {name: _cut(value, _LONGEST.get(name)) for name, value in wish.items()}


def _cut(value: str | None, longest: int | None) -> str | None:
    if value is None or longest is None or len(value) <= longest:
        return value
    return value[: longest - 1].rstrip() + "…"
