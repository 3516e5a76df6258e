"""Many tenants that share a few models, each with an intent, a key and a release, put into Postgres and the store."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # none of it without Django's settings
    from scoring.engine import document

FEATURES, INTENT = 30, "card-payments"
_ROWS, _KNOTS = 5_000, 1_000


@dataclass(frozen=True)
class Tenant:
    """A tenant, its key's text, and the model that serves it with the digest of that model's file."""

    slug: str
    key: str
    model: str
    digest: str


def names() -> tuple[str, ...]:
    return tuple(f"feature_{place:02d}" for place in range(FEATURES))


def make(tenants: int, models: int, trees: int) -> tuple[list[Tenant], int]:
    """All of them, served by their first release, and the bytes of all model files."""
    import django

    django.setup()
    contents = _models(models, trees)
    digests = [_stored(each) for each in contents]
    made = [_tenant(number, f"model-{number % models}@1", digests[number % models]) for number in range(tenants)]
    for tenant in made:
        publish(tenant, 1)
    return made, sum(map(len, contents))


def publish(tenant: Tenant, transform: int) -> int:
    """A release that serves the tenant by this transform, whose id is returned."""
    from scoring.engine import document
    from scoring.services import publish_document
    from tenants import models
    from tenants.scope import platform_scope

    text = document.encode(_document(tenant, transform)).decode()
    with platform_scope():
        row = models.Tenant.objects.get(slug=tenant.slug)
        publish_document(tenant=row, document=text, actor=None, reason="of the benchmark")
    return transform


def _models(count: int, trees: int) -> list[bytes]:
    """One after the other has a tree less."""
    import lightgbm as lgb

    from models_app.modelfiles import lightgbm_onnx, lightgbm_text

    rng = np.random.default_rng(14)
    rows = rng.normal(size=(_ROWS, FEATURES))
    label = rng.random(_ROWS) < 1.0 / (1.0 + np.exp(3.0 - rows[:, :5].sum(axis=1)))
    parameters = {"objective": "binary", "num_leaves": 31, "verbosity": -1, "seed": 14, "num_threads": 1}
    data = lgb.Dataset(rows, label.astype(float), feature_name=list(names()))
    booster = lgb.train(parameters, data, trees + count)
    texts = [booster.model_to_string(num_iteration=trees + left) for left in range(count, 0, -1)]
    return [lightgbm_onnx.convert(lightgbm_text.read(text.encode())) for text in texts]


def _stored(content: bytes) -> str:
    from scoring.engine.onnx_model import OnnxModel
    from scoring.store import artifacts

    inputs = np.random.default_rng(1).normal(size=(16, FEATURES))
    outputs = OnnxModel(content, FEATURES).many(inputs)
    return artifacts.store(content, {"inputs": inputs.tolist(), "outputs": outputs.tolist()})


def _tenant(number: int, model: str, digest: str) -> Tenant:
    from tenants import models, secrets
    from tenants.scope import platform_scope

    slug, credential = f"tenant-{number:03d}", secrets.make(secrets.KEY)
    with platform_scope():
        row = models.Tenant.objects.create(slug=slug, name=slug)
        models.ApiKey.objects.create(
            tenant=row, name="benchmark", prefix=credential.prefix, secret_hash=credential.secret_hash, scopes=["score"]
        )
    return Tenant(slug, credential.text, model, digest)


def _document(tenant: Tenant, transform: int) -> "document.ReleaseDocument":
    from scoring.engine import document

    x = np.linspace(0.0, 1.0, _KNOTS)
    mapping = document.Transform(
        "custom", "alerts@1", tuple(x.tolist()), tuple((x ** (1.0 / (1 + transform))).tolist())
    )
    return document.ReleaseDocument(
        tenant=tenant.slug,
        intents={
            INTENT: document.Intent(
                features=tuple(document.Feature(name) for name in names()),
                routes=(document.Route("all", document.Target("cards@1", transform)),),
            )
        },
        predictors={"cards@1": document.Predictor((document.Member(tenant.model, beta=0.2),))},
        transforms={str(transform): mapping},
        models={tenant.model: document.Model(tenant.digest, names())},
    )
