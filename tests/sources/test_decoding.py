"""Bytes to text, whatever they claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.sources.decoding import decode

UMLAUTS = "<?xml version='1.0' encoding='{}'?><a>Über Größe – “so”</a>"


@pytest.mark.parametrize(
    ("real", "declared", "header"),
    [
        ("utf-8", "iso-8859-1", "iso-8859-1"),
        ("cp1252", "utf-8", "utf-8"),
        ("cp1252", "iso-8859-1", None),
        ("utf-16", "utf-8", "utf-8"),
        ("utf-8-sig", "windows-1251", None),
        ("utf-16-le", "utf-16", None),
        ("cp1252", "no-such-encoding", "also-none"),
    ],
)
def test_the_real_encoding_wins(real: str, declared: str, header: str | None) -> None:
    text = UMLAUTS.format(declared)
    assert decode(text.encode(real), header) == text


def test_a_claim_that_fits_is_believed() -> None:
    russian = "<?xml version='1.0' encoding='windows-1251'?><a>Новости дня</a>"
    assert decode(russian.encode("cp1251")) == russian
    assert decode("日本語のニュース".encode("iso2022_jp"), "iso-2022-jp") == "日本語のニュース"


@pytest.mark.parametrize("trick", ["utf-7", "punycode", "unicode_escape", "zlib", "rot13", "idna", "base64"])
def test_encodings_that_hide_text_are_not_obeyed(trick: str) -> None:
    body = b"+ADw-script+AD4- \\x3cscript\\x3e"
    assert decode(body, trick) == body.decode()


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=10)))
def test_never_fails(body: bytes, charset: str | None) -> None:
    assert isinstance(decode(body, charset), str)
