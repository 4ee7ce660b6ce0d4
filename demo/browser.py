# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a visitor's browser does, over the standard library: cookies, forms, redirects that are looked at."""

from __future__ import annotations

import http.client
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit


class CheckError(Exception):
    """A served app does not do what it should; the message says which request showed it."""


@dataclass(frozen=True)
class Answer:
    """method, url: of the request; body: bytes as they came."""

    method: str
    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def need(self, condition: object, what: str) -> None:
        """Fail, with the beginning of this answer, unless the condition holds."""
        if not condition:
            start = " ".join(self.text.split())[:300]
            raise CheckError(f"{self.method} {self.url} answered {self.status}: expected {what}; it begins: {start}")


@dataclass
class Form:
    """The fields of one HTML form as they would be sent if nobody filled anything in."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, values: dict[str, str]) -> list[tuple[str, str]]:
        """The fields with these values in place of their own; a value without a field is added."""
        return [(name, value) for name, value in self.fields if name not in values] + list(values.items())


class _Forms(HTMLParser):
    """Collects every form of a page; textareas and selects too, as far as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select: str | None = None
        self._textarea: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input":
            self._input(self._open, values, frozenset(values))
        elif tag == "select":
            self._select = values.get("name")
        elif tag == "option" and self._select and "selected" in values:
            self._open.fields.append((self._select, values.get("value", "")))
        elif tag == "textarea" and "name" in values:
            self._textarea = (values["name"], [])

    @staticmethod
    def _input(form: Form, values: dict[str, str], present: frozenset[str]) -> None:
        kind = values.get("type", "text")
        if "name" not in values or kind in {"submit", "button", "image", "reset", "file"}:
            return
        if kind in {"checkbox", "radio"} and "checked" not in present:
            return
        form.fields.append((values["name"], values.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea is not None and self._open is not None:
            self._open.fields.append((self._textarea[0], "".join(self._textarea[1])))
            self._textarea = None


def form_with(page: Answer, name: str) -> Form:
    """The form of a page that has a field of this name."""
    parser = _Forms()
    parser.feed(page.text)
    for form in parser.forms:
        if any(known == name for known, _value in form.fields):
            return form
    page.need(False, f"a form with a field {name}")
    raise AssertionError


@dataclass
class Browser:
    """Visits one site of one node. host: the site's name; port: of the loopback address, where the node's port 80 is
    published."""

    host: str
    port: int
    timeout: float = 60.0
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str) -> Answer:
        return self._request("GET", path)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        """Send a form as a browser does: with its origin and the cookies that were set."""
        return self._request("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, path: str, fields: list[tuple[str, str]], name: str, filename: str, content: bytes) -> Answer:
        """Send a form with one file in it."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts += [head.encode(), b"Content-Type: image/png\r\n\r\n", content, f"\r\n--{boundary}--\r\n".encode()]
        return self._request("POST", path, b"".join(parts), f"multipart/form-data; boundary={boundary}")

    def _request(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        headers = {"Host": f"{self.host}:{self.port}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers |= {"Content-Type": kind, "Origin": self.origin, "Referer": self.origin + path}
        # The loopback address, for not every resolver knows names below "localhost".
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(method, self.origin + path, response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise CheckError(f"{method} {self.origin}{path} was not answered: {error!r}") from error
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    def redirected(self, answer: Answer) -> str:
        """The path a redirect leads to, query included; it has to stay on this site."""
        answer.need(answer.status in {301, 302, 303}, "a redirect")
        target = urlsplit(answer.headers["Location"])
        own = target.netloc in {"", f"{self.host}:{self.port}"}
        answer.need(own, f"a redirect that stays at {self.origin}, not one to {answer.headers['Location']}")
        return target.path + (f"?{target.query}" if target.query else "")
