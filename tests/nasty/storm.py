"""Many bad requests at a running product, each answer held against what the service documents."""

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from tests.nasty import values
from tests.nasty.mutations import spoilt, spoilt_json
from tests.nasty.openapi import Operation, operations

THREADS = 4
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
MEDIA_TYPES = (
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "*/*",
    "a",
    "",
)
ENCODINGS = ("gzip", "zstd", "br", "deflate", "gzip, gzip", "x")
API = "/api/v1/"
IN_PATHS = ("%c2%b2", "a%20b", "%00", "..%2f..", "%ff", "9" * 30, "-1", "0", "x" * 3_000, "NaN")
GAP = re.compile(r"{(\w+)}")
# What would take from the caller what the rest of the storm is called with.
OF_THE_CALLER = re.compile(r"/tokens/{token}/revoke$|/keys/{key}/|/me$|/people/{person}|/members/{member}$")
# What the server says before it looks for an operation: to a head that is none, to paths and methods of nobody.
OF_THE_SERVER = {400, 404, 405, 411, 413, 414, 415, 417, 431}


@dataclass
class Outcome:
    """What the answers were, and those that are not as documented."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return sum(count for status, count in self.statuses.items() if 400 <= status < 500)


@dataclass(frozen=True)
class Target:
    """A service: where it is, its document, whom it is called as, and good values by the names of fields."""

    address: str
    document: Mapping[str, Any]
    secret: str
    known: Mapping[str, Any]

    def operations(self) -> Sequence[Operation]:
        """All but files, and writes that change who calls."""
        found = operations(self.document, self.known)
        return [
            each
            for each in found
            if "/export" not in each.path and (each.method == "GET" or not OF_THE_CALLER.search(each.path))
        ]

    def documented(self, operation: Operation) -> set[int]:
        found = self.document["paths"][operation.path][operation.method.lower()]["responses"]
        return {int(status) for status in found}


@dataclass(frozen=True)
class Request:
    """One request, and the statuses that may answer it."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    may: set[int]

    def __str__(self) -> str:
        return f"{self.method} {self.url[:200]} {dict(self.headers)} {self.content[:200]!r}"


def storm(targets: Sequence[Target], seeds: Sequence[int]) -> Outcome:
    """Send a bad request for each seed, some at a time."""
    outcome, lock, waiting = Outcome(), threading.Lock(), iter(seeds)
    tables = [(target, target.operations()) for target in targets]

    def send() -> None:
        with httpx.Client(timeout=60.0, trust_env=False) as client:
            while True:
                with lock:
                    seed = next(waiting, None)
                if seed is None:
                    return
                _send(client, _request(random.Random(seed), *tables[seed % len(tables)]), seed, outcome, lock)

    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def _send(client: httpx.Client, request: Request, seed: int, outcome: Outcome, lock: threading.Lock) -> None:
    try:
        answer = client.request(request.method, request.url, headers=request.headers, content=request.content)
        status, fault = answer.status_code, fault_of(answer, request.may)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        status, fault = 0, f"{type(error).__name__}: {error}"
    with lock:
        outcome.statuses[status] += 1
        if fault:
            outcome.wrong.append(f"seed {seed}: {fault}: {request}")


def fault_of(answer: httpx.Response, may: set[int]) -> str:
    """What is not as documented about an answer; empty where all is."""
    if answer.status_code not in may:
        return f"{answer.status_code} is not documented {answer.text[:300]}"
    if answer.status_code < 400 or answer.request.method in ("HEAD", "OPTIONS"):
        return ""
    if answer.headers.get("content-type") != "application/problem+json":
        return (
            f"{answer.status_code} is no problem document but {answer.headers.get('content-type')} {answer.text[:200]}"
        )
    problem = answer.json()
    if problem["status"] != answer.status_code or not problem["title"]:
        return f"the problem document is another's: {problem}"
    if answer.status_code == 422 and not all(each["field"] and each["expected"] for each in problem["errors"]):
        return f"422 names no field: {problem}"
    return ""


# ---- how a request is made bad


def _request(chance: random.Random, target: Target, table: Sequence[Operation]) -> Request:
    operation = chance.choice(table)
    good = _good(target, operation)
    spoil = chance.choices(list(_WAYS), weights=list(_WAYS.values()))[0]
    return spoil(chance, target, operation, good)


def _good(target: Target, operation: Operation) -> Request:
    path = GAP.sub(lambda found: str(target.known.get(found[1], 1)), operation.path)
    headers = {"Authorization": f"Bearer {target.secret}"}
    if operation.media_type:
        headers["Content-Type"] = operation.media_type
    content = json.dumps(operation.body).encode() if operation.body is not None else b""
    return Request(operation.method, target.address + path, headers, content, target.documented(operation))


def _bad_body(chance: random.Random, target: Target, operation: Operation, good: Request) -> Request:
    body = operation.body if operation.body is not None else {}
    content = spoilt_json(chance, body) if chance.random() < 0.8 else chance.choice(list(values.BODIES.values()))
    return _with(good, content=content if isinstance(content, bytes) else content.encode())


def _bad_headers(chance: random.Random, target: Target, operation: Operation, good: Request) -> Request:
    name, odd = chance.choice(
        [
            ("Content-Type", chance.choice(MEDIA_TYPES)),
            ("Content-Encoding", chance.choice(ENCODINGS)),
            ("Accept", chance.choice(("application/xml", "image/png;q=x", "a/b/c"))),
            (
                "Authorization",
                chance.choice(("", "Basic x", "Bearer", "Bearer muse_x_y", f"Bearer {'x' * 5_000}", "é")),
            ),
            ("Range", "bytes=9-1"),
            ("Expect", "100-continue"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("If-None-Match", "*"),
        ]
    )
    headers = {**good.headers, name: odd}
    return _with(
        good, headers={key: text.encode("latin-1") for key, text in headers.items()}, may=good.may | {406, 415}
    )


def _bad_path(chance: random.Random, target: Target, operation: Operation, good: Request) -> Request:
    odd = [
        httpx.URL("http://x/").join(f"/{text}").raw_path.decode()[1:] for text in ("²", "a b", "%00", "..%2f..", "%ff")
    ]
    odd += ["9" * 30, "-1", "0", "x" * 3_000, "NaN"]
    path = GAP.sub(lambda _: chance.choice(odd), operation.path)
    return _with(good, url=target.address + path, may=good.may | {400, 404, 414})


def _bad_query(chance: random.Random, target: Target, operation: Operation, good: Request) -> Request:
    names = [*operation.queries, "limit", "offset", "format", "x"]
    pairs = {chance.choice(names): chance.choice(list(values.TEXTS.values())) for _ in range(chance.randint(1, 3))}
    return _with(good, url=str(httpx.URL(good.url, params=pairs)), may=good.may | {404, 422})


def _bad_method(chance: random.Random, target: Target, operation: Operation, good: Request) -> Request:
    return _with(good, method=chance.choice(METHODS), may=good.may | OF_THE_SERVER | {200})


def _bad_address(chance: random.Random, target: Target, operation: Operation, good: Request) -> Request:
    """Below the API: pages answer people, in their way."""
    path = quote(spoilt(chance, operation.path.removeprefix(API).encode()), safe="/").replace("..", "%2e%2e")
    return _with(good, url=f"{target.address}{API}{path}", may=good.may | OF_THE_SERVER | {200, 301, 302})


_WAYS: dict[Callable[..., Request], int] = {
    _bad_body: 10, _bad_headers: 3, _bad_path: 3, _bad_query: 2, _bad_method: 1, _bad_address: 1,
}  # fmt: skip


def _with(good: Request, **changes: Any) -> Request:
    return Request(**(vars(good) | changes))
