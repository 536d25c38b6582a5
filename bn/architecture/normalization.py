"""The options of batch normalization: of a layer of its own, at a nonlinearity, and the named table of Keras."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, FiniteFloat, Tag, model_validator

from bn.architecture.document import GREATEST, Document, Epsilon


class Noise(Document):
    """Noise behind batch normalization, in training alone: each channel times s, and plus m, drawn anew at each step.

    s is uniform from 1 to 1 + scale, m from -mean to mean. The defaults are those of Santurkar et al. 2018 (appendix A:
    n_mu 0.5, n_sigma 1.25). There each value scatters about s and m besides, by r_sigma and r_mu of 0.1; here all
    examples of a mini-batch have them in common.
    """

    mean: Annotated[FiniteFloat, Field(ge=0, le=GREATEST)] = 0.5
    scale: Annotated[FiniteFloat, Field(ge=0, le=GREATEST)] = 0.25


class Normalization(Document):
    """The options that batch normalization has wherever it stands."""

    epsilon: Epsilon = 1e-5
    running_decay: Annotated[FiniteFloat, Field(ge=0, lt=1)] = 0.9
    """The weight that the old value keeps in a running average."""
    affine: bool = True
    running_variance: Literal["unbiased", "biased"] = "unbiased"
    frozen: bool = False
    """Normalize by the running statistics as they start (mean 0, variance 1) and never move them: what is left of
    batch normalization is its affine map."""
    noise: Annotated[
        Noise | None,
        BeforeValidator(
            lambda value: {True: {}, False: None}[value] if type(value) is bool else value,
            json_schema_input_type=bool | Noise | None,
        ),
    ] = None
    """What its output is disturbed by in training; true: the defaults."""

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
    """Batch normalization at a nonlinearity."""

    placement: Literal["before_activation", "after_activation"] = "before_activation"


KERAS = BatchNorm(epsilon=1e-3, running_decay=0.99, running_variance="biased")
"""The defaults of Keras 3's BatchNormalization."""


def spell_out(value: Any) -> Any:
    """The options that `true` and "keras" stand for; anything else as it is. Raises ValueError for another name."""
    if value == "keras":
        return KERAS.model_dump()
    if isinstance(value, str):
        raise ValueError(f"'{value}' is not a named table; there is 'keras', or give true, false or the options")
    return {} if value is True else value


def _spell_out_of_layer(value: Any) -> Any:
    return value if value == "inherit" else spell_out(value)


def _tag(value: Any) -> str:
    return "fixed" if value is False or value == "inherit" else "own"


LayerBatchNorm = Annotated[
    Annotated[Literal[False, "inherit"], Tag("fixed")] | Annotated[BatchNorm, Tag("own")],
    Discriminator(_tag),
    BeforeValidator(_spell_out_of_layer, json_schema_input_type=bool | Literal["keras", "inherit"] | BatchNorm),
]
"""What a single layer says of it: none here; as the job says, though no nonlinearity follows; or options of its own."""
