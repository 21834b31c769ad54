"""The Ghost channel, over its Admin API: a hidden draft first, then that very post, mailed at most once.

A draft carries its key in an internal tag, which Ghost shows to nobody. Its id is written down, and then that id is
published. Every change names the version that it is based on, so that of two that meet one is refused, read again, and
found to be done. Ghost mails a post when it is published for the first time and never again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Config,
    ConfigUnfit,
    Delivery,
    Leftover,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.errors import Rejected, Unavailable
from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, ghost_posts, json_service
from stonehand.plugins.ghost_posts import Post
from stonehand.plugins.ghost_site import Key, Site

MEETINGS = 4  # how often somebody else may change a post while we do
_SHOWN = ("published", "sent")
_SLUG = re.compile(r"[a-z0-9-]{1,191}")


class PostGone(Rejected):
    """The post that should be changed is no longer there."""


class Ghost:
    """A site with Ghost 5 or later, and perhaps one of its newsletters."""

    kind = "ghost"
    title = "Ghost site"
    settings = (
        Setting("url", "Address", "The address under which you open Ghost’s admin, without /ghost.", "url"),
        Setting(
            "api_key", "Admin API key", "In Ghost under Settings, Integrations: add a custom integration.", "password"
        ),
        Setting(
            "newsletter",
            "Newsletter",
            "Its slug, to mail each piece once to its subscribers. Empty: no mails.",
            "text",
            False,
        ),
        Setting("email_segment", "Who gets the mail", "A filter of members. Empty: all of them.", "text", False),
        Setting(
            "canonical_base",
            "Original site",
            "If pieces appear first elsewhere: that address, before the slug.",
            "url",
            False,
        ),
    )
    secret_names = channel_settings.secret_names(settings)

    def address(self, config: Config) -> str:
        """The site's origin."""
        return channel_settings.origin(config.get("url"))

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the site has let us in and shown its newsletter."""
        kept = channel_settings.given(self.title, self.settings, target)
        kept["url"] = channel_settings.address(kept["url"], "https://blog.example.org").removesuffix("/ghost")
        if kept.get("canonical_base"):
            kept["canonical_base"] = channel_settings.address(kept["canonical_base"], "https://news.example.org")
        if not _SLUG.fullmatch(kept.get("newsletter", "-")):
            raise ConfigUnfit("newsletter is the slug of a newsletter, such as weekly-letter")
        self._who(Site(kept["url"], Key.read(target.secrets["api_key"])), kept)
        return kept

    def test(self, target: Target) -> str:
        """The site, its version, and the newsletter that goes out."""
        return self._who(Site.of(target), target.config)

    def _who(self, site: Site, config: Config) -> str:
        try:
            version, title = site.version(), site.title()
        except PageMissing as error:
            raise ConfigUnfit(f"{site.url} has no Admin API of Ghost; is the address right?") from error
        slug = config.get("newsletter")
        if not slug:
            return f"“{title}” with Ghost {version} lets us in; pieces are not mailed."
        letter = site.newsletter(str(slug))
        if letter is None:
            raise ConfigUnfit(
                f"{title} has no active newsletter with the slug {slug!r}; look under Settings, Newsletters"
            )
        return f"“{title}” with Ghost {version} lets us in; pieces are mailed with “{letter.get('name', slug)}”."

    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]:
        """The post as readers would see it, and its mail, which holds the same."""
        return {"post": str(ghost_posts.body(piece, "")["html"])}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Publish the draft of this key, making it first where there is none."""
        site = Site.of(target)
        if notes.kept.get("remote_id"):
            post = _asked(site, str(notes.kept["remote_id"]), key)
        else:
            post = _found(site, key) or _created(site, piece, key, target)
            notes.remember(remote_id=post.id)  # from here on it may become public, and no other post will
        if post.status not in _SHOWN:
            post = _published(site, post, piece, key, target)
        return Delivery(post.url, post.id)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """The public post that carries this key."""
        found = _found(Site.of(target), key)
        return Delivery(found.url, found.id) if found and found.status in _SHOWN else None

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Show this text in the same post, at the same address. Ghost mails nothing for a change."""
        site, base = Site.of(target), str(target.config.get("canonical_base") or "")
        for _ in range(MEETINGS):
            old = site.post(delivery.remote_id)
            if old is None:
                raise PostGone(f"post {delivery.remote_id} is no longer there; somebody has deleted it")
            new = site.change(old, ghost_posts.changed(piece, key, base, old), source="html")
            if new is not None:
                return Delivery(new.url, new.id)
        raise Unavailable(f"somebody keeps changing post {delivery.remote_id}", 60)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Make the post a draft again. Mails that went out cannot be taken back."""
        site = Site.of(target)
        for _ in range(MEETINGS):
            post = site.post(delivery.remote_id)
            if post is None or post.status == "draft" or site.change(post, {"status": "draft"}):
                return
        raise Unavailable(f"somebody keeps changing post {delivery.remote_id}", 60)

    def leftovers(self, target: Target, before: datetime) -> Sequence[Leftover]:
        """Drafts that carry a key and were last changed before that time."""
        old = (each for each in Site.of(target).drafts() if each.changed_at < before)
        return [Leftover(each.keys[0], each.id) for each in old if each.keys]

    def discard(self, leftover: Leftover, target: Target) -> None:
        """Delete a draft for good, after a last look that it is one."""
        site = Site.of(target)
        post = site.post(leftover.remote_id)
        if post and leftover.key in post.keys and post.status == "draft":
            site.delete(post.id)


def _found(site: Site, key: str) -> Post | None:
    """The post of this key: the public one if there is one, else the oldest that is hidden."""
    return min(site.of_key(key), key=lambda post: (post.status not in _SHOWN, post.id), default=None)


def _created(site: Site, piece: Piece, key: str, target: Target) -> Post:
    """A new draft."""
    with json_service.not_repeated_soon():
        return site.create(ghost_posts.draft(piece, key, str(target.config.get("canonical_base") or "")))


def _asked(site: Site, post_id: str, key: str) -> Post:
    """The post that an earlier try wrote down. It may have been published, so that no answer is no "no"."""
    try:
        post = site.post(post_id)
    except Unavailable as error:
        raise ArrivalUnknown(f"post {post_id} may be public, but {error}", error.retry_after) from error
    if post is None:
        raise ArrivalDisputed(f"post {post_id} is no longer there; somebody has deleted it, or the site was restored")
    if key not in post.keys:
        raise ArrivalDisputed(f"post {post_id} does not carry our tag any more; somebody has removed it")
    if post.status not in ("draft", *_SHOWN):
        raise ArrivalDisputed(f"post {post_id} is there, but somebody has made it {post.status}")
    return post


def _published(site: Site, post: Post, piece: Piece, key: str, target: Target) -> Post:
    """The post after it was published, as the site itself shows it. What meets another change is read again first."""
    for _ in range(MEETINGS):
        if post.status in _SHOWN:
            return post
        try:
            site.change(post, {"status": "published", "slug": piece.slug}, **_mailing(post, target))
        except PageMissing as error:
            raise Unavailable(f"post {post.id} vanished in this moment: {error}") from error
        except Unavailable as error:
            if not json_service.may_have_arrived(error):
                raise
            raise ArrivalUnknown(
                f"post {post.id} was published without an answer: {error}", error.retry_after
            ) from error
        post = _asked(site, post.id, key)
    raise ArrivalUnknown(f"Ghost said yes, but post {post.id} is still {post.status}")


def _mailing(post: Post, target: Target) -> dict[str, str]:
    """What makes Ghost mail the post with its publication: only if it was never mailed."""
    letter = target.config.get("newsletter")
    if not letter or post.mail:
        return {}
    return {"newsletter": str(letter), "email_segment": str(target.config.get("email_segment") or "all")}


@hookimpl
def register_channels(register: Register) -> None:
    """Add the Ghost channel."""
    register(Ghost())
