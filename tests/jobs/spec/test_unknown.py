"""A field that there is none of is refused with the one that was meant, and where that lives."""

import json
from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.spec.check import parse
from jobs.spec.problems import MAX_MESSAGE

FLATTEN = {"kind": "flatten"}


def told(document: Any, pointer: str) -> str:
    with pytest.raises(InvalidSpec) as refused:
        parse(json.dumps(document))
    return {error.pointer: error.message for error in refused.value.errors}[pointer]


def at(pointer: str, value: Any = 1, **beside: Any) -> dict[str, Any]:
    """A document with a value at a pointer and others beside it."""
    *above, name = pointer.split("/")[1:]
    document: dict[str, Any] = {name: value, **beside}
    for part in reversed(above):
        document = {part: document}
    return document


def optimizer(name: str, value: Any = 1, **beside: Any) -> dict[str, Any]:
    return at(f"/training/optimizer/{name}", value, **beside)


def layer(**fields: Any) -> dict[str, Any]:
    return {"architecture": {"layers": [fields]}}


ELSEWHERE = {
    "/training/learning_rate": "learning_rate is a field of the optimizer: /training/optimizer/learning_rate",
    "/training/lr": "it is called learning_rate, a field of the optimizer: /training/optimizer/learning_rate",
    "/learning_rate": "learning_rate is a field of the optimizer: /training/optimizer/learning_rate",
    "/lr": "it is called learning_rate, a field of the optimizer: /training/optimizer/learning_rate",
    "/learningRate": "it is called learning_rate, a field of the optimizer: /training/optimizer/learning_rate",
    "/batchnorm": "it is called batch_norm: /batch_norm",
    "/batchNorm": "it is called batch_norm: /batch_norm",
    "/batch-norm": "it is called batch_norm: /batch_norm",
    "/bn": "it is called batch_norm: /batch_norm",
    "/bath_norm": "the nearest is batch_norm: /batch_norm",
    "/training/batch_norm": "batch_norm is a field of the document: /batch_norm; ",
    "/data/bn": "it is called batch_norm, a field of the document: /batch_norm; ",
    "/batch_norm/eps": "it is called epsilon: /batch_norm/epsilon",
    "/batch_norm/decay": "it is called running_decay: /batch_norm/running_decay",
    "/epochs": "epochs is a field of the training: /training/epochs",
    "/epoch": "it is called epochs, a field of the training: /training/epochs",
    "/steps": "steps is a field of the training: /training/steps",
    "/stepps": "the nearest is steps, a field of the training: /training/steps",
    "/seed": "seed is a field of the training: /training/seed",
    "/optimizer": "optimizer is a field of the training: /training/optimizer",
    "/optimiser": "it is called optimizer, a field of the training: /training/optimizer",
    "/batch_size": "batch_size is a field of the data: /data/batch_size",
    "/training/batch_size": "batch_size is a field of the data: /data/batch_size",
    "/training/bs": "it is called batch_size, a field of the data: /data/batch_size",
    "/momentum": "/training/optimizer/momentum (the kinds 'momentum' and 'nesterov')",
    "/training/momentum": "/training/optimizer/momentum (the kinds 'momentum' and 'nesterov')",
    "/training/optimizer/momentum": "momentum is of the kinds 'momentum' and 'nesterov': {\"kind\": \"momentum\", ",
    "/training/optimizer/beta1": "beta1 is of the kinds 'adam' and 'adamw': {\"kind\": \"adam\", ",
    "/training/optimizer/weight_decay": "weight_decay is a field of the training: /training/weight_decay",
    "/training/optimizer/wd": "it is called weight_decay, a field of the training: /training/weight_decay",
    "/training/optimizer/epochs": "epochs is a field of the training: /training/epochs",
    "/training/schedule/factor": "factor is of the kinds 'step' and 'exponential'",
    "/training/schedule/T_max": "there is: warmup_steps, kind",
    "/hidden": "hidden is a field of the architecture: /architecture/hidden (the presets 'mlp' and 'convnet')",
    "/hidden_layers": "it is called hidden, a field of the architecture: /architecture/hidden",
    "/dropout": '/architecture/dropout (the preset \'bn_inception\'); dropout is a kind of layer: {"kind": "dropout"}',
    "/training/dropout": "dropout is a kind of layer",
    "/adam": 'adam is a kind of optimizer: {"kind": "adam"} at /training/optimizer',
    "/training/cosine": 'cosine is a kind of schedule: {"kind": "cosine"} at /training/schedule',
    "/resnet": 'resnet is a preset of architecture: {"preset": "resnet"} at /architecture',
    "/model": "it is called architecture: /architecture",
    "/dataset": "dataset is a field of the data: /data/dataset",
    "/device": "device is a field of the resources: /resources/device",
    "/recording/epochs": "epochs is a field of the training: /training/epochs",
    "/epsilon": "epsilon is a field of batch_norm: /batch_norm/epsilon, of the optimizer: /training/optimizer/epsilon ",
    "/training.steps": "objects stand in one another here, down to /training/steps",
    "/training/optimizer.kind": "objects stand in one another here, down to /training/optimizer/kind",
    "/training/data.batch_size": "objects stand in one another here, down to /data/batch_size",
    "/seeds": "unknown field; several seeds are an experiment: POST /experiments; it is called seed, a field of",
    "/training/optimizer/decay": "; and weight_decay, a field of the training: /training/weight_decay",
    "/betas": "called beta1, a field of the optimizer: /training/optimizer/beta1 (the kinds 'adam' and 'adamw'); and ",
    "/training/optimizer/betas": "\"beta1\": 1}; and beta2, which is of the kinds 'adam' and 'adamw': {\"kind\": ",
    "/colour": "there is: name, tags, metadata, retain, architecture, batch_norm, data, training, evaluation",
}


@pytest.mark.parametrize(("pointer", "says"), ELSEWHERE.items(), ids=ELSEWHERE)
def test_a_field_in_the_wrong_place_is_told_where_it_lives(pointer: str, says: str) -> None:
    message = told(at(pointer), pointer)
    assert message.startswith("unknown field; ")
    assert says in message
    assert len(message) <= MAX_MESSAGE


@pytest.mark.parametrize("pointer", ["/targets", "/claim", "/training/targets"])
def test_a_field_of_an_experiment_is_told_to_be_one_and_nothing_that_is_spelt_alike(pointer: str) -> None:
    assert told(at(pointer), pointer) == "unknown field; it is a field of an experiment: POST /experiments"


KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "momentum of adam": (
        optimizer("momentum", 0.9, kind="adam"),
        "/training/optimizer/momentum",
        'momentum is of the kinds \'momentum\' and \'nesterov\': {"kind": "momentum", "momentum": 0.9}',
    ),
    "a misspelling of what another kind has": (
        optimizer("momentun", 0.9, kind="sgd"),
        "/training/optimizer/momentun",
        "the nearest is momentum, which is of the kinds 'momentum' and 'nesterov'",
    ),
    "both betas of torch": (
        optimizer("betas", [0.9, 0.99], kind="adam"),
        "/training/optimizer/betas",
        "it is called beta1: /training/optimizer/beta1; and beta2: /training/optimizer/beta2",
    ),
    "a misspelling of its own": (
        optimizer("bta1", 0.9, kind="adam"),
        "/training/optimizer/bta1",
        "the nearest is beta1: /training/optimizer/beta1",
    ),
    "a flag that is a kind": (
        optimizer("nesterov", True, kind="momentum", momentum=0.9),
        "/training/optimizer/nesterov",
        'nesterov is a kind of optimizer: {"kind": "nesterov"}',
    ),
    "dropout of a linear layer": (
        layer(kind="linear", features=10, dropout=0.5),
        "/architecture/layers/0/dropout",
        'dropout is a kind of layer: {"kind": "dropout"}',
    ),
    "keras's units": (
        layer(kind="linear", features=10, units=10),
        "/architecture/layers/0/units",
        "it is called features: /architecture/layers/0/features",
    ),
    "torch's out_channels": (
        layer(kind="conv2d", channels=1, out_channels=10),
        "/architecture/layers/0/out_channels",
        "it is called channels: /architecture/layers/0/channels",
    ),
    "a kernel of a dense layer": (
        layer(kind="linear", features=10, kernel=3),
        "/architecture/layers/0/kernel",
        "kernel is of the kinds 'conv2d', 'max_pool' and 'average_pool': {\"kind\": \"conv2d\", \"kernel\": 3}",
    ),
    "a layer within a layer": (
        layer(kind="residual", layers=[FLATTEN, {"kind": "conv2d", "channels": 4, "kernelSize": 3}]),
        "/architecture/layers/0/layers/1/kernelSize",
        "it is called kernel: /architecture/layers/0/layers/1/kernel",
    ),
    "a layer of a branch": (
        layer(kind="concatenate", branches=[[], [{"kind": "dropout", "p": 0.1}]]),
        "/architecture/layers/0/branches/1/0/p",
        "it is called rate: /architecture/layers/0/branches/1/0/rate",
    ),
    "options of a layer's batch normalization": (
        layer(kind="linear", features=10, batch_norm={"eps": 1}),
        "/architecture/layers/0/batch_norm/eps",
        "it is called epsilon: /architecture/layers/0/batch_norm/epsilon",
    ),
    "population of a layer's batch normalization": (
        layer(kind="linear", features=10, batch_norm={"population": "pooled"}),
        "/architecture/layers/0/batch_norm/population",
        "population is a field of batch_norm: /batch_norm/population",
    ),
    "an option of another preset": (
        at("/architecture/depth", 20, preset="mlp"),
        "/architecture/depth",
        'depth is of the preset \'resnet\': {"preset": "resnet", "depth": 20}',
    ),
    "an option of a preset beside layers": (
        at("/architecture/hidden", [5], layers=[FLATTEN]),
        "/architecture/hidden",
        'hidden is of the presets \'mlp\' and \'convnet\': {"preset": "mlp", "hidden": ...}',
    ),
    "an option of another initialization": (
        at("/architecture/init/gain", 2, scheme="normal"),
        "/architecture/init/gain",
        "gain is of the schemes 'xavier_normal' and 'kaiming_normal'",
    ),
}
KINDS["an option of another initialization"][0]["architecture"]["preset"] = "mlp"


@pytest.mark.parametrize(("document", "pointer", "says"), KINDS.values(), ids=KINDS)
def test_a_field_of_another_kind_is_told_its_kind(document: dict[str, Any], pointer: str, says: str) -> None:
    assert says in told(document, pointer)


def test_what_it_says_of_another_kind_can_be_written() -> None:
    document = optimizer("momentum", 0.9)
    example = told(document, "/training/optimizer/momentum").partition(": ")[2]
    assert parse(json.dumps({"training": {"optimizer": json.loads(example)}})).training.optimizer.kind == "momentum"


def test_momentum_of_batch_normalization_is_refused_with_the_reason() -> None:
    for document in (at("/batch_norm/momentum", 0.1), layer(kind="batch_norm", momentum=0.1)):
        with pytest.raises(InvalidSpec, match=r"in PyTorch and .* in Keras mean nearly the same; say 'running_decay'"):
            parse(json.dumps(document))
