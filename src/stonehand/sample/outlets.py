"""The six outlets, and how each of them can be reached."""

from __future__ import annotations

from dataclasses import dataclass

NOTICE = "Sample newsroom: this outlet is simulated. Its towns, people and events are invented."


@dataclass(frozen=True)
class Outlet:
    """An outlet; `article` is the pattern of its addresses, `feed` the path of its main feed below its own prefix."""

    slug: str
    name: str
    tagline: str
    language: str
    article: str
    feed: str
    media_type: str
    paragraph: str = "<p>{}</p>"

    @property
    def label(self) -> str:
        """The name with the mark of the sample, as feeds show it."""
        return f"{self.name} (sample)"


OUTLETS = {
    outlet.slug: outlet
    for outlet in (
        Outlet(
            "harbour-gazette",
            "The Harbour Gazette",
            "Port Merrin's paper since 1868",
            "en",
            "news/{}",
            "feed.xml",
            "application/rss+xml; charset=utf-8",
        ),
        Outlet(
            "northfell-courier",
            "Northfell Courier",
            "News from the fells",
            "en",
            "{}.html",
            "rss.xml",
            "text/xml; charset=utf-8",
        ),
        Outlet(
            "tarn-valley-post",
            "Tarn Valley Post",
            "Written by neighbours",
            "en",
            "article/{}/",
            "atom.xml",
            "application/atom+xml; charset=utf-8",
        ),
        Outlet(
            "meridian-review",
            "Meridian Review",
            "Science, technology and what they cost",
            "en",
            "{}",
            "feed.json",
            "application/feed+json; charset=utf-8",
        ),
        Outlet(
            "kestrel-wire",
            "Kestrel Wire",
            "The regional news agency",
            "en",
            "stories/{}",
            "sitemap.xml",
            "application/xml; charset=utf-8",
            paragraph="{}<br><br>",
        ),
        Outlet(
            "altenquell-anzeiger",
            "Altenquell Anzeiger",
            "Die Zeitung der Kurstadt",
            "de",
            "artikel/{}.html",
            "aktuell.rss",
            "application/rss+xml",
            paragraph='<div class="absatz"><p>{}</p></div>',
        ),
    )
}
BROKEN = "harbour-gazette/whats-on.xml"
SLOW = "northfell-courier/community.xml"


def outlets(address: str) -> list[str]:
    """Addresses to add as sources: four feeds, a sitemap, a site whose feed must be found, a broken and a slow feed."""
    found = [f"{address}/{outlet.slug}/{outlet.feed}" for outlet in OUTLETS.values()]
    found[-1] = f"{address}/altenquell-anzeiger/"
    return [*found, f"{address}/{BROKEN}", f"{address}/{SLOW}"]
