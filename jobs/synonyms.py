"""What the values of fields are called elsewhere, in other libraries and in papers; it knows no field."""

import re
from collections.abc import Iterable

_BETWEEN = re.compile(r"[\s_.-]+")


def plain(name: str) -> str:
    """A name without what people write differently: case, underscores, hyphens.

    >>> plain("batchNorm") == plain("batch_norm") == plain("Batch-Norm")
    True
    """
    return _BETWEEN.sub("", name).lower()


def called_here(name: str, known: Iterable[str]) -> str | None:
    """The known value that is written otherwise there, or that others call so.

    >>> called_here("Leaky-ReLU", ["relu", "leaky_relu"]), called_here("gpu", ["cpu", "cuda"]), called_here("x", ["y"])
    ('leaky_relu', 'cuda', None)
    """
    by_plain = {plain(each): each for each in known}
    same = (plain(name), *map(plain, VALUES.get(plain(name), ())))
    return next((by_plain[each] for each in same if each in by_plain), None)


VALUES: dict[str, tuple[str, ...]] = {
    # where it is computed
    "gpu": ("cuda",),
    "cuda:0": ("cuda",),
    "nvidia": ("cuda",),
    "tpu": (),
    "mps": (),
    # optimizers
    "gd": ("sgd",),
    "gradientdescent": ("sgd",),
    "stochasticgradientdescent": ("sgd",),
    "nag": ("nesterov",),
    "nesterovmomentum": ("nesterov",),
    "sgdnesterov": ("nesterov",),
    "sgdm": ("momentum",),
    "sgdmomentum": ("momentum",),
    "sgdwithmomentum": ("momentum",),
    "adamax": (),
    "nadam": (),
    "radam": (),
    # schedules
    "fixed": ("constant",),
    "none": ("constant",),
    "cosineannealing": ("cosine",),
    "cosineannealinglr": ("cosine",),
    "cosinedecay": ("cosine",),
    "exp": ("exponential",),
    "exponentialdecay": ("exponential",),
    "exponentiallr": ("exponential",),
    "multistep": ("step",),
    "multisteplr": ("step",),
    "stepdecay": ("step",),
    "steplr": ("step",),
    # initializations
    "gaussian": ("normal",),
    "he": ("kaiming_normal",),
    "henormal": ("kaiming_normal",),
    "kaiming": ("kaiming_normal",),
    "msra": ("kaiming_normal",),
    "glorot": ("xavier_normal",),
    "glorotnormal": ("xavier_normal",),
    "xavier": ("xavier_normal",),
    # activations
    "identity": ("none",),
    "linear": ("none",),
    "logistic": ("sigmoid",),
    "lrelu": ("leaky_relu",),
    "celu": (),
    "elu": (),
    "prelu": (),
    "relu6": (),
    "selu": (),
    "silu": (),
    # layers
    "affine": ("linear",),
    "dense": ("linear", "mlp"),
    "fc": ("linear", "mlp"),
    "fullyconnected": ("linear", "mlp"),
    "conv": ("conv2d",),
    "convolution": ("conv2d",),
    "convolutional": ("conv2d", "convnet"),
    "convolution2d": ("conv2d",),
    "bn": ("batch_norm",),
    "batchnormalization": ("batch_norm",),
    "batchnorm1d": ("batch_norm",),
    "batchnorm2d": ("batch_norm",),
    "groupnorm": (),
    "instancenorm": (),
    "layernorm": (),
    "maxpool2d": ("max_pool",),
    "maxpooling": ("max_pool",),
    "maxpooling2d": ("max_pool",),
    "avgpool": ("average_pool",),
    "avgpool2d": ("average_pool",),
    "averagepooling": ("average_pool",),
    "averagepooling2d": ("average_pool",),
    "meanpool": ("average_pool",),
    "adaptiveavgpool2d": ("global_average_pool",),
    "gap": ("global_average_pool",),
    "globalavgpool": ("global_average_pool",),
    "globalaveragepooling": ("global_average_pool",),
    "globalaveragepooling2d": ("global_average_pool",),
    "localresponsenormalization": ("local_response_norm",),
    "lrn": ("local_response_norm",),
    "concat": ("concatenate",),
    "skip": ("residual",),
    # presets
    "cnn": ("convnet",),
    "dnn": ("mlp",),
    "feedforward": ("mlp",),
    "multilayerperceptron": ("mlp",),
    "googlenet": ("bn_inception",),
    "inception": ("bn_inception",),
    # data
    "cifar": ("cifar10",),
    "cifar100": (),
    "fashion": ("fashion_mnist",),
    "fmnist": ("fashion_mnist",),
    "normalize": ("standardize",),
    "standard": ("standardize",),
    "zscore": ("standardize",),
    "zca": ("whiten",),
    "decorrelate": ("whiten",),
    "minmax": ("unit",),
    # batch normalization
    "after": ("after_activation",),
    "before": ("before_activation",),
    "moving": ("running",),
    "movingaverage": ("running",),
    # what follows a loss that is no number
    "ignore": ("continue",),
    "stop": ("fail",),
}
"""By a value as `plain` gives it those that may be meant, the likeliest first; none: it is known, and not here."""
