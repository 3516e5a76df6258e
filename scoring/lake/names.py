"""Where a table has the values that clients call by a name: from names to columns and back. No Django in here.

Clients choose names freely; Delta and DuckDB do not tell columns apart by case. So a name has two kinds of columns:

- its *plain* column, `feature_amount`: the name as it is, other characters than letters, digits and _ as ~ and their
  code. Only a name that no other name could be taken for has one, and only while the table has no column of this name
  but for the case, or of another type.
- its *own* column for each type, `feature_~41mount~~integer`: all but a–z, 0–9 and _ as ~ and the two digits of each
  UTF-8 byte, then ~~ and the type. No two names and types share one, whatever the case.

A former version gave every name a plain column, and what had another type `feature_amount__integer`. Such a column may
have values of several names: whose they are is told by the release that scored the event (`written_before`).
"""

import re
from collections.abc import Mapping
from typing import Literal

import pyarrow as pa

Prefix = Literal["feature", "context"]
Types = Mapping[str, pa.DataType]

BEGINNINGS: Mapping[Prefix, str] = {"feature": "feature_", "context": "context_"}
TYPES: Mapping[str, Types] = {
    "feature": {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "category": pa.string()},
    "context": {"number": pa.float64(), "boolean": pa.bool_(), "string": pa.string()},
}
_ESCAPED = re.compile(r"[^A-Za-z0-9_]")
_TAKEN_APART = re.compile(r"~([0-9a-f]{2})")
# Of one name only: no escape can be taken for a shorter one and a digit, nothing looks like a type of the former kind.
_CERTAIN = re.compile(r"(?:feature|context)_(?:[A-Za-z0-9_]|~[0-9a-f]{2}(?![0-9a-f]))*")
_FORMER_TYPE = re.compile(r"__(?:number|integer|boolean|category|string)$")


def plain_column(prefix: Prefix, name: str) -> str:
    """The readable column of a name; another name may have the same, where `is_certain` says no."""
    return f"{prefix}_" + _ESCAPED.sub(lambda match: f"~{ord(match[0]):x}", name)


def own_column(prefix: Prefix, name: str, type_name: str) -> str:
    """The column that nothing but this name with this type can have."""
    spelt = re.sub(rb"[^a-z0-9_]", lambda match: b"~%02x" % match[0][0], name.encode()).decode()
    return f"{prefix}_{spelt}~~{type_name}"


def is_certain(column: str) -> bool:
    """Whether a plain column can be of one name only."""
    return bool(_CERTAIN.fullmatch(column)) and not _FORMER_TYPE.search(column)


def column_to_write(prefix: Prefix, name: str, type_name: str, known: Types) -> str:
    """The column for values of this type, in a table with these columns."""
    plain = plain_column(prefix, name)
    if known.get(plain) == TYPES[prefix][type_name] and is_certain(plain):
        return plain
    free = plain.lower() not in {column.lower() for column in known}
    return plain if free and is_certain(plain) else own_column(prefix, name, type_name)


def columns_of(prefix: Prefix, name: str, known: Types) -> list[str]:
    """The table's columns that have values of this name and of no other."""
    plain = plain_column(prefix, name)
    owned = [own_column(prefix, name, type_name) for type_name in TYPES[prefix]]
    return [each for each in (*([plain] if is_certain(plain) else []), *owned) if each in known]


def doubtful_columns(prefix: Prefix, name: str, known: Types) -> list[str]:
    """The table's columns in which a former version may have put values of this name, and of others too."""
    plain = plain_column(prefix, name)
    typed = [f"{plain}__{type_name}" for type_name in TYPES[prefix]]
    return [each for each in (*([] if is_certain(plain) else [plain]), *typed) if each in known]


def written_before(prefix: Prefix, name: str, type_name: str, known: Types) -> str:
    """The column in which a former version put values of a name that had this type."""
    plain = plain_column(prefix, name)
    return plain if known.get(plain) == TYPES[prefix][type_name] else f"{plain}__{type_name}"


def name_of(column: str) -> tuple[Prefix, str] | None:
    """What a client calls the values of a column; None for one that all events have, and for a doubtful one."""
    prefix = next((each for each in BEGINNINGS if column.startswith(BEGINNINGS[each])), None)
    if prefix is None:
        return None
    rest = column.removeprefix(BEGINNINGS[prefix])
    spelt, owned, _ = rest.partition("~~")
    if not owned and not is_certain(column):
        return None
    codes = _TAKEN_APART.sub(lambda match: chr(int(match[1], 16)), spelt)
    return prefix, codes.encode("latin-1").decode() if owned else codes
