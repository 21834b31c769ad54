"""Kinds of source: which there are, what their sources have to know, and where secrets of theirs may go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from stonehand import registry, vault
from stonehand.sources.addresses import canonical_url
from stonehand.sources.errors import OptionsUnfit, SecretMissing
from stonehand.sources.interfaces import Claim, KnowsAddresses, NeedsSecret, SourceKind, TakesOptions


def find(kind: str) -> SourceKind:
    """The plugin of a kind of source. Raises `KindNotFound`."""
    found: SourceKind = registry.find("source", kind)
    return found


def called(found: SourceKind) -> str:
    """A kind as it stands in a sentence: a watched page; but Hacker News, which is a name."""
    return found.title if found.title.istitle() else f"a {found.title}"


def claims(url: str) -> Iterator[tuple[str, Claim]]:
    """The kinds whose service is at this address, and the source that each understands by it."""
    for kind in registry.names("source"):
        found = find(kind)
        claim = found.claim(url) if isinstance(found, KnowsAddresses) else None
        if claim:
            yield kind, claim


def checked(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as they should be kept: without those that are as usual. Raises `OptionsUnfit`."""
    found = find(kind)
    if not isinstance(found, TakesOptions):
        if options:
            raise OptionsUnfit(f"{called(found)} has no options; leave out {', '.join(sorted(options))}")
        return {}
    try:
        fit = found.options.model_validate(dict(options))
    except ValidationError as error:
        raise OptionsUnfit(f"{called(found)} cannot work with these options: {_said(error)}") from None
    return fit.model_dump(mode="json", exclude_defaults=True)


def _said(error: ValidationError) -> str:
    wrong = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'together'}: {each['msg']}" for each in wrong[:5])


def whole(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the kind gets them: those that are as usual as well."""
    found = find(kind)
    return found.options.model_validate(dict(options)).model_dump() if isinstance(found, TakesOptions) else {}


def address(kind: str, url: str, options: Mapping[str, Any]) -> str:
    """What tells a source from others: the one spelling of its address, and its options if it has some."""
    plain = canonical_url(url) if url.lower().startswith(("http:", "https:")) else url.strip()
    if not options:
        return plain
    digest = hashlib.sha256(json.dumps([kind, options], sort_keys=True).encode()).hexdigest()
    return f"{plain}#{kind}-{digest[:16]}"


def sealed(source_id: str, kind: str, url: str, options: Mapping[str, Any], secret: str | None) -> str | None:
    """The secret as it is kept. Raises `SecretMissing` if the kind needs one, and none is given."""
    found = find(kind)
    if not isinstance(found, NeedsSecret):
        return None
    if not secret:
        raise SecretMissing(f"{called(found)} needs its {found.secret_name}")
    return vault.seal(secret, _context(found, source_id, url, options))


def opened(source_id: str, kind: str, url: str, options: Mapping[str, Any], secret: str | None) -> str | None:
    """The secret itself, for a kind that needs one. Raises `SecretUnreadable`, `SecretMissing`."""
    found = find(kind)
    if not isinstance(found, NeedsSecret):
        return None
    if not secret:
        raise SecretMissing(f"the {found.secret_name} of this {found.title} is missing; enter it again")
    return vault.open_sealed(secret, _context(found, source_id, url, options))


def _context(found: NeedsSecret, source_id: str, url: str, options: Mapping[str, Any]) -> str:
    return f"source:{source_id}:{found.secret_address(url, options)}"
