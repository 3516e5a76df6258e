"""Release documents of earlier schema versions, rewritten as the present one reads them.

Stored text is never changed, and neither is its digest: this is done each time that an old document is read.
Version 1 named models by the digest of their file.
"""

import msgspec

PRESENT = 2


class _Version(msgspec.Struct):
    schema_version: int = 1


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parts of version 1 that say what a model is; the others are passed on as they stand."""


class _Model(_Part, frozen=True):
    name: str
    features: tuple[str, ...]
    single_rows: int = 1


class _Member(_Part, frozen=True):
    model: str
    beta: float = 1.0
    weight: float = 1.0


class _Predictor(_Part, frozen=True):
    members: tuple[_Member, ...]
    aggregation: str = "mean"


class _Document(_Part, frozen=True):
    tenant: str
    intents: msgspec.Raw
    predictors: dict[str, _Predictor]
    transforms: msgspec.Raw
    models: dict[str, _Model]
    schema_version: int = 1


def is_earlier(plain: object) -> bool:
    """Whether this, as JSON or YAML holds it, is a document of an earlier version. Version 1 need not say so."""
    return isinstance(plain, dict) and plain.get("schema_version", 1) == 1


def upgraded(text: bytes | str) -> bytes | str:
    """The text as the present version would have it; unchanged where it is of that. Raises msgspec.MsgspecError."""
    version = msgspec.json.decode(text, type=_Version).schema_version
    if version != 1:
        return text
    old = msgspec.json.decode(text, type=_Document)
    keys = _keys(old)
    return msgspec.json.encode(
        {
            "tenant": old.tenant,
            "intents": old.intents,
            "predictors": {name: _predictor(predictor, keys) for name, predictor in old.predictors.items()},
            "transforms": old.transforms,
            "models": {
                keys[digest]: {"digest": digest, "features": model.features, "single_rows": model.single_rows}
                for digest, model in old.models.items()
            },
            "schema_version": PRESENT,
        }
    )


def _keys(old: _Document) -> dict[str, str]:
    """Return the key of each model by its digest: its own key, or the digest where two models have the same."""
    names = [model.name for model in old.models.values()]
    return {digest: model.name if names.count(model.name) == 1 else digest for digest, model in old.models.items()}


def _predictor(predictor: _Predictor, keys: dict[str, str]) -> _Predictor:
    """Return the predictor, its members named by the keys of models; `check` names a missing model."""
    members = [msgspec.structs.replace(each, model=keys.get(each.model, each.model)) for each in predictor.members]
    return msgspec.structs.replace(predictor, members=tuple(members))
