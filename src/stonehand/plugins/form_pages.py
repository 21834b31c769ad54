"""What stands on the pages of a site of forms: lists, articles and comments. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode, urljoin

import nh3
from lxml import etree, html

from stonehand.errors import NotFound
from stonehand.platforms.interfaces import Article, Card, Choice, Comment, Filters, Listing, PageOdd
from stonehand.plugins import form_browser, form_dates, watch_selectors
from stonehand.plugins.form_browser import Page
from stonehand.plugins.form_settings import CardRule, Settings, id_in

LONGEST_TEXT = 200_000  # characters


class TabUnknown(NotFound):
    """The site has no such tab for this login."""


def address(settings: Settings, filters: Filters) -> str:
    """The path of a list."""
    index = settings.index
    asked = {
        index.tab: filters.tab,
        index.category: filters.category,
        index.task: filters.task,
        index.search: filters.search,
        index.page: str(filters.page) if filters.page > 1 else "",
    }
    query = urlencode({name: value for name, value in asked.items() if name and value})
    return f"{index.path}?{query}" if query else index.path


def listing(page: Page, settings: Settings, filters: Filters) -> Listing:
    """A list. Where the site cannot search, titles are looked at here; where it has no pages, there is one."""
    index = settings.index
    tabs = tuple(_tabs(page, settings))
    cards = () if filters.page > 1 and not index.page else tuple(_cards(page, settings, filters, tabs))
    if filters.search and not index.search:
        cards = tuple(each for each in cards if filters.search.casefold() in each.title.casefold())
    return Listing(
        cards[: filters.most], tabs, tuple(_choices(page, index.categories)), tuple(_choices(page, index.tasks))
    )


def _tabs(page: Page, settings: Settings) -> Iterator[Choice]:
    for each in page.find(settings.index.tabs):
        found = id_in(each.get(settings.index.tab_id) or "", settings.index.tab_ids)
        if found:
            yield Choice(found, form_browser.words(each))


def _choices(page: Page, selector: str) -> Iterator[Choice]:
    for each in page.find(selector):
        if each.get("value"):
            yield Choice(each.get("value") or "", form_browser.words(each))


def _cards(page: Page, settings: Settings, filters: Filters, tabs: tuple[Choice, ...]) -> Iterator[Card]:
    roots = _panels(page, settings, filters, tabs)
    for rule in settings.index.cards:
        items = [item for root in roots for item in watch_selectors.find(root, rule.item)]
        if items:
            found = [_card(item, rule, page, settings) for item in items]
            yield from {card.id: card for card in found if card}.values()
            return


def _panels(page: Page, settings: Settings, filters: Filters, tabs: tuple[Choice, ...]) -> list[etree._Element]:
    """What holds the articles of the tab: a tab that is not there is no empty one."""
    if not settings.index.panel or not filters.tab:
        return [page.root]
    if filters.tab not in {tab.id for tab in tabs}:
        known = ", ".join(f"{tab.id} ({tab.name})" for tab in tabs) or "none"
        raise TabUnknown(f"this login sees no tab {filters.tab!r}; it sees: {known}")
    found = page.find(settings.index.panel.replace("{tab}", filters.tab))
    if not found:
        raise PageOdd(f"{page.url} shows the tab {filters.tab!r}, but nothing that belongs to it")
    return found


def _card(item: etree._Element, rule: CardRule, page: Page, settings: Settings) -> Card | None:
    links = [item] if item.tag == "a" else watch_selectors.find(item, rule.link)
    href = (links[0].get("href") or "") if links else ""
    found = id_in((item.get(rule.id_attribute) or "") if rule.id_attribute else href, rule.ids)
    if not found:
        return None
    states = watch_selectors.find(item, rule.state) if rule.state else []
    return Card(
        found,
        urljoin(page.url, href),
        _said(item, rule.title),
        _said(item, rule.author),
        _state(states[0], settings.index.states) if states else "published",
        _said(item, rule.visibility),
        _when(item, rule.date, settings),
    )


def _said(item: etree._Element, selector: str) -> str:
    found = watch_selectors.find(item, selector) if selector else []
    return form_browser.words(found[0])[:1000] if found else ""


def _when(item: etree._Element, selector: str, settings: Settings, after: str = "") -> datetime | None:
    for each in watch_selectors.find(item, selector) if selector else []:
        told = (each.get(settings.dates.attribute) or "") if settings.dates.attribute else ""
        text = told or form_browser.words(each)
        if text.startswith(after):
            return form_dates.moment(text.removeprefix(after), settings.dates)
    return None


def _state(element: etree._Element, states: dict[str, str]) -> str:
    """A state by a class of its mark, or by its word."""
    said = form_browser.words(element).casefold()
    for word in (*(element.get("class") or "").lower().split(), said):
        if word in states:
            return states[word]
    return said


def article(page: Page, settings: Settings, article_id: str, author: str = "") -> Article:
    """An article. Raises `PageOdd` where its text is not found."""
    rules = settings.article
    bodies = page.find(rules.body)
    if not bodies:
        raise PageOdd(f"{page.url} has no {rules.body!r}; check the setting article.body")
    title, writer = _split(page.words(rules.title), rules.splits, author)
    text = "\n".join(form_browser.text(each) for each in bodies)[:LONGEST_TEXT]
    markup = "".join(etree.tostring(each, encoding="unicode", method="html", with_tail=False) for each in bodies)
    return Article(
        article_id,
        page.url,
        title,
        page.words(rules.author) if rules.author else writer,
        text,
        nh3.clean(markup[:LONGEST_TEXT]),
        _fact(page, settings, rules.category),
        _fact(page, settings, rules.task),
        _when(page.root, rules.edited, settings, rules.edited_after),
        tuple(comments(page, settings)),
    )


def _split(shown: str, splits: str, author: str) -> tuple[str, str]:
    """Title and author. A title may hold what stands between them, so the last one counts, unless we know better."""
    if not splits or splits.strip() not in shown:
        return shown, author
    if author and shown.endswith(f"{splits}{author}"):
        return shown.removesuffix(f"{splits}{author}"), author
    title, between, writer = shown.rpartition(splits)
    return (title, writer) if between else (shown, author)


def _fact(page: Page, settings: Settings, begins: str) -> str:
    found = [form_browser.words(each) for each in page.find(settings.article.facts)]
    return next((each.removeprefix(begins).strip() for each in found if begins and each.startswith(begins)), "")


def comments(page: Page, settings: Settings) -> Iterator[Comment]:
    """What stands below an article, as far as this login sees it."""
    rules = settings.comments
    for item in page.find(rules.item):
        links = watch_selectors.find(item, rules.link) if rules.link else []
        href = (links[0].get("href") or "") if links else ""
        found = id_in((item.get(rules.id_attribute) or "") if rules.id_attribute else href, rules.ids)
        is_pending = bool(rules.pending and watch_selectors.find(item, rules.pending))
        url = f"{page.url.partition('#')[0]}#comment-{found}" if found else page.url
        author = _said(item, rules.author).removeprefix(rules.author_after.strip()).strip()
        yield Comment(found, author, _whole(item, rules.words), url, is_pending)


def _whole(item: etree._Element, selector: str) -> str:
    return "\n".join(form_browser.text(each) for each in watch_selectors.find(item, selector))


def own(found: Iterator[Comment], name: str, words: str) -> Comment | None:
    """Our oldest comment of these words. How a site breaks its lines is no difference."""
    wanted = _folded(words)
    mine = [each for each in found if wanted and _folded(each.author) == _folded(name) and _folded(each.text) == wanted]
    return mine[0] if mine else None


def said(markup: str) -> str:
    """The words of a comment's markup."""
    return form_browser.text(html.fragment_fromstring(markup, create_parent="div"))


def _folded(text: str) -> str:
    return "".join(text.split())
