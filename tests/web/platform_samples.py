"""Made-up pages of platforms: with logins in every state, and a form in which something is wrong."""

from __future__ import annotations

from dataclasses import replace

from stonehand.web.pages.parts import Badge, Field
from stonehand.web.pages.platforms import (
    LoginRow,
    OptOutRow,
    OptOutsView,
    PlatformEditView,
    PlatformRow,
    PlatformsView,
    PresetChoice,
    blank,
)
from tests.web.samples import NOW

PRESETS = (
    PresetChoice("mymoment", "myMoment", "The writing platform for schools, in German."),
    PresetChoice("wordpress", "WordPress comments", "A WordPress site whose registered users may comment."),
)
LOGINS = (
    LoginRow("l1", "bot3a", "Chat Bot", Badge("Signed in", "good"), "", NOW),
    LoginRow("l2", "bot4b", "", Badge("Refused by the site", "bad"), "the site does not let bot4b in: wrong password"),
    LoginRow("l3", "spare", "Spare", Badge("Switched off"), is_off=True),
    LoginRow("l4", "new", "", Badge("Ready, not signed in")),
)
WERKSTATT = PlatformRow(
    "p1",
    "Schreibwerkstatt",
    "https://site.example.org",
    "myMoment",
    "M. Keller, head of school, 3 March 2026",
    "a question every 0.5 s at most",
    "at most 4 comments under an article, 50 a day by one login, 200 by all",
    2,
    "in de, each begins with “[Dieser Kommentar stammt von einem KI-ChatBot.]”",
    LOGINS,
)
PLATFORMS = PlatformsView((WERKSTATT,), PRESETS, can_edit=True)
EMPTY = PlatformsView((), PRESETS, can_edit=True)
WRONG = PlatformsView(
    (replace(WERKSTATT, logins=(), wrong="Schreibwerkstatt has a login called 'bot3a' already.", typed="bot3a"),),
    PRESETS,
    {
        **blank(),
        "name": Field("Blog"),
        "base_url": Field("blog", "'blog' is not the address of a site."),
        "permission": Field("", "Say who of the site allows these comments."),
        "config": Field("index.pth = 1", "Index.pth: extra inputs are not permitted."),
    },
    True,
)
EDIT = PlatformEditView(
    "p1",
    "Schreibwerkstatt",
    "https://site.example.org",
    PRESETS,
    {
        **blank(),
        "name": Field("Schreibwerkstatt"),
        "permission": Field(WERKSTATT.permission),
        "preset": Field("mymoment"),
        "language": Field("de"),
        "disclosure": Field("AI", "'AI' does not tell readers that a program writes; say it, or leave it empty."),
        "config": Field("comments.settle_seconds = 60"),
        "most_per_login_a_day": Field("50"),
        "most_a_day": Field("200"),
        "most_per_article": Field("4"),
    },
)
NO_OPT_OUTS = OptOutsView("p2", "Blog", (), Field("", "Say who, as the site shows the name."), can_edit=True)
OPT_OUTS = OptOutsView(
    "p1",
    "Schreibwerkstatt",
    (
        OptOutRow("o1", "", "The school stops the trial.", "Mira Osei", NOW),
        OptOutRow("o2", "Mia Sophie von und zu Hinterberg", "Her parents, by phone.", "Mira Osei", NOW),
    ),
    can_edit=True,
    can_remove=True,
)
