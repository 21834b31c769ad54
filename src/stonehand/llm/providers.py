"""Who runs language models: where each is found, how it is spoken to, and what a configuration of it begins with."""

from __future__ import annotations

from dataclasses import dataclass

from stonehand.llm.errors import ProviderUnknown


@dataclass(frozen=True)
class Provider:
    """A kind of server. `room` is how many tokens its models may think beside their answer, unless a person says it.

    `is_free` is one that runs on our own machines: its tokens cost nothing unless a person says so.
    """

    name: str
    title: str
    base_url: str
    needs_key: bool = True
    is_free: bool = False
    room: int = 0


PROVIDERS = {
    each.name: each
    for each in (
        Provider("openai", "OpenAI", "https://api.openai.com/v1", room=4000),
        Provider("anthropic", "Anthropic", "https://api.anthropic.com", room=4000),
        Provider("google", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta", room=4000),
        Provider("mistral", "Mistral", "https://api.mistral.ai/v1"),
        Provider("ollama", "Ollama", "http://127.0.0.1:11434/v1", needs_key=False, is_free=True),
        Provider("vllm", "vLLM", "http://127.0.0.1:8000/v1", needs_key=False, is_free=True),
        Provider("llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1", needs_key=False, is_free=True),
        Provider("compatible", "Another that speaks like OpenAI", "", needs_key=False),
    )
}


def provider(name: str) -> Provider:
    """The provider of this name. Raises `ProviderUnknown`."""
    found = PROVIDERS.get(name)
    if found is None:
        raise ProviderUnknown(f"{name[:40]!r} is no provider that we know; choose one of {', '.join(PROVIDERS)}")
    return found
