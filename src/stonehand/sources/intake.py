"""From whatever somebody gives us to the sources it means. Waits for the network: no transaction may be open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stonehand.errors import NotFound, Rejected, Unavailable
from stonehand.http_client import Request, hosts
from stonehand.registry import KindNotFound
from stonehand.sources import asking, discovery, kinds, opml, rules
from stonehand.sources.errors import AddressMissing, FileUnreadable, NothingFound, SecretMissing
from stonehand.sources.feeds import ACCEPT
from stonehand.sources.interfaces import Asked, Document, HasUsualAddress, NeedsSecret, ReadsDocuments, Way
from stonehand.sources.opml import FeedList, Outline
from stonehand.sources.recognition import Found, Wanted, brought, counted, named, recognise

LARGEST_FILE = 5 * 1024 * 1024  # bytes
FEWEST_WATCHED = 5  # items of a page that are worth watching
MOST_OFFERS = 5  # feeds of a site that are tried until one works
MOST_TOLD = 3  # lines of a list of which none can be taken


NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


def of_kind(kind: str, url: str = "", options: Mapping[str, Any] = NO_OPTIONS, secret: str | None = None) -> Found:
    """A source of this kind, after a look at it. A kind that reads documents finds options itself if none are given.

    Raises `OptionsUnfit`, `AddressMissing`, `SecretMissing`, and what its kind raises.
    """
    found = kinds.find(kind)
    place = url.strip() or (found.usual_url if isinstance(found, HasUsualAddress) else "")
    if not place and found.polled:
        raise AddressMissing(f"{kinds.called(found)} needs an address")
    place = place or f"{kind}:"
    if isinstance(found, NeedsSecret) and not secret:
        raise SecretMissing(f"{kinds.called(found)} needs its {found.secret_name}")
    ways: tuple[Way, ...] = ()
    if isinstance(found, ReadsDocuments) and not options:
        reply = asking.ask(Request(place))
        ways = tuple(found.ways(Document(reply.url, reply.body, reply.charset)))
        if not ways:
            raise NothingFound(
                f"nothing repeats in {place} that could be read as {kinds.called(found)}; give its options"
            )
        options = ways[0].options
    checked = kinds.checked(kind, options)
    asked = Asked(place, options=MappingProxyType(kinds.whole(kind, checked)), secret=secret)
    collected = found.collect(asked, asking.ask)
    reading = collected.reading
    return Found(
        what=kind,
        kind=kind,
        url=place,
        sentence=f"{kinds.called(found)} with {brought(collected)}{named(reading.title)}",
        title=reading.title or _titled(found.title, checked),
        home_url=reading.home_url,
        language=reading.language,
        entries=reading.entries,
        letters=tuple(collected.letters),
        warnings=reading.warnings,
        options=checked,
        secret=secret,
        ways=ways[1:],
        document=collected.document,
    )


def _titled(title: str, options: Mapping[str, Any]) -> str:
    query = options.get("query")
    return f"{title[:1].upper()}{title[1:]}" + (f": {query}" if query else "")


def identify(url_or_path: str, *, files: bool = False) -> list[Found]:
    """What can be added for an address, each with a sentence that says what it is.

    A feed, a sitemap or an article is itself; a site becomes the best feed it offers, or its sitemap, or, off its front
    page, a single page; an OPML list becomes its feeds, which are not asked yet, and lines that say why they are
    `refused`. `files` allows the path of a local OPML file. Raises `NothingFound`, an `Unreadable` error, or what the
    host answered.
    """
    given = url_or_path.strip()
    if files and "://" not in given and (Path(given).expanduser().exists() or given.lower().endswith(".opml")):
        return _listed(_read_file(Path(given).expanduser()), given)
    url = given if "://" in given else f"https://{given}"
    if claimed := _claimed(url):
        return [claimed]
    found = look(url)
    if found.what == "opml":
        return _listed(FeedList(found.title, found.outlines), found.url)
    found = _from_site(found) if found.what == "site" else found
    return [_opened(found)] if found.children else [found]


def _opened(index: Found) -> Found:
    """An index of sitemaps with what its newest ones name, which is what a look at it will bring."""
    try:
        found = of_kind(index.kind, index.url)
    except Rejected as error:
        return replace(index, warnings=(*index.warnings, f"its newest sitemaps cannot be read: {error}"))
    pages = counted(len(found.entries), "page", "pages")
    sentence = f"{index.sentence}, the newest of them with {pages}"
    return replace(index, sentence=sentence, entries=found.entries, warnings=(*index.warnings, *found.warnings))


def _claimed(url: str) -> Found | None:
    for kind, claim in kinds.claims(url):
        return replace(of_kind(kind, claim.url, claim.options), title=claim.title)
    return None


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
    """What the lines of a list mean. A line that cannot be taken says why, and the others are."""
    closed = hosts.refusals([each.url for each in feeds.outlines if each.url.lower().startswith("http")])
    found = [_of_outline(outline, where, closed.get(outline.url, "")) for outline in feeds.outlines]
    found += [_refused(each.url, each.title, each.reason) for each in feeds.refused]
    if any(not each.refused for each in found):
        return found
    first = "; ".join(f"‘{each.title or each.url}’: {each.refused}" for each in found[:MOST_TOLD])
    raise NothingFound(f"the OPML list {where} names no feed" + (f" that can be added: {first}" if first else ""))


def _refused(url: str, title: str, reason: str) -> Found:
    return Found("refused", url, f"a line that is left out: {reason}", title=title, refused=reason)


def _of_outline(outline: Outline, where: str, closed: str) -> Found:
    if closed:
        return _refused(outline.url, outline.title, closed)
    try:
        kind, options = kinds.find(outline.kind), kinds.checked(outline.kind, outline.options)
        rules.read(outline.rules)
    except (NotFound, Rejected) as error:
        return _refused(outline.url, outline.title, f"{error}; correct the line")
    wanted = Wanted(
        tags=outline.tags,
        rules=outline.rules,
        interval_seconds=outline.interval_seconds,
        is_adaptive=outline.is_adaptive,
        enabled=outline.enabled and not isinstance(kind, NeedsSecret),
    )
    return Found(
        what=outline.kind,
        kind=outline.kind,
        url=outline.url,
        sentence=f"{kinds.called(kind)} listed in {where}{named(outline.title)}",
        title=outline.title,
        home_url=outline.home_url,
        language=outline.language,
        options=options,
        wanted=wanted,
        is_listed=True,
    )


def _from_site(site: Found) -> Found:
    places = [offer.url for offer in site.offers[:MOST_OFFERS]]
    found = _first(places, "feed") or _first(discovery.common_places(site.url), "feed")
    if found is None and not discovery.is_front(site.url):
        return _single(site)
    if found is None:
        found = _first(discovery.sitemap_places(site.url, _robots(site.url)), "sitemap")
    if found is None:
        found = _watched(site.url)
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


def _single(site: Found) -> Found:
    """One page of a site without feeds. If it looks like a list, the sentence says how it can be followed."""
    try:
        watched = _watched(site.url)
    except Unavailable:
        watched = None
    repeated = (
        f"; {len(watched.entries)} things repeat in it: to follow it, add it as a watched page" if watched else ""
    )
    sentence = f"a single page{named(site.title)}{repeated}"
    return replace(site, what="article", kind="pages", sentence=sentence)


def _watched(url: str) -> Found | None:
    """The page itself, if something repeats in it that a kind can read."""
    try:
        found = of_kind("watch", url)
    except (Rejected, KindNotFound):
        return None
    return found if len(found.entries) >= FEWEST_WATCHED else None


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
