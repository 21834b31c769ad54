"""An edition: the sample's articles at one address and one moment, so that dates are fresh and stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from stonehand.sample.content import SampleArticle, articles
from stonehand.sample.outlets import OUTLETS, Outlet


@dataclass(frozen=True)
class Edition:
    """`address` is scheme, host and port without a slash; `epoch` an aware time from which hours count back."""

    address: str
    epoch: datetime

    def home(self, outlet: Outlet) -> str:
        """Address of an outlet's front page."""
        return f"{self.address}/{outlet.slug}/"

    def feed(self, outlet: Outlet) -> str:
        """Address of an outlet's main feed or sitemap."""
        return self.home(outlet) + outlet.feed

    def url(self, article: SampleArticle) -> str:
        """Address of an article's page."""
        outlet = OUTLETS[article.outlet]
        return self.home(outlet) + outlet.article.format(article.slug)

    def published(self, article: SampleArticle) -> datetime:
        """When the article says that it came out."""
        return self.epoch - timedelta(hours=article.hours)

    def updated(self, article: SampleArticle) -> datetime:
        """When the article says that it was last changed."""
        return self.epoch - timedelta(hours=article.updated)

    def of(self, outlet: Outlet, feed: str | None = None) -> list[SampleArticle]:
        """Articles of an outlet, newest first; only those of one `feed` if it is named."""
        return [article for article in articles() if article.outlet == outlet.slug and feed in (None, article.feed)]

    def changed(self, outlet: Outlet, feed: str | None = None) -> datetime:
        """When an outlet last published or changed something."""
        return max(self.updated(article) for article in self.of(outlet, feed))
