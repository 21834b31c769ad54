"""Checks and renders templates that people write. What is not allowed here by name is refused.

Jinja's own sandbox keeps a template away from Python. Beyond that, a template may neither call nor reach into anything,
and nothing that it may do makes much out of little: so what it can cost is bounded by its own length.
"""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stonehand.prompts.errors import TemplateInvalid, TemplateTooMuch

LONGEST_TEMPLATE = 8000  # characters
LONGEST_OUTPUT = 12_000  # characters
MOST_NODES = 1500
DEEPEST = 20  # expressions and blocks inside each other
MOST_ROUNDS = 50  # of a loop
SECONDS = 1.0  # of computing
LOOP_FACTS = frozenset({"index", "index0", "first", "last", "length"})
FILTERS = frozenset({"upper", "lower", "capitalize", "trim", "length", "default", "join", "first", "last"})
LONGEST_SEPARATOR = 20
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Getattr,
)  # fmt: skip
_WORDS: dict[type[nodes.Node], str] = {
    nodes.Call: "nothing can be called",
    nodes.Getitem: "nothing can be reached into with square brackets",
    nodes.Assign: "nothing can be set",
    nodes.Include: "nothing can be included",
    nodes.Import: "nothing can be imported",
    nodes.FromImport: "nothing can be imported",
    nodes.Extends: "nothing can be extended",
    nodes.Macro: "there are no macros",
    nodes.Test: "there are no tests with “is”",
    nodes.BinExpr: "there is no arithmetic",
}
_GIVEN_TOO = frozenset({"loop"})


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests.clear()
    return made


_made = _environment()


def check(template: str, names: Collection[str]) -> None:
    """Whether a template may be saved. Raises `TemplateInvalid`, which says where and how to mend it."""
    if not template.strip():
        raise TemplateInvalid(1, "the template is empty", "say what the model shall do")
    if len(template) > LONGEST_TEMPLATE:
        raise TemplateInvalid(
            1, f"the template has {len(template):,} characters", f"at most {LONGEST_TEMPLATE:,} may be"
        )
    _no_controls(template)
    tree = _parsed(template)
    found = list(_walk(tree, 0))
    if len(found) > MOST_NODES:
        raise TemplateInvalid(1, "the template has too many parts", "make it simpler")
    for node, depth, scope in found:
        _allowed(node, depth)
        _known(node, names, scope)


def _no_controls(template: str) -> None:
    for number, line in enumerate(template.split("\n"), 1):
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", line):
            raise TemplateInvalid(number, "there is a control character", "take it out")


def _parsed(template: str) -> nodes.Template:
    try:
        return _made.parse(template)
    except TemplateSyntaxError as error:
        raise TemplateInvalid(
            error.lineno, f"this is no template: {error.message}", _remedy(str(error.message))
        ) from error
    except (RecursionError, ValueError, MemoryError) as error:
        raise TemplateInvalid(
            1, "the template is nested too deeply or holds a number too long", "make it simpler"
        ) from error


def _remedy(message: str) -> str:
    if "filter" in message:
        return f"use one of {', '.join(sorted(FILTERS))}"
    if "end of" in message or "unexpected '}'" in message:
        return "close every {{ with }} and every {% if %} with {% endif %}"
    return "names stand in {{ }}, conditions in {% if %} … {% endif %}, loops in {% for %} … {% endfor %}"


def _walk(
    node: nodes.Node, depth: int, scope: frozenset[str] = frozenset()
) -> Iterator[tuple[nodes.Node, int, frozenset[str]]]:
    """Every node with how deep it stands, and the names of the loops around it."""
    if depth > DEEPEST:
        raise TemplateInvalid(
            node.lineno, "too much is nested here", f"at most {DEEPEST} levels may be; make it simpler"
        )
    yield node, depth, scope
    for child in node.iter_child_nodes():
        inner = scope
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name) and child is not node.iter:
            inner = scope | {node.target.name} | _GIVEN_TOO
        yield from _walk(child, depth + 1, inner)


def _allowed(node: nodes.Node, depth: int) -> None:
    if not isinstance(node, _ALLOWED):
        words = next((said for kind, said in _WORDS.items() if isinstance(node, kind)), "this cannot be used here")
        raise TemplateInvalid(node.lineno, words, "use names, conditions, loops over a list, and simple filters only")
    if isinstance(node, nodes.Getattr):
        _loop_fact(node)
    if isinstance(node, nodes.Filter):
        _simple_filter(node)
    if isinstance(node, nodes.For):
        _simple_loop(node)


def _loop_fact(node: nodes.Getattr) -> None:
    if not (isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr in LOOP_FACTS):
        facts = ", ".join(f"loop.{fact}" for fact in sorted(LOOP_FACTS))
        raise TemplateInvalid(
            node.lineno, f"nothing has a part .{node.attr[:40]}", f"only {facts} are there, inside a loop"
        )


def _simple_filter(node: nodes.Filter) -> None:
    if node.name not in FILTERS:
        raise TemplateInvalid(node.lineno, f"there is no filter {node.name}", _remedy("filter"))
    said = [*node.args, *(each.value for each in node.kwargs)]
    is_constant = all(isinstance(each, nodes.Const) for each in said)
    if node.dyn_args or node.dyn_kwargs or not is_constant:
        raise TemplateInvalid(node.lineno, f"{node.name} takes plain words only", "put the words in quotation marks")
    if node.name == "join" and not (isinstance(node.node, nodes.Name) and _short(said)):
        mend = f"write {{{{ keywords|join(', ') }}}}, with at most {LONGEST_SEPARATOR} characters between"
        raise TemplateInvalid(node.lineno, "join takes a list by its name and a short separator", mend)


def _short(said: Sequence[nodes.Expr]) -> bool:
    return len(said) <= 1 and all(
        isinstance(each, nodes.Const) and isinstance(each.value, str) and len(each.value) <= LONGEST_SEPARATOR
        for each in said
    )


def _simple_loop(node: nodes.For) -> None:
    simple = isinstance(node.iter, nodes.Name) and isinstance(node.target, nodes.Name) and not node.recursive
    inside = any(True for part in (*node.body, *node.else_) for _ in [*part.find_all(nodes.For), *_itself(part)])
    if not simple or node.test is not None:
        raise TemplateInvalid(node.lineno, "a loop goes over one list by its name", "write {% for each in keywords %}")
    if inside:
        raise TemplateInvalid(node.lineno, "a loop stands inside a loop", "take one of them out")


def _itself(node: nodes.Node) -> list[nodes.Node]:
    return [node] if isinstance(node, nodes.For) else []


def _known(node: nodes.Node, names: Collection[str], scope: frozenset[str]) -> None:
    if not isinstance(node, nodes.Name) or node.ctx != "load" or node.name in scope or node.name in names:
        return
    near = difflib.get_close_matches(node.name, list(names), 1)
    mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(names))}"
    raise TemplateInvalid(node.lineno, f"there is no name {node.name[:60]}", mend)


def render(template: str, values: Mapping[str, Any]) -> str:
    """What a template says with these values, without blank lines at its ends. Raises `TemplateInvalid`,
    `TemplateTooMuch`."""
    made = _compiled(template, frozenset(values))
    until = time.thread_time() + SECONDS  # a machine that stands still is nobody's fault
    plain = {name: _plain(value) for name, value in values.items()}
    parts: list[str] = []
    length = 0
    try:
        for part in made.generate(plain):
            length += len(part)
            if length > LONGEST_OUTPUT:
                raise TemplateTooMuch(f"the template makes more than {LONGEST_OUTPUT:,} characters; make it shorter")
            if time.thread_time() > until:
                raise TemplateTooMuch(f"the template takes more than {SECONDS:g} s of computing; make it simpler")
            parts.append(part)
    except (SecurityError, TemplateError, TypeError, ValueError) as error:
        raise TemplateInvalid(
            1, f"the template cannot be filled in: {error}", "check what it compares and joins"
        ) from error
    return "".join(parts).strip()


@lru_cache(maxsize=64)
def _compiled(template: str, names: frozenset[str]) -> Template:
    check(template, names)
    return _made.from_string(template)


def _plain(value: Any) -> str | int | list[str]:
    """Only words, whole numbers and short lists of words come in, so that nothing has parts worth reaching for."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, str):
        return value
    return [str(each) for each in list(value)[:MOST_ROUNDS]]
