"""Templates of older installations: their placeholders stand in single braces, such as `{article_title}`."""

from __future__ import annotations

import difflib
import re

from stonehand.prompts.errors import TemplateInvalid
from stonehand.prompts.purposes import Purpose

FORMER = {"mymoment_username": "login_name"}
_SINGLE = re.compile(r"(?<!\{)\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}(?!\})")


def doubled(asked: Purpose, template: str) -> str:
    """The template with `{{ name }}` for every `{name}`, where the purpose has placeholders; others are left alone.

    Lines stay where they are. Raises `TemplateInvalid` for a name in single braces that does not exist.
    """
    if not asked.placeholders:
        return template
    known = {each.name for each in asked.names}
    lines = template.split("\n")
    return "\n".join(_line(number, line, known) for number, line in enumerate(lines, 1))


def _line(number: int, line: str, known: set[str]) -> str:
    def name(found: re.Match[str]) -> str:
        wanted = FORMER.get(found[1], found[1])
        if wanted not in known:
            raise _unknown(number, wanted, known)
        return f"{{{{ {wanted} }}}}"

    return _SINGLE.sub(name, line)


def _unknown(number: int, wanted: str, known: set[str]) -> TemplateInvalid:
    near = difflib.get_close_matches(wanted, list(known), 1)
    mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
    return TemplateInvalid(number, f"there is no placeholder {{{wanted[:60]}}}", mend)
