"""What a WordPress post has beside its text: categories, tags, a picture, and what search engines are told.

None of it is worth a piece that does not go out: what a site does not allow is left out, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

from stonehand import http_client
from stonehand.channels.interfaces import Config, LoginRefused, Notes, Piece, Setting
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import PageMissing, Request
from stonehand.plugins.folder_pages import clean
from stonehand.plugins.json_service import ServiceRefused
from stonehand.plugins.wordpress_site import Site

IMAGES = {
    "image/jpeg": ("jpg", b"\xff\xd8\xff"),
    "image/png": ("png", b"\x89PNG\r\n\x1a\n"),
    "image/gif": ("gif", b"GIF8"),
    "image/webp": ("webp", b"RIFF"),
}
MOST_TERMS = 15
LONGEST_TITLE, LONGEST_DESCRIPTION = 200, 400
SEO = {
    "yoast": {"title": "_yoast_wpseo_title", "description": "_yoast_wpseo_metadesc", "keyword": "_yoast_wpseo_focuskw"},
    "rankmath": {
        "title": "rank_math_title",
        "description": "rank_math_description",
        "keyword": "rank_math_focus_keyword",
    },
}
SETTINGS = (
    Setting("categories", "Categories", "Names that every post gets, with commas.", "text", False),
    Setting("create_terms", "Missing categories and tags", "Whether they are made.", "choice", False, ("no", "yes")),
    Setting(
        "on_retract", "When taken back", "Hide the post, or move it to the bin.", "choice", False, ("draft", "trash")
    ),
)
_PICTURE = "picture_asked"


class ImageUnfit(Rejected):
    """What is at the address of a picture is none that a site could show."""


def fields(site: Site, piece: Piece, config: Config, key: str, notes: Notes) -> tuple[dict[str, Any], list[str]]:
    """The fields of a post beside its text, and what could not be had, in words."""
    said: list[str] = []
    wanted = _categories(piece, config)
    may_create = _is_yes(config.get("create_terms"))
    found: dict[str, Any] = {
        "categories": _terms(site, "categories", wanted, may_create, said),
        "tags": _terms(site, "tags", piece.tags, may_create, said),
    }
    picture = _picture(site, piece, key, notes, said) if piece.image_url else 0
    found |= {"featured_media": picture, "meta": seo(piece, config, said)}
    return {name: value for name, value in found.items() if value}, said


def named(piece: Piece, config: Config) -> dict[str, str]:
    """The same in words, for a look at what would be sent."""
    facts = {"categories": ", ".join(_categories(piece, config)), "tags": ", ".join(piece.tags)}
    return {**facts, "picture": piece.image_url, **seo(piece, config, [])}


def _categories(piece: Piece, config: Config) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_listed(config.get("categories")), *piece.categories)))


def seo(piece: Piece, config: Config, said: list[str]) -> dict[str, str]:
    """Title, description and key phrase for the plugin that the site was found to have."""
    facts = {
        "title": clean(piece.meta_title)[:LONGEST_TITLE],
        "description": clean(piece.meta_description)[:LONGEST_DESCRIPTION],
        "keyword": clean(piece.keywords[0])[:LONGEST_TITLE] if piece.keywords else "",
    }
    names = SEO.get(str(config.get("seo") or ""), {})
    if not names and (facts["title"] or facts["description"]):
        said.append("the site has no fields of Yoast or Rank Math that its API lets us fill, so it got no meta title")
    return {names[fact]: value for fact, value in facts.items() if value and fact in names}


def seo_of(site: Site) -> str:
    """The plugin whose fields the site's API lets us fill: `yoast`, `rankmath`, or nothing."""
    try:
        exposed = site.meta_fields()
    except LoginRefused:
        raise
    except (Rejected, Unavailable):  # some sites let nobody ask what there is
        return ""
    return next((name for name, fields in SEO.items() if fields["title"] in exposed), "")


def _terms(site: Site, kind: str, names: Sequence[str], may_create: bool, said: list[str]) -> list[int]:
    found, missing, refused = [], list[str](), dict[str, str]()
    for name in dict.fromkeys(clean(" ".join(each.split()))[:100] for each in names[:MOST_TERMS]):
        try:
            number = _term(site, kind, name) or (site.create_term(kind, name) if may_create else 0)
        except (ServiceRefused, LoginRefused) as error:  # this user may not, which is no reason to send nothing
            refused[name] = str(error)
            continue
        if number:
            found.append(number)
        elif name:
            missing.append(name)
    if missing:
        said.append(f"the site has no {kind} {_quoted(missing)}; make them there, or let this channel do so")
    if refused:
        said.append(f"{kind} {_quoted(refused)} could not be made: {next(iter(refused.values()))}")
    return sorted(set(found))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _term(site: Site, kind: str, name: str) -> int:
    """The number of the term of this name, whatever its case; 0 if there is none."""
    same = [each for each in site.terms(kind, name) if unescape(str(each.get("name"))).casefold() == name.casefold()]
    return min((int(each.get("id") or 0) for each in same), default=0)


def _picture(site: Site, piece: Piece, key: str, notes: Notes, said: list[str]) -> int:
    """The piece's picture in the site's library, found again by the key in its name. 0 if there can be none."""
    try:
        there = site.media(key)
        if not there:
            content, content_type = _fetched(piece.image_url)
            notes.remember(**{_PICTURE: True})
            ending = IMAGES[content_type][0]
            there = [site.upload(f"{key}.{ending}", content, content_type, clean(piece.title))]
        if notes.kept.get(_PICTURE):
            _remove_twins(site, key)
        return min(there)
    except LoginRefused as error:
        said.append(f"the picture was left out, since this user may not upload: {error}")
    except Unavailable:
        raise  # the same picture comes again with the next try
    except Rejected as error:
        said.append(f"the picture was left out: {error}")
    return 0


def _remove_twins(site: Site, key: str) -> None:
    """Uploads whose answer was lost, and that came late; the first one stays."""
    first, *twins = sorted(site.media(key)) or [0]
    for twin in twins:
        if twin != first:
            site.delete_media(twin)


def _fetched(url: str) -> tuple[bytes, str]:
    """The picture's bytes and type. Raises `ImageUnfit`, and `Unavailable` for what may pass."""
    try:
        reply = http_client.fetch(Request(url, accept="image/*"))
    except PageMissing as error:
        raise ImageUnfit(f"there is no picture at its address: {error}") from error
    kind = reply.content_type
    if kind not in IMAGES or not reply.body.startswith(IMAGES[kind][1]):
        raise ImageUnfit(f"{url[:200]} is no JPEG, PNG, GIF or WebP picture, whatever it says")
    return reply.body, kind


def standing(site: Site, config: Config) -> str:
    """Who we are at the site, what we may do, and what is missing, in words. Raises what asking raises."""
    me = site.me()
    rights, roles = me.get("capabilities") or {}, me.get("roles") or ["unknown role"]
    wanted = {
        "publish_posts": "publish posts (role Author)",
        "upload_files": "upload pictures (role Author)",
        "manage_categories": "make categories and tags (role Editor)",
    }
    may = [words.partition(" (")[0] for right, words in wanted.items() if rights.get(right)]
    may_not = [words for right, words in wanted.items() if not rights.get(right)]
    plugin = seo_of(site)
    told = f"signed in at {site.api} as {me.get('name') or site.username} ({', '.join(map(str, roles))})"
    told += f"; may {', '.join(may)}" if may else ""
    told += f"; may not {', '.join(may_not)}" if may_not else ""
    told += f"; search engines are told by {plugin}" if plugin else "; no fields of Yoast or Rank Math are open to us"
    if plugin != str(config.get("seo") or ""):
        told += "; save the channel again, so that it knows"
    return told


def _listed(given: Any) -> tuple[str, ...]:
    texts = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else ()
    return tuple(str(each).strip() for each in texts if str(each).strip())


def _is_yes(given: Any) -> bool:
    return str(given or "").strip().lower() in ("yes", "true", "on", "1")


def kept(config: Config) -> dict[str, str]:
    """The categories as they should be kept, also if they came as a list."""
    names = ", ".join(_listed(config.get("categories")))
    return {"categories": names} if names else {}
