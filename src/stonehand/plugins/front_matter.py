"""A piece as a file of a static site: front matter for Hugo or Jekyll, its path and its address. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from stonehand.channels.interfaces import Config, ConfigUnfit, Piece, Setting
from stonehand.plugins.folder_pages import clean

GENERATORS = ("hugo", "jekyll")
FORMATS = ("yaml", "toml")
PATHS = {
    "hugo": "content/posts/{year}-{month}-{day}-{slug}.md",
    "jekyll": "_posts/{year}-{month}-{day}-{slug}.md",
}
LINKS = {"hugo": "posts/{slug}/", "jekyll": "{year}/{month}/{day}/{slug}.html"}
SETTINGS = ("generator", "format", "path", "link", "base_url", "draft", "on_retract")
ON_RETRACT = ("remove", "mark")
YES = ("no", "yes")
SETTINGS_OF_A_SITE = (
    Setting("generator", "Generator", "Which program builds the site.", "choice", False, GENERATORS),
    Setting("format", "Front matter", "Jekyll reads YAML alone.", "choice", False, FORMATS),
    Setting(
        "path",
        "Path of a piece",
        "With {year}, {month}, {day}, {slug}, {language}. Empty: the usual one.",
        "text",
        False,
    ),
    Setting(
        "link",
        "Address of a piece",
        "The same, as visitors see it: posts/{slug}/. Empty: the usual one.",
        "text",
        False,
    ),
    Setting("base_url", "Address of the site", "Such as https://www.example.org/.", "url", False),
    Setting("draft", "As drafts", "Whether pieces come as drafts, which the site does not show.", "choice", False, YES),
    Setting(
        "on_retract", "When taken back", "Remove the file, or leave one that says why.", "choice", False, ON_RETRACT
    ),
)
KEY = "stonehand_key"
_FIELD = re.compile(r"\{([a-z]*)\}")
_FIELDS = {"year", "month", "day", "slug", "language"}
_KEYED = re.compile(rf"^{KEY}\s*[:=]\s*\"([a-z0-9]{{8,64}})\"\s*$", re.MULTILINE)
_CONTROLS = re.compile("[\x7f-\x84\x86-\x9f\ufeff]")  # which JSON lets through, and neither YAML nor TOML
_SCHEME = re.compile(r"\b(javascript|vbscript|data|file)\s*:", re.IGNORECASE)
_SAFE = re.compile(r"[A-Za-z0-9._{}/-]+")


@dataclass(frozen=True)
class Layout:
    """How a site wants its pieces. `path` and `link` are patterns with {year}, {month}, {day}, {slug}, {language}."""

    generator: str = "hugo"
    format: str = "yaml"
    path: str = PATHS["hugo"]
    link: str = LINKS["hugo"]
    base_url: str = ""
    draft: bool = False
    on_retract: str = "remove"


def layout(config: Config) -> Layout:
    """What the settings of a channel say. Raises `ConfigUnfit`."""
    generator = _one_of(config, "generator", GENERATORS)
    form = _one_of(config, "format", FORMATS)
    if generator == "jekyll" and form != "yaml":
        raise ConfigUnfit("Jekyll reads YAML alone; set format to yaml")
    path = str(config.get("path") or PATHS[generator]).strip()
    link = str(config.get("link") or LINKS[generator]).strip().lstrip("/")
    _check_pattern("path", path)
    _check_pattern("link", link)
    if not path.endswith((".md", ".markdown")):
        raise ConfigUnfit("path must end in .md or .markdown")
    base, on_retract = _base(str(config.get("base_url") or "").strip()), _one_of(config, "on_retract", ON_RETRACT)
    return Layout(generator, form, path, link, base, _is_yes(config.get("draft")), on_retract)


def kept(config: Config) -> dict[str, Any]:
    """The settings as they should be kept: those that were given, and choices in the words of the form."""
    form = layout(config)
    given = {name: str(config[name]).strip() for name in SETTINGS if str(config.get(name) or "").strip()}
    chosen = {"generator": form.generator, "format": form.format, "on_retract": form.on_retract}
    return {name: chosen.get(name, value) for name, value in given.items()} | ({"draft": "yes"} if form.draft else {})


def _one_of(config: Config, name: str, known: tuple[str, ...]) -> str:
    word = str(config.get(name) or known[0]).strip().lower()
    if word not in known:
        raise ConfigUnfit(f"{name} is {word[:40]!r}; choose {' or '.join(known)}")
    return word


def _is_yes(given: Any) -> bool:
    return str(given or "").strip().lower() in ("yes", "true", "on", "1")


def _check_pattern(name: str, pattern: str) -> None:
    parts = pattern.split("/")
    unknown = set(_FIELD.findall(pattern)) - _FIELDS
    if unknown or "{slug}" not in pattern:
        known = ", ".join(f"{{{each}}}" for each in sorted(_FIELDS))
        raise ConfigUnfit(f"{name} must hold {{slug}} and no other fields than {known}")
    hidden = any(part.startswith(".") or not part for part in (parts if name == "path" else parts[:-1]))
    if hidden or not _SAFE.fullmatch(pattern) or pattern.startswith("/"):
        raise ConfigUnfit(f"{name} must be a plain path within the site, like {PATHS['hugo']}")


def _base(given: str) -> str:
    if given and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", given):
        raise ConfigUnfit("base_url must be an address like https://www.example.org/")
    return given.rstrip("/") + "/" if given else ""


def path_of(form: Layout, piece: Piece, number: int = 1) -> str:
    """Where a piece stands within the site. `number` tells apart pieces that would stand at the same place."""
    return _filled(form.path, piece, number)


def url_of(form: Layout, piece: Piece, number: int = 1) -> str:
    """Where people see it, or nothing if the site's address is not known."""
    return form.base_url + link_of(form, piece, number) if form.base_url else ""


def link_of(form: Layout, piece: Piece, number: int = 1) -> str:
    """The same, from the site's address on."""
    return _filled(form.link, piece, number)


def slug_of(piece: Piece, number: int = 1) -> str:
    """A name for files and addresses."""
    plain = re.sub(r"[^a-z0-9]+", "-", piece.slug.lower())[:60].strip("-") or "piece"
    return plain if number == 1 else f"{plain}-{number}"


def _filled(pattern: str, piece: Piece, number: int) -> str:
    at = piece.at.astimezone(UTC)
    language = re.sub(r"[^a-z0-9-]", "", piece.language.lower()) or "und"
    fields = {"year": f"{at:%Y}", "month": f"{at:%m}", "day": f"{at:%d}", "language": language}
    return pattern.format(**fields, slug=slug_of(piece, number))


def document(form: Layout, piece: Piece, key: str) -> str:
    """The whole file."""
    body = f"> {inert(_said(piece))}\n\n{inert(piece.markdown.strip())}"
    return _written(form, _fields(form, piece, key), body)


def shown(form: Layout, piece: Piece) -> str:
    """The whole file below its path, as it looks before it has a key."""
    return f"{path_of(form, piece)}\n\n{document(form, piece, '')}"


def tombstone(form: Layout, slug: str, at: str, key: str, reason: str) -> str:
    """What stays of a piece that was taken back: a draft that says so, without its text."""
    fields = {"title": "Retracted", "date": at, "slug": slug, "retracted": _line(reason), "draft": True, KEY: ""}
    return _written(form, {**fields, "published": False, "retracted_key": key}, f"*{inert(_line(reason))}*")


def _written(form: Layout, fields: Mapping[str, Any], body: str) -> str:
    plain = {name: value for name, value in fields.items() if value not in ("", [])}
    if form.generator == "jekyll":
        plain = {name: _tagless(value) for name, value in plain.items()}
    text = clean(f"{_toml(plain) if form.format == 'toml' else _yaml(plain)}\n{body}\n")
    return _CONTROLS.sub("", text)


def _fields(form: Layout, piece: Piece, key: str) -> dict[str, Any]:
    at = piece.at.astimezone(UTC)
    fields: dict[str, Any] = {
        "title": piece.title,
        "date": at.isoformat(timespec="seconds"),
        "slug": slug_of(piece),
        "description": piece.meta_description or piece.excerpt,
        "tags": list(piece.tags or piece.keywords),
        "categories": list(piece.categories),
        "language": piece.language,
        "label": _line(piece.label),
        "generator": piece.generator,
        "digital_source_type": piece.digital_source,
        "sources": [reference.url for reference in piece.references],
        "draft": form.draft,
        KEY: key,
    }
    if piece.meta_title and piece.meta_title != piece.title:
        fields["seo_title"] = piece.meta_title
    if piece.corrected_at:
        name = "last_modified_at" if form.generator == "jekyll" else "lastmod"
        fields[name] = piece.corrected_at.astimezone(UTC).isoformat(timespec="seconds")
    if piece.image_url:
        fields["image"] = piece.image_url
    if form.generator == "jekyll":
        fields |= {"layout": "post", "published": not form.draft}
    if piece.is_sample:
        fields["sample"] = True
    return fields


def _said(piece: Piece) -> str:
    sample = " Sample: this text and its sources are invented." if piece.is_sample else ""
    return f"{_line(piece.label)}{sample}"


def inert(text: str) -> str:
    """Markdown that does nothing when a site is built or read: no tags, shortcodes, Liquid, attributes or scripts.

    Hugo runs `{{< >}}`, Jekyll `{% %}` and `{: }`, and kramdown lets HTML and any address through.
    """
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("{", "&#123;")
    return _SCHEME.sub(lambda found: f"{found[1]}\u200b:", plain)


def _tagless(value: Any) -> Any:
    """Themes of Jekyll may show front matter as it is."""
    if isinstance(value, str):
        return value.replace("<", "‹").replace(">", "›")
    return [_tagless(each) for each in value] if isinstance(value, list) else value


def _line(text: str) -> str:
    return " ".join(text.split())


def _yaml(fields: Mapping[str, Any]) -> str:
    """JSON is YAML, whatever a text contains."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---", ""])


def _toml(fields: Mapping[str, Any]) -> str:
    """The strings of JSON are strings of TOML; times stay texts."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["+++", *lines, "+++", ""])


def key_in(text: str) -> str:
    """The key that a file carries; empty if it carries none."""
    found = _KEYED.search(text[:20_000])
    return found[1] if found else ""
