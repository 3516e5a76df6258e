"""Checking uploaded model files, which are never trusted: one call, `check_model_file`. No Django in here."""

from models_app.modelfiles.report import Check, CheckReport, FeatureSpec, FileFormat, Limits
from models_app.modelfiles.run import check_model_file, read_class_labels

__all__ = ["Check", "CheckReport", "FeatureSpec", "FileFormat", "Limits", "check_model_file", "read_class_labels"]
