"""Made-up forms of channels: a new one, and one in which something is wrong."""

from __future__ import annotations

from stonehand.channels import kinds
from stonehand.channels.models import Channel
from stonehand.web.pages import channel_form as forms
from stonehand.web.pages.parts import Link

OTHERS = (
    Link("Dry run", "/channels/add/dry-run"),
    Link("Ghost site", "/channels/add/ghost"),
    Link("Git repository", "/channels/add/git"),
    Link("Listmonk newsletter", "/channels/add/listmonk"),
    Link("Mastodon account", "/channels/add/mastodon"),
    Link("Static site", "/channels/add/static-site"),
    Link("Webhook", "/channels/add/webhook"),
)
WRONG = forms.typed(
    kinds.kind("webhook"),
    {"channel_name": "Archive", "url": "https://archive.example.org/in", "auth": "bearer"},
    "A webhook with auth bearer needs its token.",
    "token",
)
AWAY = forms.typed(
    kinds.kind("ghost"),
    {"channel_name": "Harbour Post", "url": "https://post.example.org", "newsletter": "weekly"},
    "post.example.org did not answer: no connection within 10 s.",
    "",
)
LONG = forms.blank(kinds.kind("git"))
CHANGED = forms.filled(
    kinds.kind("mastodon"),
    Channel(
        id="one",
        kind="mastodon",
        name="Harbour Post on Mastodon",
        config={
            "url": "https://social.example.org",
            "visibility": "unlisted",
            "link_base": "https://news.example.org/",
        },
    ),
)
