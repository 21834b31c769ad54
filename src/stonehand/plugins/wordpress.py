"""The WordPress channel, over its REST API and an application password: a hidden draft first, then that very post.

WordPress knows no key of ours, and its answers can be lost. So a delivery has two steps. It makes a draft whose slug is
the key, or finds the one an earlier try made, and writes down its number; then it publishes that number, under its real
slug, which can be repeated as often as one likes. What a lost answer leaves behind is a hidden draft, which is removed
later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Config,
    Delivery,
    Leftover,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.errors import Unavailable
from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, json_service
from stonehand.plugins import wordpress_extras as extras
from stonehand.plugins import wordpress_posts as posts
from stonehand.plugins.wordpress_posts import Post
from stonehand.plugins.wordpress_site import Site

_FOUND = ("api", "seo")
_HIDDEN = ("draft", "pending", "auto-draft")


class WordPress:
    """A site with WordPress 5.6 or later.

    Settings: `url`, the address of the site; `username`, and `password`, an application password of that user, who must
    be allowed to publish posts (role Author or above). `categories`, names that every post gets; `create_terms`, `yes`
    if categories and tags that are missing are to be made; `on_retract`, `draft` or `trash`.
    """

    kind = "wordpress"
    title = "WordPress site"
    settings = (
        Setting("url", "Address", "Such as https://blog.example.org.", "url"),
        Setting("username", "User name", "A user of the site who may publish posts."),
        Setting("password", "Application password", "Made in WordPress under Users, Profile.", "password"),
        *extras.SETTINGS,
    )
    secret_names = channel_settings.secret_names(settings)

    def address(self, config: Config) -> str:
        """The site's origin."""
        return channel_settings.origin(config.get("url"))

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the site has let us in and said that we may publish."""
        kept = channel_settings.given(self.title, self.settings, target, _FOUND) | extras.kept(target.config)
        kept["url"] = channel_settings.address(kept["url"], "https://blog.example.org")
        site = Site.find(kept, channel_settings.secret(target, "password"))
        site.check_rights()
        plugin = extras.seo_of(site)
        return {**kept, "api": site.api, **({"seo": plugin} if plugin else {})}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Publish the draft of this key, making it first where there is none."""
        site = Site.of(target)
        if notes.kept.get("remote_id"):
            post = _asked(site, int(notes.kept["remote_id"]), key)
        else:
            post = _found(site, key) or _created(site, piece, key, target.config, notes)
            notes.remember(remote_id=str(post.id))  # from here on it may become public, and no other post will
        if post.status != "publish":
            post = _published(site, post, piece, key)
        return Delivery(post.link, str(post.id))

    def verify(self, key: str, target: Target) -> Delivery | None:
        """The public post that carries this key."""
        found = _found(Site.of(target), key)
        return Delivery(found.link, str(found.id)) if found and found.status == "publish" else None

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Give the post another text, under the address it has. A repeat changes nothing."""
        site = Site.of(target)
        post = _asked(site, int(delivery.remote_id), key)
        more, said = extras.fields(site, piece, target.config, key, notes)
        changed = site.change(post.id, {**posts.change(piece, key), **more})
        notes.remember(said=said)
        return Delivery(changed.link, str(changed.id))

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Hide the post, with the reason in the place of its text; or move it to the bin."""
        site = Site.of(target)
        post = site.post(int(delivery.remote_id))
        if post is None or post.status == "trash":
            return
        if post.key != key:
            raise ArrivalDisputed(f"post {post.id} is not the one that was made for this piece, or has been changed")
        site.change(post.id, {"status": "draft", "content": posts.taken_back(key, reason)})
        if target.config.get("on_retract") == "trash":
            site.bin(post.id)

    def test(self, target: Target) -> str:
        """Who we are there, what we may do, and what is missing."""
        return extras.standing(Site.of(target), target.config)

    def shown(self, piece: Piece, target: Target) -> dict[str, str]:
        """The post as it would be made, without what only the site can tell: what it has of each category and tag."""
        facts = {**posts.named(piece), **extras.named(piece, target.config)}
        lines = [f"{name}: {value}" for name, value in facts.items() if value]
        return {"post": "\n".join([*lines, "", posts.content(piece, "")])}

    def leftovers(self, target: Target, before: datetime) -> Sequence[Leftover]:
        """Drafts that carry a key and were last changed before that time."""
        old = (each for each in Site.of(target).drafts() if each.changed_at < before)
        return [Leftover(each.key, str(each.id)) for each in old if each.key]

    def discard(self, leftover: Leftover, target: Target) -> None:
        """Delete a draft for good, after a last look that it is one."""
        site = Site.of(target)
        post = site.post(int(leftover.remote_id))
        if post and post.key == leftover.key and post.status in _HIDDEN:
            site.delete(post.id)


def _found(site: Site, key: str) -> Post | None:
    """The post of this key: the public one if there is one, else the oldest that is hidden."""
    return min(site.of_key(key), key=lambda post: (post.status != "publish", post.id), default=None)


def _created(site: Site, piece: Piece, key: str, config: Config, notes: Notes) -> Post:
    """A new draft. A site may make it long after we gave up on its answer: the next try must not look too early."""
    try:
        more, said = extras.fields(site, piece, config, key, notes)
        made = site.create({**posts.draft(piece, key), **more})
    except Unavailable as error:
        error.retry_after = max(error.retry_after or 0.0, json_service.LATE)
        raise
    if said:
        notes.remember(said=said)
    return made


def _asked(site: Site, number: int, key: str) -> Post:
    """The post that an earlier try wrote down. It may have been published, so that no answer is no "no"."""
    try:
        post = site.post(number)
    except Unavailable as error:
        raise ArrivalUnknown(f"post {number} may be public, but {error}", error.retry_after) from error
    if post is None:
        raise ArrivalDisputed(f"post {number} is no longer there; somebody has deleted it, or the site was restored")
    if post.key != key:
        raise ArrivalDisputed(f"post {number} is not the one that was made for this piece, or has been changed")
    if post.status != "publish" and post.status not in _HIDDEN:
        raise ArrivalDisputed(f"post {number} is there, but somebody has made it {post.status}")
    return post


def _published(site: Site, post: Post, piece: Piece, key: str) -> Post:
    """The post after it was published, as the site itself shows it."""
    try:
        site.publish(post.id, piece.slug)
    except PageMissing as error:
        raise Unavailable(f"post {post.id} vanished in this moment: {error}") from error
    except Unavailable as error:
        raise ArrivalUnknown(f"post {post.id} was published without an answer: {error}", error.retry_after) from error
    seen = _asked(site, post.id, key)
    if seen.status != "publish":
        raise ArrivalUnknown(f"WordPress said yes, but post {post.id} is still {seen.status}")
    return seen


@hookimpl
def register_channels(register: Register) -> None:
    """Add the WordPress channel."""
    register(WordPress())
