"""The layers of which a network description consists."""

from math import log
from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from bn.architecture.document import GREATEST, SMALLEST, Count, Document, Epsilon, Padding, Size
from bn.architecture.normalization import LayerBatchNorm, Normalization

Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "none"]
Positive = Annotated[FiniteFloat, Field(gt=0)]
Rate = Annotated[FiniteFloat, Field(ge=0, lt=1)]


class NormalInit(Document):
    """Weights from N(0, std)."""

    scheme: Literal["normal"] = "normal"
    std: Annotated[FiniteFloat, Field(ge=0)] = 0.1


class ScaledInit(Document):
    """Weights from a normal distribution whose variance is gain^2 times 2/(fan_in + fan_out) or 1/fan_in."""

    scheme: Literal["xavier_normal", "kaiming_normal"]
    gain: Positive = 1.0


Init = Annotated[NormalInit | ScaledInit, Field(discriminator="scheme")]

HE = ScaledInit(scheme="kaiming_normal", gain=2**0.5)
"""He et al. 2015, for relu."""


class Linear(Document):
    """Dense layer: [in] -> [features], then the activation."""

    kind: Literal["linear"] = "linear"
    features: Count
    activation: Activation = "none"
    bias: bool = True
    init: Init = NormalInit()
    batch_norm: LayerBatchNorm | None = None
    """Null: as the job says, where a nonlinearity follows; "inherit": as the job says, though none follows; false:
    none; true, "keras" or options: these, whatever the job says."""


class Conv2d(Document):
    """Two-dimensional convolution: [C, H, W] -> [channels, H', W'], then the activation."""

    kind: Literal["conv2d"] = "conv2d"
    channels: Count
    kernel: Size = 3
    stride: Size = 1
    padding: Padding = 0
    activation: Activation = "none"
    bias: bool = True
    init: Init = HE
    batch_norm: LayerBatchNorm | None = None
    """As of `linear`."""


class BatchNormLayer(Normalization):
    """Batch normalization as a layer of its own, wherever it is put: on the input too."""

    kind: Literal["batch_norm"] = "batch_norm"


class Pool(Document):
    """The largest value, or the mean, of each window: [C, H, W] -> [C, H', W']. What is padded does not count."""

    kind: Literal["max_pool", "average_pool"]
    kernel: Size = 2
    stride: Size | None = None
    """Null: as large as the kernel."""
    padding: Padding = 0
    """At most half of the kernel."""


class GlobalAveragePool(Document):
    """The mean of each channel: [C, H, W] -> [C]."""

    kind: Literal["global_average_pool"] = "global_average_pool"


class Flatten(Document):
    """[C, H, W] -> [C * H * W]."""

    kind: Literal["flatten"] = "flatten"


class Dropout(Document):
    """In training each value becomes 0 with this probability, else it is divided by 1 - rate."""

    kind: Literal["dropout"] = "dropout"
    rate: Rate = 0.5


class LocalResponseNorm(Document):
    """x / (k + alpha/size * (sum of x^2 over `size` neighbouring channels))^beta, with torch's defaults.

    Krizhevsky et al. 2012, section 3.3, do not divide alpha by the size, and have k = 2: their layer is alpha 5e-4 and
    k 2 here.
    """

    kind: Literal["local_response_norm"] = "local_response_norm"
    size: Size = 5
    alpha: Annotated[Positive, Field(le=GREATEST)] = 1e-4
    beta: Positive = 0.75
    k: Epsilon = 1.0

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if not log(SMALLEST) <= self.beta * log(self.k) <= log(GREATEST):
            raise ValueError(
                f"k^beta, which divides where all of x is 0, is not from {SMALLEST:.3g} to {GREATEST:g}, "
                "as it must be in float32; take a k or a beta nearer to 1"
            )
        return self


# The tuples below say strict=False: pydantic meets Python's lists in them, where strictness would want tuples.
class Residual(Document):
    """activation(layers(x) + shortcut(x)) (He et al. 2015): both give one shape. The sum itself is not normalized."""

    kind: Literal["residual"] = "residual"
    layers: Annotated[tuple["Layer", ...], Field(min_length=1, max_length=100, strict=False)]
    shortcut: Annotated[tuple["Layer", ...], Field(max_length=100, strict=False)] = ()
    """None: x itself."""
    activation: Activation = "none"


class Concatenate(Document):
    """What each branch makes of x, one behind the other along the channels (Szegedy et al. 2014)."""

    kind: Literal["concatenate"] = "concatenate"
    branches: Annotated[
        tuple[Annotated[tuple["Layer", ...], Field(max_length=100, strict=False)], ...],
        Field(min_length=2, max_length=100, strict=False),
    ]
    """A branch without layers gives x itself."""


Layer = Annotated[
    Linear
    | Conv2d
    | BatchNormLayer
    | Pool
    | GlobalAveragePool
    | Flatten
    | Dropout
    | LocalResponseNorm
    | Residual
    | Concatenate,
    Field(discriminator="kind"),
]
Weighted = Linear | Conv2d

Residual.model_rebuild()
Concatenate.model_rebuild()
