"""Whether the audit trail is as it was written: each entry's hash covers it and the hash of the one before it.

The database sets link and hash as it adds an entry (migration 0009); here they are computed anew, from what the rows
say, so that a row that was altered, removed or put elsewhere shows, whoever did it. Who owns the database could write a
whole chain anew, or cut off its end: that shows against heads that were kept elsewhere. A chain that was forgotten up
to a link (tenants.audit_retention) begins behind it, with the hash that an entry of the chain itself has for that link.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

PLATFORM = "-"  # in place of a tenant: entries of no single one
_PIECE = 2000  # rows
_CHAINS = "SELECT DISTINCT tenant_id FROM tenants_auditentry ORDER BY tenant_id NULLS FIRST"
# After `hash` stands what it covers, as the database has it.
_ROWS = """SELECT hash, link, (extract(epoch FROM at) * 1000000)::bigint, person_id, tenant_id, act, subject,
    subject_type, subject_id, reason, details::text, host(address), request, origin::text
  FROM tenants_auditentry WHERE {} AND link > %(after)s ORDER BY link LIMIT %(most)s"""
_ANCHORS = """SELECT (details->>'through')::bigint, details->>'hash' FROM tenants_auditentry
  WHERE {} AND act = 'forget audit entries'"""
_HEAD = "SELECT link, hash FROM tenants_auditentry WHERE {} ORDER BY link DESC LIMIT 1"


@dataclass(frozen=True)
class Head:
    """The last link of a chain. `chain`: the tenant's primary key, or PLATFORM."""

    chain: str
    link: int
    hash: str

    def __str__(self) -> str:
        return f"{self.chain} {self.link} {self.hash}"


@dataclass(frozen=True)
class Fault:
    """Where a chain is broken, and how."""

    chain: str
    link: int
    message: str

    def __str__(self) -> str:
        whose = "of the platform" if self.chain == PLATFORM else f"of tenant {self.chain}"
        return f"entry {self.link} {whose}: {self.message}"


def verify(kept: Iterable[Head] = ()) -> tuple[list[Head], list[Fault]]:
    """The heads of all chains in the scope, and where they are broken: by themselves, or against heads kept earlier."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS)
        chains = [row[0] for row in cursor.fetchall()]
    heads, faults = [], []
    wanted = {(head.chain, head.link): head for head in kept}
    for tenant_id in chains:
        head, found = _follow(_named(tenant_id), _rows(tenant_id), wanted, _anchors(tenant_id))
        heads.append(head)
        faults += found
    ends = {head.chain: head.link for head in heads}
    cut = [head for head in wanted.values() if head.link > ends.get(head.chain, 0)]
    faults += [Fault(head.chain, head.link, "it was there, and is missing: the end was cut off") for head in cut]
    return heads, faults


def read_heads(lines: Iterable[str]) -> list[Head]:
    """Heads as they were printed, a line each. Raises ValueError for a line that is none."""
    return [Head(chain, int(link), found) for chain, link, found in (line.split() for line in lines if line.strip())]


def head_of(tenant_id: int | None) -> Head | None:
    """The last link of a tenant's chain, or (None) of the platform's; None where it has no entry."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD.format(_of(tenant_id)), {"tenant": tenant_id})
        row = cursor.fetchone()
    return Head(_named(tenant_id), *row) if row else None


def _follow(
    chain: str,
    rows: Iterable[tuple[Any, ...]],
    wanted: dict[tuple[str, int], Head],
    anchors: dict[int, str],
) -> tuple[Head, list[Fault]]:
    last, faults = Head(chain, 0, ""), []
    for found, link, *content in rows:
        if last.link == 0 and link - 1 in anchors:
            last = Head(chain, link - 1, anchors[link - 1])
            if wanted.get((chain, last.link), last).hash != last.hash:
                faults.append(Fault(chain, last.link, "it is forgotten, but was another when the heads were kept"))
        if link != last.link + 1:
            faults.append(Fault(chain, last.link + 1, f"missing; the next that there is has the link {link}"))
        elif found != _hash(last.hash, link, content):
            faults.append(Fault(chain, link, "it was altered, or put in another's place"))
        kept = wanted.get((chain, link))
        if kept is not None and kept.hash != found:
            faults.append(Fault(chain, link, "it is not the one that was there when the heads were kept"))
        last = Head(chain, link, found)
    return last, faults


def _hash(previous: str, link: int, content: list[Any]) -> str:
    """Return the hash of a link as the database computes it: JSON has the same form there and here."""
    return hashlib.sha256(json.dumps([previous, link, *content], ensure_ascii=False).encode()).hexdigest()


def _anchors(tenant_id: int | None) -> dict[int, str]:
    """The hash of each link up to which the chain was forgotten, by what it says itself."""
    with connection.cursor() as cursor:
        cursor.execute(_ANCHORS.format(_of(tenant_id)), {"tenant": tenant_id})
        return dict(cursor.fetchall())


def _rows(tenant_id: int | None) -> Iterator[tuple[Any, ...]]:
    """A chain's rows in order, a piece at a time: hash, link, content."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.format(_of(tenant_id)), {"tenant": tenant_id, "after": after, "most": _PIECE})
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < _PIECE:
            return
        after = rows[-1][1]


def _of(tenant_id: int | None) -> str:
    """Return the condition for one chain, written so that the index is used."""
    return "tenant_id IS NULL" if tenant_id is None else "tenant_id = %(tenant)s"


def _named(tenant_id: int | None) -> str:
    return PLATFORM if tenant_id is None else str(tenant_id)
