"""The layers of which a network description consists, and the options of batch normalization."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveInt, model_validator

Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "gelu", "none"]
Count = Annotated[PositiveInt, Field(le=1_000_000)]
Size = Annotated[PositiveInt, Field(le=1024)]  # of a kernel or a stride, in pixels


class Document(BaseModel):
    """A part of a job document: values do not change, unknown fields are errors, and "1" is not a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class NormalInit(Document):
    """Weights from N(0, std)."""

    scheme: Literal["normal"] = "normal"
    std: Annotated[FiniteFloat, Field(ge=0)] = 0.1


class ScaledInit(Document):
    """Weights from a normal distribution whose variance is gain^2 times 2/(fan_in + fan_out) or 1/fan_in."""

    scheme: Literal["xavier_normal", "kaiming_normal"]
    gain: Annotated[FiniteFloat, Field(gt=0)] = 1.0


Init = Annotated[NormalInit | ScaledInit, Field(discriminator="scheme")]

HE = ScaledInit(scheme="kaiming_normal", gain=2**0.5)
"""He et al. 2015, for relu."""


class Normalization(Document):
    """The options that batch normalization has wherever it stands."""

    epsilon: Annotated[FiniteFloat, Field(gt=0)] = 1e-5
    running_decay: Annotated[FiniteFloat, Field(ge=0, lt=1)] = 0.9
    """The weight that the old value keeps in a running average."""
    affine: bool = True
    running_variance: Literal["unbiased", "biased"] = "unbiased"

    @model_validator(mode="before")
    @classmethod
    def _refuse_momentum(cls, value: Any) -> Any:
        if isinstance(value, dict) and "momentum" in value:
            raise ValueError(
                "'momentum' is not a field: 0.1 in PyTorch and 0.99 in Keras mean nearly the same; "
                "say 'running_decay', the weight that the old value keeps: 0.9 and 0.99"
            )
        return value


class BatchNorm(Normalization):
    """Batch normalization at every nonlinearity of a network."""

    placement: Literal["before_activation", "after_activation"] = "before_activation"


KERAS = BatchNorm(epsilon=1e-3, running_decay=0.99, running_variance="biased")
"""The defaults of Keras 3's BatchNormalization."""


class Linear(Document):
    """Dense layer: [in] -> [features], then the activation."""

    kind: Literal["linear"] = "linear"
    features: Count
    activation: Activation = "none"
    bias: bool = True
    init: Init = NormalInit()


class Conv2d(Document):
    """Two-dimensional convolution: [C, H, W] -> [channels, H', W'], then the activation."""

    kind: Literal["conv2d"] = "conv2d"
    channels: Count
    kernel: Size = 3
    stride: Size = 1
    padding: Annotated[int, Field(ge=0, le=1024)] = 0
    activation: Activation = "none"
    bias: bool = True
    init: Init = HE


class BatchNormLayer(Normalization):
    """Batch normalization as a layer of its own, wherever it is put: on the input too."""

    kind: Literal["batch_norm"] = "batch_norm"


class Pool(Document):
    """The largest value, or the mean, of each window: [C, H, W] -> [C, H', W']."""

    kind: Literal["max_pool", "average_pool"]
    kernel: Size = 2
    stride: Size | None = None
    """Null: as large as the kernel."""


class GlobalAveragePool(Document):
    """The mean of each channel: [C, H, W] -> [C]."""

    kind: Literal["global_average_pool"] = "global_average_pool"


class Flatten(Document):
    """[C, H, W] -> [C * H * W]."""

    kind: Literal["flatten"] = "flatten"


Layer = Annotated[
    Linear | Conv2d | BatchNormLayer | Pool | GlobalAveragePool | Flatten,
    Field(discriminator="kind"),
]
Weighted = Linear | Conv2d
