import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from bn import network as network_module
from bn.architecture.inception import BnInception
from bn.architecture.layers import Layer
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import Plan, ShapeError, plan
from bn.architecture.presets import PRESETS, Layers
from bn.architecture.resnet import Resnet
from bn.architecture.sampling import sample_size, sample_stride
from bn.network import build

LAYERS: TypeAdapter[Layer] = TypeAdapter(Layer)
IMAGE = (1, 28, 28)


def listed(*layers: dict[str, object]) -> Layers:
    return Layers(layers=tuple(LAYERS.validate_python(layer) for layer in layers))


def check_against_built(planned: Plan) -> None:
    """Every output shape, the parameter counts and the multiply-adds are those of the modules."""
    network = build(planned, seed=0)
    shapes: dict[str, tuple[int, ...]] = {}
    counter = FlopCounterMode(display=False)

    def look(layer: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        assert isinstance(layer, network_module.LayerModule)
        shapes[layer.name] = tuple(output.shape[1:])

    for layer in network.layers:
        layer.register_forward_hook(look)
    with counter, torch.no_grad():
        network(torch.zeros(2, *planned.input))
    assert shapes == {placed.name: placed.output for placed in planned.layers}
    for placed, layer in zip(planned.layers, network.layers, strict=True):
        held = sum(inner.parameters for branch in placed.branches for inner in Plan(planned.input, branch).layers)
        assert sum(p.numel() for p in layer.parameters()) == placed.parameters + held
    assert sum(p.numel() for p in network.parameters()) == planned.parameters
    assert counter.get_total_flops() == 2 * 2 * planned.multiply_adds  # of two examples, a multiply-add as two


@pytest.mark.parametrize(
    "batch_norm", [None, BatchNorm(), BatchNorm(affine=False), BatchNorm(placement="after_activation")]
)
@pytest.mark.parametrize("shape", [IMAGE, (3, 32, 32)])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_presets_plan_is_what_is_built(preset: str, shape: tuple[int, ...], batch_norm: BatchNorm | None) -> None:
    check_against_built(plan(PRESETS[preset](), batch_norm, shape, 10))


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        # Counted from He et al. 2015, table 6 and its text (0.27, 0.46, 0.66, 0.85 million), with 1x1 shortcuts.
        (Resnet(depth=20), 272_474),
        (Resnet(depth=32), 466_906),
        (Resnet(depth=44), 661_338),
        (Resnet(depth=56), 855_770),
    ],
)
def test_a_resnet_has_the_papers_size(options: Resnet, parameters: int) -> None:
    assert plan(options, BatchNorm(), (3, 32, 32), 10).parameters == parameters


@pytest.mark.parametrize(("wide", "of_4cd", "parameters"), [(True, 608, 11_285_224), (False, 576, 11_194_984)])
def test_bn_inception_has_the_papers_modules(wide: bool, of_4cd: int, parameters: int) -> None:
    planned = plan(BnInception(wide_4cd=wide), BatchNorm(), (3, 224, 224), 1000)
    outputs = {placed.name: placed.output for placed in planned.layers if placed.layer.kind == "concatenate"}
    assert outputs == {
        "inception3a": (256, 28, 28),
        "inception3b": (320, 28, 28),
        "inception3c": (576, 14, 14),
        "inception4a": (576, 14, 14),
        "inception4b": (576, 14, 14),
        "inception4c": (of_4cd, 14, 14),
        "inception4d": (of_4cd, 14, 14),
        "inception4e": (192 + 256 + of_4cd, 7, 7),
        "inception5a": (1024, 7, 7),
        "inception5b": (1024, 7, 7),
    }
    assert sum(1 for placed in planned.layers if placed.layer.kind == "conv2d") == 69
    assert planned.parameters == parameters
    narrow = plan(BnInception(width=0.25, dropout=0.4, local_response_norm=True), None, IMAGE, 10)
    assert narrow.taps[0].output == (16, 14, 14)
    check_against_built(narrow)


image_layers = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.just("conv2d"),
                "channels": st.integers(1, 4),
                "kernel": st.integers(1, 4),
                "stride": st.integers(1, 2),
                "padding": st.integers(0, 2),
                "activation": st.sampled_from(["relu", "sigmoid", "none"]),
                "bias": st.booleans(),
                "batch_norm": st.sampled_from([None, True, False, "inherit", "keras", {"affine": False}]),
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["max_pool", "average_pool"]),
                "kernel": st.integers(1, 3),
                "padding": st.integers(0, 1),
            }
        ),
        st.sampled_from([{"kind": "batch_norm"}, {"kind": "dropout"}, {"kind": "local_response_norm"}]),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.just("residual"),
                "layers": st.lists(inner, min_size=1, max_size=2),
                "shortcut": st.lists(inner, max_size=1),
                "activation": st.sampled_from(["relu", "none"]),
            }
        ),
        st.fixed_dictionaries(
            {"kind": st.just("concatenate"), "branches": st.lists(st.lists(inner, max_size=2), min_size=2, max_size=3)}
        ),
    ),
    max_leaves=6,
)


@given(
    front=st.lists(image_layers, max_size=4),
    batch_norm=st.booleans(),
    end=st.sampled_from(["flatten", "global_average_pool"]),
)
@settings(max_examples=150)
def test_a_random_lists_plan_is_what_is_built_or_names_the_layer_that_does_not_fit(
    front: list[dict[str, object]], batch_norm: bool, end: str
) -> None:
    description = listed(*front, {"kind": end}, {"kind": "linear", "features": 10})
    try:
        planned = plan(description, BatchNorm() if batch_norm else None, (2, 12, 12), 10)
    except ShapeError as error:
        misfit = error
    else:
        check_against_built(planned)
        return
    assert f"layer '{misfit.layer}' got" in str(misfit)
    at: Any = description.layers
    for part in misfit.place:
        at = at[part] if isinstance(part, int) else getattr(at, part)
    assert at.kind == misfit.layer.rsplit(".", 1)[-1].rstrip("0123456789")


def test_a_layers_name_is_its_prefix_in_the_state_dict() -> None:
    planned = plan(PRESETS["mlp"](), BatchNorm(), IMAGE, 10)
    prefixes = {key.split(".")[0] for key in build(planned, 0).state_dict()}
    assert prefixes == {"hidden1", "hidden2", "hidden3", "output"}


@pytest.mark.parametrize(
    ("layers", "layer", "says"),
    [
        ([{"kind": "linear", "features": 10}], "linear1", "got [1, 28, 28] and needs [features]"),
        ([{"kind": "flatten"}, {"kind": "conv2d", "channels": 4}], "conv2d1", "got [784] and needs [channels"),
        ([{"kind": "max_pool", "kernel": 14}, {"kind": "conv2d", "channels": 4}], "conv2d1", "at least 3x3 pixels"),
        ([{"kind": "max_pool", "padding": 2}], "max_pool1", "a padding of at most half its kernel of 2, not 2"),
        (
            [{"kind": "residual", "layers": [{"kind": "conv2d", "channels": 4, "padding": 1}]}],
            "residual1",
            "a shortcut of the shape of its layers: they give [4, 28, 28], it [1, 28, 28]",
        ),
        (
            [{"kind": "concatenate", "branches": [[], [{"kind": "max_pool"}]]}],
            "concatenate1",
            "branches of one height and width: they give [1, 28, 28], [1, 14, 14]",
        ),
        (
            [{"kind": "residual", "layers": [{"kind": "flatten"}, {"kind": "conv2d", "channels": 4}]}],
            "residual1.conv2d1",
            "got [784] and needs [channels",
        ),
    ],
)
def test_a_layer_that_does_not_fit_is_named_with_what_it_got_and_needs(
    layers: list[dict[str, object]], layer: str, says: str
) -> None:
    with pytest.raises(ShapeError) as error:
        plan(listed(*layers), None, IMAGE, 10)
    assert error.value.layer == layer
    assert says in str(error.value)


def test_a_bias_directly_in_front_of_batch_norm_is_dropped() -> None:
    described = listed({"kind": "flatten"}, {"kind": "linear", "features": 10}, {"kind": "batch_norm"})
    assert [placed.has_bias for placed in plan(described, None, IMAGE, 10).layers] == [False, False, False]
    for kept in (BatchNorm(placement="after_activation"), BatchNorm(frozen=True)):
        assert [placed.has_bias for placed in plan(PRESETS["mlp"](), kept, IMAGE, 10).layers] == [False, *[True] * 4]


def test_a_single_layer_may_have_batch_norm_of_its_own_or_none() -> None:
    def normalized(batch_norm: BatchNorm | None) -> dict[str, float]:
        options = [None, False, True, {"epsilon": 0.5}, "keras", "inherit"]
        dense: list[dict[str, object]] = [
            {"kind": "linear", "features": 9, "activation": activation, "batch_norm": choice}
            for activation in ("relu", "none")
            for choice in options
        ]
        planned = plan(listed({"kind": "flatten"}, *dense), batch_norm, IMAGE, 9)
        return {placed.name: placed.normalization.epsilon for placed in planned.layers if placed.normalization}

    own = {"linear3": 1e-5, "linear4": 0.5, "linear5": 1e-3, "linear9": 1e-5, "linear10": 0.5, "linear11": 1e-3}
    assert normalized(None) == own
    assert normalized(BatchNorm(epsilon=0.1)) == {**own, "linear1": 0.1, "linear6": 0.1, "linear12": 0.1}


@given(shape=st.lists(st.integers(1, 300), min_size=2, max_size=4), limit=st.sampled_from([1024, 8192]))
def test_a_sample_stays_within_its_limit_and_visits_every_column(shape: list[int], limit: int) -> None:
    size = sample_size(tuple(shape), limit)
    assert 1 <= size <= limit
    stride = sample_stride(tuple(shape), limit)
    if size >= shape[-1]:
        assert {i * stride % shape[-1] for i in range(size)} == set(range(shape[-1]))


def test_the_description_of_a_network_needs_no_torch() -> None:
    code = "import bn.architecture.plan, jobs.spec.check, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
