"""A job in words, and the layers of its network."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Column, Table

from bnlab.sdk.client import Job
from bnlab.terminal.decided import decided
from bnlab.terminal.labels import label
from bnlab.terminal.printing import cell
from bnlab.terminal.spoken import value_in_words
from bnlab.terminal.widths import fitting

NAMES = ("preset", "kind", "scheme", "dataset")  # whose values need no word before them
COLUMNS = {"parameters": 13, "output": 15, "BN": 4, "activation": 12, "kind": 20}
"""What a table of layers shows beside their names, the most important first, and in how many characters."""

ORDER = ("kind", "output", "activation", "BN", "parameters")
OF_DATA = ("dataset", "batch_size", "augment", "validation", "train_samples", "normalize")  # what is worth a word
OF_TRAINING = ("rate_factors", "weight_decay", "clip_gradient_norm", "label_smoothing", "stop")


def description_of(job: Job) -> Table:
    """Everything that is to be said of a job, a line each."""
    table = Table(Column("", no_wrap=True, style="bold"), Column("", overflow="fold"), box=None, show_header=False)
    for name, said in _lines(job):
        table.add_row(cell(name), cell(said))
    return table


def layers_of(validated: Mapping[str, Any], width: int) -> Table:
    """The network of a document, a layer a row, in so many characters; shapes are of one example."""
    rows = [(layer["name"], _said_of(layer)) for layer in validated["layers"]]
    shown = set(fitting(COLUMNS, [name for name, _ in rows], width))
    names = [name for name in ORDER if name in shown]
    table = Table(Column("layer", overflow="fold"), *names, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for layer, said in rows:
        table.add_row(cell(layer), *(cell(said[name]) for name in names))
    return table


def _said_of(layer: Mapping[str, Any]) -> dict[str, str]:
    return {
        "kind": layer["kind"],
        "output": " x ".join(map(str, layer["output"])),
        "activation": layer["activation"],
        "BN": "BN" if layer["batch_norm"] else "-",
        "parameters": f"{layer['parameters']:,}",
    }


def phrase(value: Any) -> str:
    """A part of a document in a line: what it is, and then its fields; null says nothing.

    >>> phrase({"learning_rate": 0.1, "kind": "momentum", "nesterov": None}), phrase([100, 100])
    ('momentum, learning rate 0.1', '100 100')
    """
    if isinstance(value, Mapping):
        first = [str(value[name]) for name in NAMES if value.get(name) is not None]
        rest = [f"{name.replace('_', ' ')} {phrase(each)}" for name, each in value.items() if _says(name, each)]
        return ", ".join(first + rest)
    if isinstance(value, list) and all(isinstance(each, int | float) for each in value):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, list):
        return f"{len(value)} of them"
    return value if isinstance(value, str) else json.dumps(value)


def _says(name: str, value: Any) -> bool:
    return name not in NAMES and value is not None


def _lines(job: Job) -> Iterator[tuple[str, str]]:
    spec, progress = job["spec"], job["progress"]
    training, data = spec["training"], {name: each for name, each in spec["data"].items() if name in OF_DATA}
    yield "id", job["id"]
    yield "trains", label(job)
    yield "status", " ".join(filter(None, (job["status"], job["requested"] and f"({job['requested']} was asked for)")))
    if job["waiting_for"]:
        yield "waits for", job["waiting_for"]
    if queue := job.get("queue"):  # which a server of an earlier release does not say
        yield "ahead", "1 job" if queue["ahead"] == 1 else f"{queue['ahead']} jobs"
    if job["error"]:
        yield "error", f"{job['error']['message']} ({job['error']['code']})"
    yield "step", f"{progress['step']} of {progress['steps']}{_pace(progress)}"
    yield from decided(job)
    for name, value in job["latest"].items():
        yield name, "not finite" if value is None else f"{value:.4g}"
    yield "network", phrase(spec["architecture"])
    if initial := spec.get("initial"):  # which a server of an earlier release does not know
        yield "starts from", value_in_words(initial, "/initial")
    yield "BN", phrase(spec["batch_norm"]) if spec["batch_norm"] else "none"
    yield "data", phrase(data)
    yield "optimizer", phrase(training["optimizer"])
    yield "schedule", phrase(training["schedule"])
    for name in OF_TRAINING:
        if training.get(name):  # a server of an earlier release does not know what stops one
            yield name.replace("_", " "), phrase(training[name])
    yield "seed", str(training["seed"])
    if engine := job.get("engine"):  # which a server of an earlier release does not say
        yield "engine", f"{engine}: {job.get('engine_reason')}"
    yield "created", job["created"]
    for attempt in job["attempts"]:
        said = attempt["outcome"] or "goes on"
        yield f"attempt {attempt['number']}", f"{said}, on {attempt['host']} since {attempt['started']}"
    if job["environment"]:
        yield "exact", "to the bit" if job["bit_exact"] else f"not to the bit: {', '.join(job['differs'])} changed"
    if job["parent"]:
        yield "retry of", job["parent"]
    for warning in job["warnings"]:
        yield "warning", warning
    yield "may be", ", ".join(job["allowed_actions"])


def _pace(progress: Mapping[str, Any]) -> str:
    if progress["eta_seconds"] is None:
        return ""
    return f", {progress['steps_per_second']:.0f} a second, {progress['eta_seconds']:.0f} seconds to go"
