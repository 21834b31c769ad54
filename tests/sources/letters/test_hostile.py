"""Letters built to do harm, and broken ones: each is read, or refused in a sentence, soon and in little memory."""

from __future__ import annotations

import base64
import resource
import subprocess
import time
import zlib
from collections.abc import Callable

import pytest

from stonehand.sources.letters import attachments, guarding, keeping, reading
from stonehand.sources.letters.errors import LetterUnreadable
from tests.sources.letters.writing import NEWS, letter, pdf

HEAD = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
LONGEST = 8.0  # seconds, on a busy machine
MOST_MEMORY = 400 * 1024  # kB more than before


CIRCLE = (
    b"%PDF-1.4\n1 0 obj\n<< /Pages 1 0 R /Kids [1 0 R] /Count 9 >>\nendobj\ntrailer << /Root 1 0 R /Prev 0 >>\n%%EOF"
)


def nested(levels: int) -> bytes:
    """Parts in parts in parts."""
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(levels)
    )
    return HEAD + opening + b"\r\nhello\r\n"


def same_boundary(levels: int) -> bytes:
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' * levels


def many_parts(number: int) -> bytes:
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * number + b"--b--\r\n"


def html(body: str) -> bytes:
    return letter("", body).as_bytes()


def typed(media_type: str, body: bytes = b"hello there, this is text\r\n", more: bytes = b"") -> bytes:
    return HEAD + b"Content-Type: " + media_type.encode("latin-1") + b"\r\n" + more + b"\r\n" + body


def attached(body: bytes, name: str = "a.pdf", media_type: str = "application/pdf") -> bytes:
    made = letter("See the file, please; it has all that you asked for.")
    main, _, sub = media_type.partition("/")
    made.add_attachment(body, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def pdf_bomb() -> bytes:
    """A page whose compressed content is 300 MB of text."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(b"(aaaaaaaaaaaaaaaaaaaa) Tj " * 40_000) for _ in range(300)) + packer.flush()
    head = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    head += b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    page = b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj\n"
    content = (
        b"4 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream\nendobj\n"
    )
    return head + page + content + b"trailer\n<< /Root 1 0 R >>\n%%EOF"


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "only blanks": lambda: b"\r\n\r\n  \r\n",
    "no letter": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "a web page": lambda: b"<!doctype html><title>x</title>",
    "too large": lambda: HEAD + b"\r\n" + b"x" * (11 * 1024 * 1024),
    "parts in 1,000 parts": lambda: nested(1_000),
    "parts in 41 parts": lambda: nested(41),
    "parts in 20 parts": lambda: nested(20),
    "one boundary, 390 deep": lambda: same_boundary(390),
    "one boundary, 10,000 deep": lambda: same_boundary(10_000),
    "100,000 parts": lambda: many_parts(100_000),
    "300 parts": lambda: many_parts(300),
    "letters in 50,000 letters": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 50_000,
    "5 million lines": lambda: HEAD + b"\r\n" + b"\n" * 5_000_000,
    "a header of 1 MB": lambda: HEAD + b"X-Long: " + b"a" * 1_000_000 + b"\r\n\r\nhello",
    "a header of 50,000 lines": lambda: HEAD + b"A: b\r\n" * 50_000 + b"\r\nhello",
    "encrypted by PGP": lambda: typed('multipart/encrypted; boundary="b"', b"--b\r\n\r\nVersion: 1\r\n--b--\r\n"),
    "encrypted by S/MIME": lambda: typed("application/pkcs7-mime; smime-type=enveloped-data", b"MIIB"),
    "a report of a server": lambda: typed('multipart/report; boundary="b"', b"--b\r\n\r\nnot delivered\r\n--b--\r\n"),
}
READ: dict[str, Callable[[], bytes]] = {
    "a comment 2,000 deep as sender": lambda: b"From: " + b"(" * 2_000 + b"\r\n" + HEAD[18:] + b"\r\nhello",
    "20,000 receivers": lambda: HEAD + b"To: " + b"a@b.example, " * 15_000 + b"\r\n\r\nhello",
    "a broken subject": lambda: b"From: a@b.example\r\nSubject: =?utf-8?B?" + b"?=" * 900 + b"\r\n\r\nhello",
    "a subject of broken words": lambda: (
        b"From: a@b.example\r\nSubject: " + b"=?x-nope?Q?=FF?= " * 200 + b"\r\n\r\nhello"
    ),
    "bytes in the header": lambda: b"From: \xff\xfe\x00 <a@b.example>\r\nSubject: \xe4\xf6\xfc\r\n\r\nhello",
    "no header's end": lambda: HEAD,
    "an unknown charset": lambda: typed("text/plain; charset=x-nope"),
    "a charset that is no text": lambda: typed("text/plain; charset=base64", b"aGVsbG8="),
    "a lying charset": lambda: typed("text/plain; charset=utf-8", b"caf\xe9 au lait"),
    "utf-7 that hides a link": lambda: typed("text/html; charset=utf-7", b"+ADw-a href=+ACI-javascript:x+ACI-+AD4-"),
    "broken base64": lambda: typed("text/plain", b"!!!!====a", b"Content-Transfer-Encoding: base64\r\n"),
    "an unknown encoding": lambda: typed("text/plain", more=b"Content-Transfer-Encoding: x-zip\r\n"),
    "uuencode that ends early": lambda: typed(
        "text/plain", b"begin 644 a\r\nM", b"Content-Transfer-Encoding: uuencode\r\n"
    ),
    "no boundary": lambda: typed("multipart/mixed"),
    "an empty boundary": lambda: typed('multipart/mixed; boundary=""', b"--\r\n\r\nhello\r\n----\r\n"),
    "a content type of nonsense": lambda: typed("\xff/;;;=;\x00 boundary"),
    "a content type 3,000 parameters long": lambda: typed(
        "text/plain; " + "; ".join(f"p*{n}*=x" for n in range(3_000))
    ),
    "a date in the year 0": lambda: HEAD + b"Date: Mon, 00 Jan 0000 99:99:99 +9999\r\n\r\nhello",
    "a date in the year 9999": lambda: HEAD + b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n\r\nhello",
    "a name with a path": lambda: attached(b"hello", "../../etc/passwd\0.txt", "text/plain"),
    "HTML 50,000 deep": lambda: html("<div>" * 50_000 + "hello"),
    "HTML of 200,000 elements": lambda: html("<b>x</b>" * 200_000),
    "HTML with 100,000 links": lambda: html(f"<a href='{NEWS}/x'>a</a> " * 50_000),
    "HTML with entities": lambda: html(
        "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><p>&b;&b;" + "&#x0;" * 9_000
    ),
    "an attribute of 1 MB": lambda: html(f"<a href='{NEWS}/{'a' * 1_000_000}'>long</a>"),
    "a redirector in redirectors": lambda: html(
        "<a href='https://click.example/r?url=" + "https://click.example/r?url=" * 3_000 + "x'>y</a>"
    ),
    "base64 in base64": lambda: html(f"<a href='https://click.example/{layers(12)}'>y</a>"),
    "quoted printable of nothing": lambda: typed(
        "text/plain", b"=\r\n" * 200_000, b"Content-Transfer-Encoding: quoted-printable\r\n"
    ),
    "a calendar": lambda: typed("text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    "a remote part": lambda: typed('message/external-body; access-type=url; url="http://127.0.0.1/"'),
    "a partial letter": lambda: typed('message/partial; id="x"; number=1; total=2'),
    "winmail.dat": lambda: attached(b"\x78\x9f\x3e\x22", "winmail.dat", "application/ms-tnef"),
    "a PDF that is cut off": lambda: attached(pdf("hello there")[:200]),
    "a PDF of nonsense": lambda: attached(b"%PDF-1.7\n" + bytes(range(256)) * 400),
    "a PDF that points to itself": lambda: attached(CIRCLE),
    "a PDF called text": lambda: attached(
        pdf("a text of more than forty letters, to be sure of it"), "a.txt", "text/plain"
    ),
    "a program called a PDF": lambda: attached(b"MZ\x90\x00" + b"\0" * 900),
    "60 attachments": lambda: typed(
        'multipart/mixed; boundary="b"',
        b"".join(b"--b\r\nContent-Disposition: attachment; filename=%d.txt\r\n\r\nx\r\n" % n for n in range(60))
        + b"--b--\r\n",
    ),
}


def layers(number: int) -> str:
    url = "https://click.example/r?url=https://news.example/end"
    for _ in range(number):
        url = "https://click.example/" + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    return url.removeprefix("https://click.example/")


def test_there_are_enough() -> None:
    assert len(REFUSED) + len(READ) >= 50


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_sentence(name: str) -> None:
    raw = REFUSED[name]()
    began = time.monotonic()
    with pytest.raises(LetterUnreadable) as refused:
        reading.read(raw, "x")
    assert time.monotonic() - began < LONGEST
    assert 20 < len(str(refused.value)) < 200
    assert keeping.pack_anyway(raw).size <= guarding.LARGEST


@pytest.mark.parametrize("name", READ)
def test_it_is_read_as_far_as_it_goes(name: str) -> None:
    raw = READ[name]()
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    packed = keeping.pack(raw)
    assert keeping.unpack(packed.body, packed.size) == raw
    found = reading.read(raw, packed.identity)
    assert time.monotonic() - began < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
    for each in found.items:
        assert bool(each.entry) != bool(each.error)
        assert each.url is None or each.url.startswith("http")
        assert "\0" not in f"{each.title}{each.url}{each.error}{each.entry}"
    assert len(found.items) <= 200


def test_a_pdf_that_unfolds_ends_its_reader_and_nothing_else() -> None:
    (found,) = [each for each in reading.read(attached(pdf_bomb()), "x").items if each.kind == "attachment"]
    assert found.error
    assert "reading it takes" in found.error or "broken" in found.error


def test_a_pdf_that_takes_too_long_is_given_up() -> None:
    assert attachments.extract_pdf(pdf("hello " * 20, 150), patience=0.01)["error"].startswith(
        "reading it takes longer"
    )


def test_a_pdf_under_a_password_says_so() -> None:
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf("A secret text of more than forty letters, surely."))))
    locked = BytesIO()
    writer.encrypt("open sesame", algorithm="AES-256")
    writer.write(locked)
    (found,) = [each for each in reading.read(attached(locked.getvalue()), "x").items if each.kind == "attachment"]
    assert found.error == "it is locked by a password"


def test_of_a_long_pdf_the_first_pages_are_read() -> None:
    found = reading.read(attached(pdf("Every page says the same thing again and again.", 230)), "x")
    assert found.notes == ("a.pdf: of 230 pages the first 200 were read",)


def test_the_reader_of_pdfs_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []

    def run(*_: object, **how: object) -> object:
        seen.append(how["env"])  # type: ignore[arg-type]
        raise subprocess.TimeoutExpired("x", 1)

    monkeypatch.setattr(subprocess, "run", run)
    attachments.extract_pdf(b"")
    assert [set(env) for env in seen] == [{"PYTHONPATH"}]
