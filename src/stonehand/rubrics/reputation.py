"""How far the host of an article and its author are known to be reliable. Pure.

The list of a curator's weights goes before ours, which holds only what hardly anybody disputes: news agencies, public
broadcasters, journals, and a few sites of inventions or satire. It says nothing of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

HIGH, LOW, UNKNOWN = 85.0, 25.0, 50.0
PUBLIC, ACADEMIC = 90.0, 88.0  # of governments and universities
SUBDOMAIN = 5.0  # what the part of a known site loses
DOMAIN_SHARE, AUTHOR_SHARE = 0.7, 0.3
KNOWN_AUTHOR = 70.0  # somebody signs with a name; a name that is missing counts neither way
GOVERNMENTS = ("gov", "gov.uk", "mil", "europa.eu", "admin.ch", "gc.ca", "gouv.fr", "bund.de")
JOURNALS = ("nature.com", "science.org", "cell.com", "thelancet.com", "nejm.org", "pnas.org", "arxiv.org")
AGENCIES = (
    *("apnews.com", "reuters.com", "afp.com", "dpa.com"),
    *("bbc.co.uk", "bbc.com", "npr.org", "pbs.org", "cbc.ca", "abc.net.au", "rnz.co.nz"),
    *("dw.com", "tagesschau.de", "deutschlandfunk.de", "france24.com", "rfi.fr", "swissinfo.ch", "srf.ch", "orf.at"),
)
INVENTED = ("infowars.com", "naturalnews.com", "beforeitsnews.com", "theonion.com", "worldnewsdailyreport.com")


@dataclass(frozen=True)
class Repute:
    """0 to 100, and the reason in words."""

    score: float
    reason: str


def judge(host: str, author: str | None, trusted: tuple[str, ...] = (), doubted: tuple[str, ...] = ()) -> Repute:
    """Seven tenths the host, three tenths the author; the host alone if nobody signs."""
    name = host.lower().removeprefix("www.")
    known = _of_host(name, trusted, doubted)
    if not author:
        return Repute(known.score, f"{known.reason}; nobody signs, so only the host counts")
    score = DOMAIN_SHARE * known.score + AUTHOR_SHARE * KNOWN_AUTHOR
    return Repute(round(score, 2), f"{known.reason}; signed by {author[:80]}")


def _of_host(host: str, trusted: tuple[str, ...], doubted: tuple[str, ...]) -> Repute:
    for names, score, words in ((doubted, LOW, "somebody here doubts"), (trusted, HIGH, "somebody here trusts")):
        if found := _under(host, names):
            return Repute(score - (SUBDOMAIN if found != host else 0), f"{words} {found}")
    if _under(host, GOVERNMENTS) or _second_level(host, "gov"):
        return Repute(PUBLIC, f"{host} is a government's")
    if _under(host, ("edu",)):
        return Repute(PUBLIC, f"{host} is a university's")
    if _second_level(host, "ac") or _second_level(host, "edu") or _under(host, JOURNALS):
        return Repute(ACADEMIC, f"{host} is a university's or a journal's")
    for names, score, words in ((AGENCIES, HIGH, "a news agency or broadcaster"), (INVENTED, LOW, "known to invent")):
        if found := _under(host, names):
            return Repute(score - (SUBDOMAIN if found != host else 0), f"{found} is {words}")
    return Repute(UNKNOWN, f"nothing is known of {host or 'its host'}")


def _under(host: str, names: tuple[str, ...]) -> str:
    """The longest of the names that is the host or holds it."""
    labels = host.split(".")
    ends = [".".join(labels[at:]) for at in range(len(labels))]
    return next((end for end in ends if end in names), "")


def _second_level(host: str, label: str) -> bool:
    """`ox.ac.uk`, `service.gov.uk`: the label before a country's."""
    labels = host.split(".")
    return len(labels) > 2 and labels[-2] == label and len(labels[-1]) == 2
