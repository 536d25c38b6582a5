"""The documents of `tests.bits`: jobs of about a second that have every network, rule and measure between them."""

from typing import Any

Patch = dict[str, Any]  # of a job document, by dotted path

# 1,000 examples leave 40 for an epoch's last batch, and the periods end Blocks at steps with little in common. What is
# done to pixels is written out: releases differ in its defaults, and are compared.
SMALL: Patch = {
    "data.dataset": "synthetic",
    "data.binarize": True,
    "data.normalize": "none",
    "data.train_samples": 1000,
    "training.steps": 100,
    "evaluation.every": 40,
    "recording.histograms_every": 15,
    "recording.probe_every": 30,
}
TANH_MLP = {"preset": "mlp", "hidden": [20, 30], "activation": "tanh", "init": {"scheme": "xavier_normal"}}
RELU_MLP = {"preset": "mlp", "activation": "relu"}
CONVNET = {"preset": "convnet", "channels": [4, 6], "hidden": [12]}
RESNET = {"preset": "resnet", "channels": 3}
INCEPTION = {"preset": "bn_inception", "width": 0.05}
LAYERS = [
    {"kind": "batch_norm", "affine": False},
    {"kind": "conv2d", "channels": 6, "kernel": 5, "stride": 2, "padding": 2, "activation": "leaky_relu"},
    {"kind": "local_response_norm", "size": 3},
    {"kind": "average_pool", "kernel": 3, "stride": 2, "padding": 1},
    {"kind": "conv2d", "channels": 8, "bias": False, "activation": "gelu", "batch_norm": "keras"},
    {"kind": "max_pool"},
    {"kind": "flatten"},
    {"kind": "dropout", "rate": 0.2},
    {"kind": "linear", "features": 16, "activation": "tanh", "init": {"scheme": "xavier_normal"}, "batch_norm": False},
    {"kind": "linear", "features": 10},
]
CONV = {"kind": "conv2d", "channels": 4, "padding": 1, "activation": "relu"}
NESTED = [
    {**CONV, "stride": 4},
    {"kind": "residual", "layers": [CONV, {**CONV, "activation": "none", "batch_norm": "inherit"}]},
    {"kind": "residual", "layers": [CONV], "shortcut": [{"kind": "batch_norm"}], "activation": "sigmoid"},
    {"kind": "concatenate", "branches": [[], [CONV], [{"kind": "batch_norm"}, {**CONV, "kernel": 3}]]},
    {"kind": "global_average_pool"},
    {"kind": "linear", "features": 10, "init": {"scheme": "kaiming_normal", "gain": 0.5}},
]


def _optimizer(kind: str, **options: float) -> Patch:
    return {"training.optimizer": {"kind": kind, **options}}


def _schedule(kind: str, **options: float) -> Patch:
    return {"training.schedule": {"kind": kind, **options}}


def _diagnostics(*names: str, every: int) -> Patch:
    return {"recording.diagnostics": [{"name": name, "every": every} for name in names]}


NETWORKS: dict[str, Patch] = {
    "mlp": {},
    "mlp of tanh": {"architecture": TANH_MLP, "training.seed": 1},
    "mlp without nonlinearities": {"architecture": {"preset": "mlp", "hidden": []}},
    "convnet": {"architecture": CONVNET, "data.binarize": False, "data.normalize": "standardize"},
    "convnet on two threads": {"architecture": CONVNET, "batch_norm": True, "resources.threads": 2},
    "resnet": {"architecture": {**RESNET, "activation": "gelu"}, "training.steps": 20, "training.seed": 2},
    "resnet with BN": {"architecture": RESNET, "batch_norm": True, "training.steps": 30, "recording.units": 3},
    "inception": {"architecture": {**INCEPTION, "dropout": 0.3, "local_response_norm": True}, "training.steps": 20},
    "inception with BN": {"architecture": INCEPTION, "batch_norm": {"population": "algorithm2"}, "training.steps": 20},
    "layers": {"architecture": {"layers": LAYERS}, "batch_norm": True},
    "layers in layers": {"architecture": {"layers": NESTED}, "batch_norm": True, "training.seed": 3},
}
NORMALIZATIONS: dict[str, Patch] = {
    "BN in whole Blocks": {
        "batch_norm": True,
        "training.steps": 200,
        "evaluation.every": 500,
        "recording.probe_every": 500,
    },
    "BN of Keras": {"batch_norm": "keras", "training.seed": 2**53 - 1},
    "BN behind the activation": {"batch_norm": {"placement": "after_activation", "population": "pooled"}},
    "BN frozen": {"batch_norm": {"frozen": True}, **_optimizer("momentum")},
    "BN without affine map": {
        "batch_norm": {"affine": False, "running_variance": "biased", "epsilon": 0.01, "running_decay": 0.0}
    },
    "BN inferred by algorithm 2": {"batch_norm": {"population": "algorithm2"}, "evaluation.probabilities": True},
    "BN inferred by pooled moments": {"batch_norm": {"population": "pooled"}, "data.augment": {"shift": 3}},
}
DATA: dict[str, Patch] = {
    "mnist": {"data.dataset": "mnist", "data.train_samples": None, "batch_norm": True},
    "fashion_mnist mirrored": {
        "architecture": CONVNET,
        "data.dataset": "fashion_mnist",
        "data.binarize": False,
        "data.normalize": "unit",
        "data.augment": {"shift": 0, "flip": True},
    },
    "batches of one": {"data.batch_size": 1, "recording.activations_every": 7, "recording.histograms_every": 10},
    "epochs of one batch": {"data.batch_size": 1000, "training.steps": None, "training.epochs": 20},
}
RULES: dict[str, Patch] = {
    "momentum in steps": _optimizer("momentum", momentum=0.5) | _schedule("step", every=30, factor=0.3),
    "nesterov exponential": _optimizer("nesterov") | _schedule("exponential", every=40, factor=0.5, warmup_steps=5),
    "adam by cosine": _optimizer("adam", beta1=0.8, beta2=0.99, epsilon=1e-6) | _schedule("cosine"),
    "adamw sparing BN": {"batch_norm": True, "training.weight_decay": 0.1, **_optimizer("adamw")},
    "decay of BN": {
        "batch_norm": True,
        "training.weight_decay": {"rate": 0.01, "batch_norm": True},
        **_schedule("cosine", final=0.1, warmup_steps=20),
    },
    "clipped and smoothed": {
        "training.clip_gradient_norm": 0.5,
        "training.label_smoothing": 0.1,
        **_schedule("constant", warmup_steps=10),
    },
    "divergence fails": {"architecture": RELU_MLP, **_optimizer("sgd", learning_rate=1e9)},
    "divergence continues": {
        "architecture": RELU_MLP,
        "training.on_non_finite": "continue",
        **_optimizer("sgd", learning_rate=1e9),
    },
}
DIAGNOSTICS: dict[str, Patch] = {
    "covariate_shift": {"architecture": CONVNET},
    "landscape": {"training.label_smoothing": 0.2},
    "gradient_filter": {"architecture": RESNET, "batch_norm": True, "training.steps": 20},
    "jacobian": {"batch_norm": True, "recording.sample": 8192},
    "rank": {"architecture": CONVNET, "recording.units": 1024, "recording.probe_size": 77},
    "depth_gradient": {"architecture": {"preset": "mlp", "hidden": [10] * 8}, "recording.units": 0},
    "drift": {"batch_norm": {"running_decay": 0.5}, "data.augment": {"shift": 1, "flip": True}},
    "effective_learning_rate": {"batch_norm": True, "training.weight_decay": 0.001, "recording.sample": 2000},
}
PATCHES: dict[str, Patch] = {
    **NETWORKS,
    **NORMALIZATIONS,
    **DATA,
    **RULES,
    **{name: patch | _diagnostics(name, every=50) for name, patch in DIAGNOSTICS.items()},
    "all diagnostics": {"batch_norm": True, **_diagnostics(*DIAGNOSTICS, every=30)},
    "all diagnostics of layers": {
        "architecture": {"layers": NESTED},
        "batch_norm": True,
        **_diagnostics(*DIAGNOSTICS, every=50),
    },
}


def _document(patch: Patch) -> dict[str, Any]:
    """SMALL, but for what the patch says, as it is posted."""
    document: dict[str, Any] = {}
    for path, value in (SMALL | patch).items():
        *parents, name = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return document


DOCUMENTS = {name: _document(patch) for name, patch in PATCHES.items()}
"""Of jobs, by what each of them is there for."""

EXPERIMENT = {
    "base": _document({"evaluation.probabilities": True}),
    "variants": {"without": {}, "with": {"batch_norm": True}},
    "seeds": 2,
    "targets": [0.2, 0.9],
}
"""Of four jobs whose probabilities are averaged: nothing else shows them."""
