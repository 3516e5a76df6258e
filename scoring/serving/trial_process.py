"""The process in which a model is tried: `python -m scoring.serving.trial_process SECONDS BYTES`, a Subject on stdin.

It does what a scoring process does when it loads a model. Ends with REFUSED and the reason on stdout where the model
cannot be used; it may end in any other way too, which is what it is for.
"""

import resource
import sys

import msgspec

from scoring.engine.onnx_model import ModelError, OnnxModel, Parity

REFUSED = 3


class Subject(msgspec.Struct, frozen=True):
    """A model file, the number of its features, and what the registry got from it."""

    content: bytes
    features: int
    single_rows: int
    parity: Parity


def main(seconds: int, memory_bytes: int) -> int:
    """Try the subject under these limits: of processor time and of address space."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    subject = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Subject)
    try:
        _try(subject)
    except (ModelError, MemoryError) as error:
        print(str(error) or f"it takes more than {memory_bytes / 2**20:,.0f} MiB of memory")
        return REFUSED
    return 0


def _try(subject: Subject) -> None:
    model = OnnxModel(subject.content, subject.features, subject.single_rows)
    model.check_parity(subject.parity)
    for row in subject.parity["inputs"][:1]:
        model.one([float("nan") if value is None else value for value in row])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
