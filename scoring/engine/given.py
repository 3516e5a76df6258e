"""Values of one column as a client sent them, as arrays in place of Python's own values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Given:
    """n `values`; `null` (n,) says which are not there, None that all are. With `names`: values are places there.

    What `values` has where there is null means nothing, but must be a place in `names`, or the one after its last.
    """

    values: NDArray[Any]
    null: NDArray[np.bool_] | None = None
    names: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def kind(self) -> str:
        """The kind of numpy's dtypes, and `t` for texts."""
        return "t" if self.names is not None else self.values.dtype.kind

    @property
    def is_null(self) -> bool:
        """Whether no value is there."""
        return self.null is not None and bool(self.null.all())

    @property
    def sample(self) -> Any:
        """The first value that is there; None where there is none."""
        there = np.flatnonzero(~self.null) if self.null is not None else range(len(self))
        return self.at(int(there[0])) if len(there) else None

    def at(self, row: int) -> Any:
        """One value as Python's own, None for null."""
        if self.null is not None and self.null[row]:
            return None
        value = self.values[row].item()
        return value if self.names is None else self.names[value]


NOTHING = Given(np.zeros(0), np.ones(0, dtype=bool))  # which every type has
