"""Small models and release documents for tests that need no database."""

import hashlib
from collections.abc import Sequence

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper

from scoring.engine import document
from scoring.engine.onnx_model import OnnxModel, Parity
from scoring.store import artifacts

AMOUNT = document.Feature("amount", minimum=0.0, maximum=1e6)
HOUR = document.Feature("hour", type="integer", minimum=0, maximum=23)
FOREIGN = document.Feature("foreign", type="boolean", nullable=True)
KIND = document.Feature("kind", type="category", required=False, categories=("goods", "travel", "cash"))
FEATURES = (AMOUNT, HOUR, FOREIGN, KIND)
CHANNEL = document.ContextAttribute("channel", values=("web", "shop"))
EVENT = {"amount": 57.16, "hour": 20, "foreign": False, "kind": "travel"}
MAPPING_X = (0.0, 0.25, 0.5, 0.75, 1.0)
MAPPING_Y = (0.0, 0.5, 0.8, 0.95, 1.0)


def sigmoid_onnx(weights: Sequence[float], bias: float = 0.0) -> bytes:
    """½ (1 + z / (1 + |z|)) with z = w·x + b, in float64 on (n, F), NaN counting as 0.

    Only + − × ÷ on whole columns, and so the same bits at every batch size, which `Exp` does not give.
    """
    count = len(weights)
    columns = [f"column{place}" for place in range(count)]
    sums = [f"sum{place}" for place in range(count + 1)]
    nodes = [
        helper.make_node("IsNaN", ["x"], ["absent"]),
        helper.make_node("Where", ["absent", "zero", "x"], ["given"]),
        helper.make_node("Mul", ["given", "weights"], ["weighted"]),
        helper.make_node("Split", ["weighted"], columns, axis=1, num_outputs=count),
        helper.make_node("Add", [columns[0], "bias"], [sums[0]]),
        *[helper.make_node("Add", [sums[i - 1], columns[i]], [sums[i]]) for i in range(1, count)],
        helper.make_node("Abs", [sums[count - 1]], ["size"]),
        helper.make_node("Add", ["size", "one"], ["denominator"]),
        helper.make_node("Div", [sums[count - 1], "denominator"], ["within"]),
        helper.make_node("Add", ["within", "one"], ["positive"]),
        helper.make_node("Mul", ["positive", "half"], ["probability"]),
    ]
    constants = [
        helper.make_tensor(name, TensorProto.DOUBLE, shape, values)
        for name, shape, values in (
            ("zero", (), [0.0]),
            ("half", (), [0.5]),
            ("one", (), [1.0]),
            ("bias", (), [bias]),
            ("weights", (count,), list(weights)),
        )
    ]
    graph = helper.make_graph(
        nodes,
        "sigmoid",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, (None, count))],
        [helper.make_tensor_value_info("probability", TensorProto.DOUBLE, (None, 1))],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def parity_of(content: bytes, features: int) -> Parity:
    """What the registry would have kept of this model."""
    inputs = np.random.default_rng(7).normal(size=(4, features))
    return {"inputs": inputs.tolist(), "outputs": OnnxModel(content, features).many(inputs).tolist()}


class Documents:
    """Builds release documents from models in memory; `load_model` is what a CompiledRelease asks for."""

    def __init__(self, tenant: str = "acme") -> None:
        self.tenant = tenant
        self.contents: dict[str, bytes] = {}
        self.models: dict[str, document.Model] = {}
        self.predictors: dict[str, document.Predictor] = {}
        self.transforms: dict[str, document.Transform] = {}
        self.intents: dict[str, document.Intent] = {}
        self.loaded: list[str] = []

    def model(self, features: Sequence[str], weights: Sequence[float], bias: float = 0.0, name: str = "m@1") -> str:
        content = sigmoid_onnx(weights, bias)
        digest = digest_of(content)
        self.contents[digest] = content
        self.models[name] = document.Model(digest, tuple(features))
        return name

    def predictor(self, key: str, *members: document.Member, aggregation: str = "mean") -> str:
        self.predictors[key] = document.Predictor(members, aggregation)
        return key

    def transform(self, number: int, x: Sequence[float] = MAPPING_X, y: Sequence[float] = MAPPING_Y) -> int:
        self.transforms[str(number)] = document.Transform("custom", "target@1", tuple(x), tuple(y))
        return number

    def intent(self, name: str, *routes: document.Route, **fields: object) -> None:
        self.intents[name] = document.Intent(**{"features": FEATURES, "routes": routes, **fields})

    def build(self) -> document.ReleaseDocument:
        built = document.ReleaseDocument(self.tenant, self.intents, self.predictors, self.transforms, self.models)
        document.check(built)
        return built

    def store(self) -> None:
        """Keep the models where scoring processes find them."""
        for model in self.models.values():
            content = self.contents[model.digest]
            artifacts.store(content, parity_of(content, len(model.features)))

    def load_model(self, model: document.Model) -> OnnxModel:
        self.loaded.append(model.digest)
        return OnnxModel(self.contents[model.digest], len(model.features), model.single_rows)


def simple(tenant: str = "acme", bias: float = -2.0) -> Documents:
    """One intent, `card-payments`; web goes to a predictor of two models, everything else to one of one model."""
    documents = Documents(tenant)
    names = [feature.name for feature in FEATURES]
    small = documents.model(names[:2], [0.002, 0.05], bias, name="small@1")
    large = documents.model(names, [0.001, -0.03, 0.7, 0.4], bias, name="large@1")
    documents.predictor("cards@1", document.Member(small, beta=0.2))
    documents.predictor("cards@2", document.Member(small, beta=0.2, weight=2.0), document.Member(large, beta=0.5))
    documents.transform(17)
    documents.transform(18, (0.0, 0.1, 1.0), (0.0, 0.6, 1.0))
    web = document.Route(
        "web",
        document.Target("cards@2", 18),
        when=(document.Condition("channel", any_of=("web",)),),
        shadows=(document.Target("cards@1", 18),),
    )
    rest = document.Route("rest", document.Target("cards@1", 17))
    documents.intent("card-payments", web, rest, context=(CHANNEL,))
    return documents


def as_version_1(content: document.ReleaseDocument) -> str:
    """The text of a document as the first schema version wrote it, without what it left to defaults."""
    plain = msgspec.to_builtins(content)
    keys = {key: model.digest for key, model in content.models.items()}
    for predictor in plain["predictors"].values():
        for member in predictor["members"]:
            member["model"] = keys[member["model"]]
        if predictor["aggregation"] == "mean":
            del predictor["aggregation"]
    plain["models"] = {
        model.digest: {"name": key, "features": list(model.features)} for key, model in content.models.items()
    }
    plain["schema_version"] = 1
    return msgspec.json.encode(plain, order="sorted").decode()
