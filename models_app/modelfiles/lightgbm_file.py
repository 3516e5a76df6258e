"""Opening a LightGBM text file: its features against the declared ones, its conversion, its own library."""

from collections.abc import Sequence

import numpy as np

from models_app.modelfiles import lightgbm_onnx, lightgbm_text
from models_app.modelfiles.lightgbm_text import Ensemble
from models_app.modelfiles.report import Check, FeatureSpec, Refusal
from models_app.modelfiles.subject import Subject, Vector, grouped


def open_file(content: bytes, features: Sequence[FeatureSpec]) -> Subject:
    """Raises Refusal where the file is damaged, was made for other features, or cannot be converted."""
    ensemble = lightgbm_text.read(content)
    _check_names(ensemble, features)
    _check_pandas_categories(ensemble, features)
    _check_split_types(ensemble, features)
    return Subject(
        content=lightgbm_onnx.convert(ensemble),
        thresholds=_thresholds(ensemble),
        reference=_Reference(content),
        library="LightGBM",
        passed=[
            Check("readable", f"A LightGBM model of {len(ensemble.trees)} trees."),
            Check("features", f"Its {len(features)} features are the declared ones, in the same order."),
        ],
    )


class _Reference:
    """LightGBM itself; imported late, because that takes seconds that a damaged file need not wait for."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __call__(self, rows: Vector) -> Vector:
        import lightgbm

        lightgbm.register_logger(_Silent())
        try:
            booster = lightgbm.Booster(model_str=lightgbm_text.text_of(self._content))
        except lightgbm.basic.LightGBMError as error:
            raise Refusal("readable", f"LightGBM cannot read it: {error}; {lightgbm_text.EXPORT_ADVICE}") from error
        return np.asarray(booster.predict(rows, num_threads=1), dtype=np.float64)


class _Silent:
    def info(self, message: str) -> None: ...

    def warning(self, message: str) -> None: ...


def _check_names(ensemble: Ensemble, features: Sequence[FeatureSpec]) -> None:
    """LightGBM writes a space in a name as an underscore, and leaves `=` out where the first name begins with it."""
    found = list(ensemble.features)
    declared = [feature.name.replace(" ", "_") for feature in features]
    if found[:1] != declared[:1]:
        declared[0] = declared[0].lstrip("=")
    if found == declared:
        return
    if sorted(found) == sorted(declared):
        reason = f"the file has the declared features in another order: {', '.join(found)}"
    else:
        reason = (
            f"the file has {len(found)} features and {len(declared)} are declared"
            f"{_listed('; only in the file', set(found) - set(declared))}"
            f"{_listed('; only declared', set(declared) - set(found))}"
        )
    raise Refusal("features", f"{reason}; declare the features as the model was trained, in that order")


def _listed(title: str, names: set[str]) -> str:
    shown = ", ".join(sorted(names)[:10])
    return f"{title}: {shown}{' …' if len(names) > 10 else ''}" if names else ""


def _check_pandas_categories(ensemble: Ensemble, features: Sequence[FeatureSpec]) -> None:
    """A model trained on pandas categories knows only their codes, so the declared order must be pandas's."""
    if not ensemble.pandas_categories:
        return
    declared = [feature for feature in features if feature.type == "category"]
    if len(declared) != len(ensemble.pandas_categories):
        raise Refusal(
            "features",
            f"the model was trained on {len(ensemble.pandas_categories)} pandas columns of type category, and "
            f"{len(declared)} features of type category are declared; declare just those columns as category",
        )
    for feature, trained in zip(declared, ensemble.pandas_categories, strict=True):
        if feature.categories != trained:
            raise Refusal(
                "features",
                f"{feature.name}: the model was trained with the categories {', '.join(trained)} and declared are "
                f"{', '.join(feature.categories) or 'none'}; declare them as trained, in that order",
            )


def _check_split_types(ensemble: Ensemble, features: Sequence[FeatureSpec]) -> None:
    """LightGBM cuts 1.7 down to category 1; nobody means that, and ONNX does not do it."""
    for tree in ensemble.trees:
        for column in np.unique(tree.feature[tree.categorical]):
            if features[column].type == "number":
                raise Refusal(
                    "features",
                    f"{features[column].name}: the model takes it as a category; declare it as category or integer",
                )


def _thresholds(ensemble: Ensemble) -> dict[int, Vector]:
    columns, values = [], []
    for tree in ensemble.trees:
        numeric = ~tree.categorical
        columns.append(tree.feature[numeric])
        values.append(tree.threshold[numeric])
        for node in np.flatnonzero(tree.categorical):
            members = np.array(tree.members(int(node)), dtype=np.float64)
            columns.append(np.full(len(members), tree.feature[node]))
            values.append(members)
    return grouped(np.concatenate(columns), np.concatenate(values))
