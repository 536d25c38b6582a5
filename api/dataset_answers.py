"""Datasets as they are answered: those of the catalogue, which every server has, and those that were uploaded."""

from itertools import repeat
from pathlib import Path
from typing import Any

from api.schemas.datasets import DatasetAnswer
from api.values import time_of
from jobs.datasets.catalogue import Dataset, Entry
from jobs.datasets.files import FILES
from jobs.datasets.kept import Uploaded
from jobs.datasets.loading import available

KINDS = {
    "npz": "arrays of numpy",
    "folders": "a folder of images for each class",
    "parquet": "a table of images",
    "csv": "a table of numbers",
    "idx": "files of MNIST's form",
}
"""What a file was, by the name of its format."""


def facts_of_entry(entry: Entry, data_folder: Path) -> dict[str, Any]:
    """A dataset of the catalogue, as `api.schemas.datasets.DatasetFacts` describes it."""
    dataset = entry.dataset
    return _facts(dataset) | {
        "description": entry.description,
        "created": None,
        "dtype": "uint8",
        "classes": _classes(entry.labels, dataset.counts, repeat(None)),
        "mean": None,
        "sd": None,
        "warnings": (),
        "source_format": None,
        "bytes": sum(file.size for file in FILES.get(dataset.name, ())),
        "available": available(dataset.name, data_folder),
    }


def facts_of(uploaded: Uploaded) -> dict[str, Any]:
    """The same of one that was uploaded."""
    found = uploaded.found
    return _facts(uploaded.dataset) | {
        "description": f"Uploaded: {KINDS[found.source_format]}",
        "created": time_of(uploaded.created),
        "dtype": found.dtype,
        "classes": _classes(found.classes, found.train_counts, found.test_counts),
        "mean": found.mean,
        "sd": found.sd,
        "warnings": found.warnings,
        "source_format": found.source_format,
        "bytes": sum(file.size for file in uploaded.files),
        "available": True,
    }


def row_of(facts: dict[str, Any]) -> dict[str, Any]:
    """A dataset in the list, as `api.schemas.datasets.DatasetAnswer` describes it."""
    return {name: facts[name] for name in DatasetAnswer.model_fields} | {"classes": len(facts["classes"])}


def _facts(dataset: Dataset) -> dict[str, Any]:
    return {name: getattr(dataset, name) for name in ("name", "shape", "train", "test", "sha256")}


def _classes(*columns: Any) -> list[dict[str, Any]]:
    """Of each class its name, and how many examples it has in each part."""
    return [{"name": name, "train": train, "test": test} for name, train, test in zip(*columns, strict=False)]
