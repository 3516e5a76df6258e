"""A small client of the product's own REST APIs, for the demonstration and the benchmarks.

It speaks to the two services as any client would, and knows nothing of Django.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx
import msgspec

Json = dict[str, Any]

# Who has been silent for so long is dead: processes speak every five seconds, consumers after each round.
_DEAD_PROCESS = timedelta(seconds=15)
_DEAD_CONSUMER = timedelta(seconds=60)


class ApiError(RuntimeError):
    """An answer with an error status; the message is that of its problem document."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        super().__init__(f"{response.request.method} {response.request.url}: {self.status} {_explained(response)}")


class GaveUp(RuntimeError):
    """Something did not come about in time."""


class Api:
    """One service at `address`, called with a key or a personal token. Paths are below /api/v1/."""

    def __init__(self, address: str, secret: str, timeout: float = 120.0) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        self._http = httpx.Client(base_url=f"{address}/api/v1/", headers=headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return _content(self._http.get(path, params=query))

    def find(self, path: str, **query: Any) -> Any:
        """What is at the path; None for 404."""
        response = self._http.get(path, params=query)
        return None if response.status_code == 404 else _content(response)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """All rows of a list, over all its pages."""
        offset = 0
        while True:
            page = self.get(path, limit=200, offset=offset, **query)
            yield from page["results"]
            offset += len(page["results"])
            if not page["next"]:
                return

    def post(self, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        return _content(self._http.post(path, content=msgspec.json.encode(body), headers=headers))

    def patch(self, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        return _content(self._http.patch(path, content=msgspec.json.encode(body), headers=headers))

    def upload(self, path: str, fields: dict[str, str], files: dict[str, tuple[str, bytes]]) -> Any:
        """POST a form with files: field → (file name, content)."""
        return _content(self._http.post(path, data=fields, files=files))


class Console(Api):
    """The control plane, with a personal token."""

    def wait_for_model(self, model: Json, seconds: float = 180.0) -> Json:
        """A model version whose check is over. Raises GaveUp where it is unusable, with the reason."""
        path = f"models/{model['name']}/{model['version']}"
        checked: Json = wait(lambda: _ended(self.get(path), ("usable", "unusable")), f"the check of {path}", seconds)
        if checked["state"] != "usable":
            raise GaveUp(f"{path}: {checked['reason']}")
        return checked

    def fit(self, tenant: str, intent: str, predictor: str, reference: str, source: Json) -> Json:
        """Ask for a fit; it is still to be waited for."""
        body = {"intent": intent, "predictor": predictor, "reference": reference, "source": source}
        return self.post(f"tenants/{tenant}/fits", body)

    def wait_for_fit(self, tenant: str, fit: Json, seconds: float = 180.0) -> Json:
        """A fit that succeeded. Raises GaveUp where it did not, with its error."""
        path = f"tenants/{tenant}/fits/{fit['id']}"
        over = ("succeeded", "failed", "cancelled")
        done: Json = wait(lambda: _ended(self.get(path), over), f"fit {fit['id']} of {tenant}", seconds)
        if done["state"] != "succeeded":
            raise GaveUp(f"fit {fit['id']} of {tenant}: {done['state']}: {done['error']}")
        return done

    def propose_change(self, tenant: str, title: str, reason: str, routes: Json) -> Json:
        """A draft that serves these routes, by intent; evidence for it is under way."""
        return self.post(f"tenants/{tenant}/changes", {"title": title, "reason": reason, "routes": routes})

    def ask_evidence(self, change: Json, as_of: str, days: float) -> None:
        """Have evidence computed of [as_of − days, as_of) instead of the days up to now."""
        self.post(f"{path_of(change)}/evidence", {"as_of": as_of, "days": days})

    def wait_for_evidence(self, change: Json, seconds: float = 180.0) -> Json:
        """The latest evidence for a change request. Raises GaveUp where there is none, with its error."""
        path, over = f"{path_of(change)}/evidence", ("succeeded", "failed", "cancelled")
        done: Json = wait(lambda: _ended(self.get(path), over), path, seconds)
        if done["state"] != "succeeded":
            raise GaveUp(f"{path}: {done['state']}: {done['error']}")
        return done

    def submit_change(self, change: Json, gate_reason: str = "") -> Json:
        """Ask for review; `gate_reason` says why to publish although a gate does not pass."""
        body = {"gate_reason": gate_reason} if gate_reason else {}
        return self.post(f"{path_of(change)}/submit", body)

    def approve_change(self, change: Json, evidence: Json, text: str = "", risk_answer: str = "") -> Json:
        """Approve this document by this evidence, as both were seen."""
        seen = {"document_digest": change["digest"], "evidence_digest": evidence["digest"]}
        return self.post(f"{path_of(change)}/approve", {**seen, "text": text, "risk_answer": risk_answer})

    def wait_until_served(self, releases: dict[str, int], seconds: float = 30.0) -> None:
        """Wait until every scoring process serves these releases, by tenant, or later ones."""

        def served() -> bool:
            recently = datetime.now(UTC) - _DEAD_PROCESS
            alive = [each for each in self.get("serving")["processes"] if _time(each["seen_at"]) > recently]
            return bool(alive) and all(
                process["releases"].get(tenant, 0) >= number for process in alive for tenant, number in releases.items()
            )

        wait(served, f"releases {releases} to be served", seconds)

    def wait_until_kept(self, seconds: float = 120.0) -> None:
        """Wait until the event consumer has everything in its tables that was scored before this call."""
        since = datetime.now(UTC) + timedelta(milliseconds=50)

        def kept() -> bool:
            lanes = [
                lane for lane in self.get("serving")["consumers"] if _time(lane["seen_at"]) > since - _DEAD_CONSUMER
            ]
            is_current = all(_time(lane["seen_at"]) > since for lane in lanes)
            return bool(lanes) and is_current and not any(lane["behind_bytes"] for lane in lanes)

        wait(kept, "the event consumer", seconds)

    def replace_everywhere(self, title: str, reason: str, replaced: str, predictor: str, source: Json) -> Json:
        """Propose a predictor wherever another answers, for all tenants; still to be waited for."""
        body = {"title": title, "reason": reason, "replaced": replaced, "predictor": predictor, "source": source}
        return self.post("proposals", body)

    def wait_for_replacement(self, replacement: Json, seconds: float = 3600.0) -> Json:
        """A replacement whose lines have all ended, however they did, with its summary."""
        path = f"proposals/{replacement['number']}"

        def ended() -> Json | None:
            now = self.get(path, limit=1)
            return now if now["done"] == now["total"] else None

        done: Json = wait(ended, path, seconds, pause=0.5)
        return done

    def lines(self, replacement: Json) -> list[Json]:
        """All lines of a replacement, by tenant."""
        found: list[Json] = []
        while True:
            page = self.get(f"proposals/{replacement['number']}", limit=200, offset=len(found))["lines"]
            found += page["results"]
            if not page["next"]:
                return found

    def approve_lines(self, replacement: Json, lines: Sequence[Json], text: str = "") -> Json:
        """Approve these lines as they were seen; what became of each."""
        bound = ("tenant", "document_digest", "evidence_digest")
        seen = [{name: line[name] for name in bound} for line in lines]
        return self.post(f"proposals/{replacement['number']}/approve", {"lines": seen, "text": text})


class Scoring(Api):
    """The scoring service, with a client's key."""

    def score(self, intent: str, event: Json) -> Json:
        answer: Json = self.post("score", {"intent": intent, **event})
        return answer

    def score_batch(self, intent: str, events: Sequence[Json]) -> Json:
        """Score up to 10,000 events. Raises GaveUp if one of them is refused."""
        answer: Json = self.post("score/batch", {"intent": intent, "events": events})
        refused = [result for result in answer["results"] if "errors" in result]
        if refused:
            raise GaveUp(f"{len(refused)} of {len(events)} events were refused; the first: {refused[0]}")
        return answer

    def label(self, labels: Sequence[Json]) -> None:
        self.post("labels", {"labels": labels})


def path_of(change: Json) -> str:
    """Where a change request is, below /api/v1/ and below the console's address alike."""
    return f"tenants/{change['tenant']}/changes/{change['number']}"


def wait(ready: Callable[[], Any], what: str, seconds: float, pause: float = 0.25) -> Any:
    """Ask until the answer is true, and return it. Raises GaveUp after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := ready()):
        if time.monotonic() > deadline:
            raise GaveUp(f"waited {seconds:g} s for {what}")
        time.sleep(pause)
    return answer


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _ended(row: Json, states: Sequence[str]) -> Json | None:
    return row if row["state"] in states else None


def _content(response: httpx.Response) -> Any:
    if response.is_error:
        raise ApiError(response)
    return msgspec.json.decode(response.content) if response.content else None


def _explained(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return response.text[:500]
    faults = [f"{fault.get('field')}: {fault.get('expected')}" for fault in problem.get("errors", [])[:5]]
    return "; ".join([problem.get("detail") or problem.get("title", ""), *faults])
