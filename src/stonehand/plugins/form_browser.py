"""What a browser does for a site of forms: cookies, forms with their hidden fields, and redirects by hand.

Everything stays on the site's own origin: no cookie and no form goes elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import etree, html

from stonehand.errors import Rejected
from stonehand.http_client import Reply, Request
from stonehand.platforms.interfaces import Cookie, PageOdd, Visit
from stonehand.plugins import watch_selectors

REDIRECTS = 5
MOST_COOKIES, LONGEST_COOKIE = 50, 4096
SILENT = ("script", "style", "noscript", "template")
BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure")
FORM = "application/x-www-form-urlencoded"


class LedElsewhere(Rejected):
    """The site sends us to another one, or round and round."""


@dataclass(frozen=True)
class Page:
    """An answer, read as HTML. `led` are the addresses that the site sent us on to, with their fragments."""

    url: str
    root: etree._Element
    led: tuple[str, ...] = ()

    def find(self, selector: str) -> list[etree._Element]:
        """What a selector finds; nothing for an empty one."""
        return watch_selectors.find(self.root, selector) if selector else []

    def words(self, selector: str) -> str:
        """The words of the first thing it finds."""
        found = self.find(selector)
        return words(found[0]) if found else ""


@dataclass(frozen=True)
class Form:
    """A form, and the fields that it would send as it stands."""

    action: str
    fields: Mapping[str, str]


def get(visit: Visit, path: str, led: tuple[str, ...] = ()) -> Page:
    """A page, after the site's redirects."""
    return _followed(visit, Request(_at(visit, path), follow=False), led)


def post(visit: Visit, page: Page, form: Form, changes: Mapping[str, str]) -> Page:
    """Send a form that stands on a page."""
    body = urlencode({**form.fields, **changes}).encode()
    headers = {"Content-Type": FORM, "Referer": page.url, "Origin": _origin(visit.base_url)}
    return _followed(visit, Request(_at(visit, form.action), "POST", headers, body, follow=False))


def form(page: Page, selector: str, csrf: str, text: str) -> Form:
    """The form that a selector finds and that has a field of this name. Raises `PageOdd`."""
    for found in page.find(selector):
        fields = _fields(found)
        if any(each.get("name") == text for each in found.iter("input", "textarea")):
            if csrf and csrf not in fields:
                raise PageOdd(f"the form {selector!r} of {page.url} has no field {csrf!r}; check the setting csrf")
            return Form(urljoin(page.url, found.get("action") or page.url), fields)
    raise PageOdd(f"{page.url} has no form {selector!r} with a field {text!r}; check the site's settings")


def _fields(found: etree._Element) -> dict[str, str]:
    """What a browser would send of a form that nobody has touched."""
    sent: dict[str, str] = {}
    for each in found.iter("input", "textarea", "select"):
        name, sort = each.get("name"), (each.get("type") or "text").lower()
        if not name or sort in ("submit", "button", "image", "file", "reset"):
            continue
        if sort in ("checkbox", "radio") and each.get("checked") is None:
            continue
        sent[name] = _value(each)
    return sent


def _value(each: etree._Element) -> str:
    if each.tag == "textarea":
        return "".join(str(part) for part in each.itertext())
    if each.tag == "select":
        options = list(each.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return (chosen[0].get("value") or words(chosen[0])) if chosen else ""
    return each.get("value") or ("on" if (each.get("type") or "").lower() == "checkbox" else "")


def words(element: etree._Element) -> str:
    """The words of an element on one line, without what is no text."""
    return " ".join(text(element).split())


def text(element: etree._Element) -> str:
    """What people read of an element, a line for each block. Markup that is written out as text stays text."""
    lines = "".join(_pieces(element)).split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _pieces(element: etree._Element) -> Iterator[str]:
    for event, each in etree.iterwalk(element, events=("start", "end")):
        silent = not isinstance(each.tag, str) or each.tag in SILENT
        if event == "start":
            yield "\n" if each.tag in BLOCKS else ""
            yield "" if silent else each.text or ""
        else:
            yield "\n" if each.tag in BLOCKS else ""
            yield (each.tail or "") if each is not element else ""


def _followed(visit: Visit, request: Request, led: tuple[str, ...] = ()) -> Page:
    for _ in range(REDIRECTS + 1):
        reply = visit.ask(_with_cookies(visit, request))
        _keep_cookies(visit, reply)
        target = _target(visit, reply)
        if target is None:
            return Page(reply.url, parsed(reply), led)
        led = (*led, target)
        same = reply.status in (307, 308)
        url = target.partition("#")[0]
        request = Request(url, request.method, request.headers, request.body, follow=False) if same else _plain(url)
    raise LedElsewhere(f"{visit.base_url} sends us on more than {REDIRECTS} times")


def _plain(url: str) -> Request:
    return Request(url, follow=False)


def _target(visit: Visit, reply: Reply) -> str | None:
    """Where it sends us on to. Some servers write the path with backslashes."""
    said = reply.headers.get("location", "")
    if reply.status not in (301, 302, 303, 307, 308) or not said:
        return None
    return _at(visit, urljoin(reply.url, said.replace("\\", "/")))


def _at(visit: Visit, path: str) -> str:
    url = urljoin(visit.base_url, path)
    if _origin(url) != _origin(visit.base_url):
        raise LedElsewhere(
            f"{visit.base_url} sends us on to {urlsplit(url).netloc[:100]}, where this login is not known"
        )
    return url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    try:
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError as error:
        raise LedElsewhere(f"{url[:200]!r} is no address") from error
    is_usual = (parts.scheme, port) in (("https", 443), ("http", 80))
    return f"{parts.scheme}://{(parts.hostname or '').lower()}" + ("" if is_usual else f":{port}")


def parsed(reply: Reply) -> etree._Element:
    """The page of an answer. Raises `PageOdd` for what is no HTML."""
    parser = html.HTMLParser(encoding=reply.charset or "utf-8", huge_tree=False)
    try:
        root: etree._Element | None = html.document_fromstring(reply.body or b"<html></html>", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise PageOdd(f"{reply.url} answered with something that is no page") from error
    if root is None:
        raise PageOdd(f"{reply.url} answered with an empty page")
    return root


def _with_cookies(visit: Visit, request: Request) -> Request:
    path, moment = urlsplit(request.url).path or "/", time.time()
    fit = [each for each in visit.jar if path.startswith(each.path) and (each.expires or moment + 1) > moment]
    if not fit:
        return request
    headers = {**request.headers, "Cookie": "; ".join(f"{each.name}={each.value}" for each in fit)}
    return Request(request.url, request.method, headers, request.body, follow=False)


def _keep_cookies(visit: Visit, reply: Reply) -> None:
    for line in reply.cookies[:MOST_COOKIES]:
        cookie = _cookie(line)
        if cookie is None:
            continue
        others = [each for each in visit.jar if (each.name, each.path) != (cookie.name, cookie.path)]
        is_over = cookie.expires is not None and cookie.expires <= time.time()
        visit.jar[:] = (others if is_over else [*others, cookie])[-MOST_COOKIES:]


def _cookie(line: str) -> Cookie | None:
    """A `Set-Cookie`. Its domain is not heeded: a cookie goes back to the origin that set it, and nowhere else."""
    pair, *rest = line[:LONGEST_COOKIE].split(";")
    name, _, value = (part.strip() for part in pair.partition("="))
    if not name or not f"{name}{value}".isascii() or not f"{name}{value}".isprintable():
        return None
    told = {key.strip().lower(): value.strip() for key, _, value in (each.partition("=") for each in rest)}
    path = told.get("path", "/")
    return Cookie(name, value, path if path.startswith("/") else "/", _expiry(told))


def _expiry(told: Mapping[str, str]) -> float | None:
    try:
        if "max-age" in told:
            return time.time() + int(told["max-age"])
        return parsedate_to_datetime(told["expires"]).timestamp() if "expires" in told else None
    except ValueError:
        return None
