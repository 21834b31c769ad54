"""Somebody at a browser without scripts: a session cookie, forms with the token that their page gave them."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from stonehand.web import security


class Browser:
    """Goes to pages and sends the forms that stand on them."""

    def __init__(self, client: TestClient, secret: str) -> None:
        self.client = client
        client.cookies.set(security.session_cookie(), secret)
        self.page = ""

    def go(self, path: str, status: int = 200) -> str:
        """Open a page; its text."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code} {words(answer.text)}"
        self.page = answer.text
        return self.page

    def send(self, path: str, status: int = 200, /, **fields: Any) -> str:
        """POST a form as the last page would, and follow where it leads; the text that comes."""
        answer = self.answer(path, **fields)
        assert answer.status_code == status, f"{path}: {answer.status_code} {words(answer.text)}"
        return answer.text

    def answer(self, path: str, files: Any = None, /, **fields: Any) -> httpx2.Response:
        """The answer to such a form."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        data = {"csrf_token": token[1] if token else "", **fields}
        sent: httpx2.Response = self.client.post(path, data=data, files=files, follow_redirects=True)
        self.page = sent.text
        return sent


def words(page: str) -> str:
    """What a page says, on one line, without its frame."""
    main = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", "<main" + main)).split())
