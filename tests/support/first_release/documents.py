"""What the jobs in the fixture were asked for: one small document, and what sets each of them apart."""

from typing import Any

STEPS = 96


def network(activation: str) -> dict[str, Any]:
    """A hidden layer of four units on nine pixels."""
    hidden = {"kind": "linear", "features": 4, "activation": activation}
    first, last = {"kind": "average_pool", "kernel": 1, "stride": 10}, {"kind": "linear", "features": 10}
    return {"layers": [first, {"kind": "flatten"}, hidden, {"kind": "dropout", "rate": 0.1}, last]}


DOCUMENT: dict[str, Any] = {  # every table that a job can record, in a few kilobytes, and in about two seconds
    "architecture": network("sigmoid"),
    "batch_norm": {"population": "algorithm2"},
    "data": {"dataset": "synthetic", "batch_size": 500, "augment": {"flip": True}},
    "training": {"steps": STEPS, "optimizer": {"kind": "momentum", "learning_rate": 0.1}},
    "evaluation": {"every": 4},
    "recording": {
        "activations_every": 5,
        "histograms_every": 32,
        "probe_every": 20,
        "probe_size": 200,
        "diagnostics": [{"name": "drift", "every": 12}, {"name": "landscape", "every": 48}],
    },
}

DIVERGING: dict[str, Any] = {
    "architecture": network("leaky_relu"),
    "batch_norm": False,
    "training": {"steps": STEPS, "optimizer": {"kind": "sgd", "learning_rate": 1e10}},
}
LABELLED: dict[str, Any] = {
    "tags": ["kept", "größer"],
    "metadata": {"by": "the first release", "of": [1, 2.5, None]},
    "evaluation": {"every": 4, "probabilities": True},
}

EXPERIMENT: dict[str, Any] = {
    "name": "with and without",
    "claim": "A few steps show nothing.",
    "base": DOCUMENT | {"training": {"steps": 24}},
    "variants": {"with": {}, "without": {"batch_norm": False}},
    "targets": [0.1, 0.9],
}
ADDED_SEEDS = 1  # to the experiment: none of their jobs has begun


def document(name: str, **changes: Any) -> dict[str, Any]:
    """The document of the job of that name."""
    return DOCUMENT | {"name": name} | changes
