import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bn.architecture.layers import BatchNorm, Layer
from bn.architecture.plan import Plan, ShapeError, plan, sample_size, sample_stride
from bn.architecture.presets import PRESETS, Layers
from bn.network import build

LAYERS: TypeAdapter[Layer] = TypeAdapter(Layer)
IMAGE = (1, 28, 28)


def listed(*layers: dict[str, object]) -> Layers:
    return Layers(layers=tuple(LAYERS.validate_python(layer) for layer in layers))


def check_against_built(planned: Plan) -> None:
    """Every output shape and the parameter count are those of the modules."""
    network = build(planned, seed=0)
    x = torch.zeros(2, *planned.input)
    for placed, layer in zip(planned.layers, network.layers, strict=True):
        x = layer(x)
        assert tuple(x.shape[1:]) == placed.output
        assert sum(p.numel() for p in layer.parameters()) == placed.parameters
    assert sum(p.numel() for p in network.parameters()) == planned.parameters


@pytest.mark.parametrize(
    "batch_norm", [None, BatchNorm(), BatchNorm(affine=False), BatchNorm(placement="after_activation")]
)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_presets_plan_is_what_is_built(preset: str, batch_norm: BatchNorm | None) -> None:
    check_against_built(plan(PRESETS[preset](), batch_norm, IMAGE, 10))


image_layers = st.lists(
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
            }
        ),
        st.fixed_dictionaries({"kind": st.sampled_from(["max_pool", "average_pool"]), "kernel": st.integers(1, 3)}),
        st.just({"kind": "batch_norm"}),
    ),
    max_size=4,
)


@given(front=image_layers, batch_norm=st.booleans(), end=st.sampled_from(["flatten", "global_average_pool"]))
@settings(max_examples=60)
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
    assert plan(described, None, IMAGE, 10).dropped_biases == ("linear1",)
    after = plan(PRESETS["mlp"](), BatchNorm(placement="after_activation"), IMAGE, 10)
    assert after.dropped_biases == ()


@given(shape=st.lists(st.integers(1, 300), min_size=2, max_size=4), limit=st.sampled_from([1024, 8192]))
def test_a_sample_stays_within_its_limit_and_visits_every_column(shape: list[int], limit: int) -> None:
    size = sample_size(tuple(shape), limit)
    assert 1 <= size <= limit
    stride = sample_stride(tuple(shape), limit)
    if size >= shape[-1]:
        assert {i * stride % shape[-1] for i in range(size)} == set(range(shape[-1]))


def test_the_description_of_a_network_needs_no_torch() -> None:
    code = "import bn.architecture.plan, jobs.submission, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
