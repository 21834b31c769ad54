"""Sentences that talk to a machine instead of a reader, and characters that nobody can see."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GAP = r"[^.!?\n]"
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        rf"\b(ignore|disregard|forget|override|bypass)\b{_GAP}{{0,40}}"
        rf"\b(previous|prior|above|earlier|all|any|your|the|system)\b{_GAP}{{0,30}}"
        r"\b(instructions?|prompts?|rules|guidelines|directions|guardrails)\b",
        "asks to ignore instructions",
    ),
    (
        rf"\b(ignorier\w*|vergiss|missachte)\b{_GAP}{{0,40}}\b(anweisung\w*|vorgaben|regeln|instruktion\w*)",
        "asks to ignore instructions",
    ),
    (
        rf"\b(ignore[zr]?|oubli\w+|ignora|olvida)\b{_GAP}{{0,40}}\b(instrucci\w+|consignes|r[eè]gles|reglas)",
        "asks to ignore instructions",
    ),
    (
        rf"\b(zignoruj\w*|zapomnij|pomiń|ignora\w*|dimentica|ignore|esqueça|negeer|vergeet)\b{_GAP}{{0,40}}"
        r"\b(instrukcj\w+|polece\w+|istruzioni|regole|instruções|regras|instructies|regels)\b",
        "asks to ignore instructions",
    ),
    (
        rf"\b(veröffentliche|publiez|opublikuj|pubblica)\b{_GAP}{{0,40}}"
        r"\b(sofort|ohne prüfung|immédiatement|sans relecture|natychmiast|bez sprawdzania|subito|senza revisione)\b",
        "asks to skip the review",
    ),
    (rf"\bdecode\b{_GAP}{{0,40}}\b[A-Za-z0-9+/]{{24,}}", "asks to decode something"),
    (
        rf"\b(you are|act as|pretend to be|du bist)\b{_GAP}{{0,30}}\b(ai|assistant|language model|chatbot|llm|ki)\b",
        "gives a model a role",
    ),
    (r"\b(system|developer|hidden) (prompt|message|instructions?)\b", "speaks of a model's instructions"),
    (
        rf"\b(note|message|instructions?|attention|important)\b{_GAP}{{0,20}}\b(to|for)\b{_GAP}{{0,25}}"
        r"\b(ai|assistants?|language models?|chatbots?|llms?|bots?|crawlers?|summari[sz]ers?)\b",
        "is addressed to a model",
    ),
    (
        r"<\|\w+\|>|\[/?INST\]|<</?SYS>>|^\s*#{2,}\s*(system|assistant|instruction)\b|(?-i:\bSYSTEM\s*:)|^\s*(system|assistant)\s*:",
        "imitates a chat's markup",
    ),
    (
        rf"\b(reveal|print|repeat|output|leak|exfiltrate)\b{_GAP}{{0,40}}"
        r"\b(api keys?|passwords?|secrets?|credentials|tokens?|prompt|your instructions)\b",
        "asks for secrets",
    ),
    (
        rf"\b(approve|publish|post)\b{_GAP}{{0,30}}\b(immediately|automatically|at once|now|without)\b{_GAP}{{0,25}}"
        r"\b(review|approval|checking|editor|human|confirmation)\b",
        "asks to skip the review",
    ),
    (
        rf"\b(do not|don't|never)\b{_GAP}{{0,20}}\b(tell|inform|alert|mention)\b{_GAP}{{0,40}}"
        r"\b(users?|reviewers?|editors?|humans?|operators?)\b",
        "asks to hide something from people",
    ),
    (r"\bas an? (ai|large language model|language model|ai assistant)\b", "speaks as a model"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE | re.MULTILINE), reason) for pattern, reason in _PATTERNS)
# Soft hyphens and joiners are honest typography in many languages; these are not.
_HIDDEN = re.compile("[\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_SMUGGLED = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")

# Letters of other alphabets, and wide ones, that look like Latin ones; one for one, so that places stay what they are.
_LOOKALIKES = str.maketrans(
    "аеорсхіѕјһԁԛԝуАВЕКМНОРСТХІЅЈοανκιτρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "".join(map(chr, range(0xFF01, 0xFF5F))),
    "aeopcxisjhdqwyABEKMHOPCTXISJoavkitpuABEZHIKMNOPTYX" + "".join(map(chr, range(0x21, 0x7F))),
)


@dataclass(frozen=True)
class Suspicion:
    """Where a text talks to a machine, and in what way."""

    start: int
    end: int
    reason: str


def suspicions(text: str) -> list[Suspicion]:
    """Every place that looks like an instruction to a model, in order."""
    read = text.translate(_LOOKALIKES)
    found = [
        Suspicion(match.start(), match.end(), reason)
        for pattern, reason in _COMPILED
        for match in pattern.finditer(read)
    ]
    found += [Suspicion(match.start(), match.end(), "hides characters") for match in _SMUGGLED.finditer(text)]
    return sorted(found, key=lambda suspicion: suspicion.start)


def visible(text: str) -> str:
    """The text without characters that a reader cannot see."""
    return _HIDDEN.sub("", text)
