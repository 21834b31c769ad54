"""From whatever somebody gives us to the sources it means. Waits for the network: no transaction may be open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stonehand.errors import Rejected
from stonehand.http_client import Request
from stonehand.sources import asking, discovery, opml
from stonehand.sources.errors import FileUnreadable, NothingFound
from stonehand.sources.feeds import ACCEPT
from stonehand.sources.opml import FeedList
from stonehand.sources.recognition import Found, counted, named, recognise

LARGEST_FILE = 5 * 1024 * 1024  # bytes
MOST_OFFERS = 5  # feeds of a site that are tried until one works


def identify(url_or_path: str, *, files: bool = False) -> list[Found]:
    """What can be added for an address, each with a sentence that says what it is.

    A feed, a sitemap or an article is itself; a site becomes the best feed it offers, or its sitemap, or, off its front
    page, a single page; an OPML list becomes its feeds, which are not asked yet. `files` allows the path of a local
    OPML file. Raises `NothingFound`, an `Unreadable` error, or what the host answered.
    """
    given = url_or_path.strip()
    if files and "://" not in given and (Path(given).expanduser().exists() or given.lower().endswith(".opml")):
        return _listed(_read_file(Path(given).expanduser()), given)
    found = look(given if "://" in given else f"https://{given}")
    if found.what == "opml":
        return _listed(FeedList(found.title, found.outlines), found.url)
    return [_from_site(found)] if found.what == "site" else [found]


def from_opml(body: bytes, name: str) -> list[Found]:
    """The feeds of an OPML file that somebody handed over. Raises `NothingFound`, or an `Unreadable` error."""
    if len(body) > LARGEST_FILE:
        raise FileUnreadable(f"{name} is larger than {LARGEST_FILE:,} bytes")
    return _listed(opml.read(body), name)


def look(url: str) -> Found:
    """Fetch an address and say what is there."""
    return recognise(asking.ask(Request(url, accept=f"text/html, {ACCEPT}")))


def _read_file(path: Path) -> FeedList:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileUnreadable(f"{path} is larger than {LARGEST_FILE:,} bytes")
        return opml.read(path.read_bytes())
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from error


def _listed(feeds: FeedList, where: str) -> list[Found]:
    if not feeds.outlines:
        raise NothingFound(f"the OPML list {where} names no feed")
    return [
        Found(
            what="feed",
            kind="feed",
            url=outline.url,
            sentence=f"a feed listed in {where}" + (f": ‘{outline.title}’" if outline.title else ""),
            title=outline.title,
            home_url=outline.home_url,
        )
        for outline in feeds.outlines
    ]


def _from_site(site: Found) -> Found:
    places = [offer.url for offer in site.offers[:MOST_OFFERS]]
    found = _first(places, "feed") or _first(discovery.common_places(site.url), "feed")
    if found is None and not discovery.is_front(site.url):
        return replace(site, what="article", kind="pages", sentence=f"a single page{named(site.title)}")
    if found is None:
        found = _first(discovery.sitemap_places(site.url, _robots(site.url)), "sitemap")
    if found is None:
        raise NothingFound(
            f"{site.url} is {site.sentence}, and neither a feed nor a sitemap is in the usual places; "
            "give the address of its feed, or of single articles"
        )
    others = tuple(offer for offer in site.offers if offer.url != found.url)
    also = f"; it offers {counted(len(others), 'other feed', 'other feeds')} as well" if others else ""
    return replace(
        found,
        sentence=f"a site with {found.sentence}{also}",
        title=found.title or site.title,
        home_url=found.home_url or site.url,
        offers=others,
    )


def _first(places: list[str], what: str) -> Found | None:
    for place in places:
        try:
            found = look(place)
        except Rejected:
            continue  # not here; the next place may have it
        if found.what == what:
            return found
    return None


def _robots(url: str) -> str:
    try:
        place = discovery.robots_place(url)
        return asking.ask(Request(place, max_bytes=500_000)).body.decode("utf-8", "replace")
    except Rejected:
        return ""
