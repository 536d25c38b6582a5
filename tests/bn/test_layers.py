"""BatchNorm1d and BatchNorm2d beside torch's own, over a grid."""

from itertools import product

import pytest
import torch
from torch import nn

from bn.layers import BatchNorm1d, BatchNorm2d

INPUTS = {
    "2-d": (BatchNorm1d, nn.BatchNorm1d, (12, 5), torch.contiguous_format),
    "3-d": (BatchNorm1d, nn.BatchNorm1d, (6, 5, 7), torch.contiguous_format),
    "4-d": (BatchNorm2d, nn.BatchNorm2d, (4, 5, 3, 6), torch.contiguous_format),
    "4-d channels last": (BatchNorm2d, nn.BatchNorm2d, (4, 5, 3, 6), torch.channels_last),
}
TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-10}
GRID = list(product(INPUTS, TOLERANCE, (True, False), (True, False), (True, False)))


@pytest.mark.parametrize(("name", "dtype", "affine", "tracked", "training"), GRID)
def test_outputs_gradients_and_buffers_equal_those_of_torch(
    name: str, dtype: torch.dtype, affine: bool, tracked: bool, training: bool
) -> None:
    ours_class, torch_class, shape, memory_format = INPUTS[name]
    ours = ours_class(5, affine=affine, track_running_stats=tracked, dtype=dtype).train(training)
    theirs = torch_class(5, affine=affine, track_running_stats=tracked, dtype=dtype).train(training)
    generator = torch.Generator().manual_seed(0)
    state = {
        key: torch.rand(value.shape, generator=generator, dtype=dtype) + 0.5 if value.is_floating_point() else value
        for key, value in theirs.state_dict().items()
    }
    ours.load_state_dict(state)
    theirs.load_state_dict(state)

    results = []
    for layer in (ours, theirs):
        generator.manual_seed(1)
        for _ in range(3):
            x = torch.randn(shape, generator=generator, dtype=dtype).to(memory_format=memory_format).requires_grad_()
            gradient = torch.randn(shape, generator=generator, dtype=dtype)
            y = layer(x)
            y.backward(gradient)
        assert y.is_contiguous(memory_format=memory_format)
        results.append([y, x.grad, *(p.grad for p in layer.parameters()), *layer.buffers()])

    for mine, its in zip(*results, strict=True):
        torch.testing.assert_close(mine, its, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize(("ours", "theirs"), [(BatchNorm1d(4), nn.BatchNorm1d(4)), (BatchNorm2d(4), nn.BatchNorm2d(4))])
def test_state_dicts_load_from_torch_and_back(ours: nn.Module, theirs: nn.Module) -> None:
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_the_biased_running_variance_is_the_moving_average_of_the_batch_variance() -> None:
    layer = BatchNorm1d(3, running_decay=0.99, running_variance="biased")
    x = torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
    layer(x)
    assert layer.running_var is not None
    torch.testing.assert_close(layer.running_var, 0.99 * torch.ones(3) + 0.01 * x.var(0, correction=0))


def test_an_empty_batch_changes_nothing_where_torch_counts_it() -> None:
    ours, theirs = BatchNorm2d(3), nn.BatchNorm2d(3)
    empty = torch.empty(0, 3, 4, 4)
    before = [buffer.clone() for buffer in ours.buffers()]
    assert ours(empty).shape == empty.shape
    theirs(empty)
    for buffer, old in zip(ours.buffers(), before, strict=True):
        assert torch.equal(buffer, old)
    assert theirs.num_batches_tracked == 1


def test_one_nan_poisons_torchs_running_statistics_for_ever_and_ours_never() -> None:
    ours, theirs = BatchNorm1d(2), nn.BatchNorm1d(2)
    x = torch.ones(4, 2)
    x[0, 0] = float("nan")
    for layer in (ours, theirs):
        layer(x)
        layer(torch.ones(4, 2))
    assert all(torch.isfinite(buffer).all() for buffer in ours.buffers())
    assert ours.running_mean is not None
    torch.testing.assert_close(ours.running_mean, torch.tensor([0.1, 0.19]))  # the first batch did not count there
    assert theirs.running_mean is not None
    assert theirs.running_mean.isnan().tolist() == [True, False]


def test_parameters_without_gradients_freeze_no_statistics_in_torch_and_here_frozen_does() -> None:
    theirs, ours = nn.BatchNorm1d(2).requires_grad_(False), BatchNorm1d(2, frozen=True).requires_grad_(False)
    for layer in (theirs, ours):
        layer(torch.ones(4, 2))
    assert theirs.num_batches_tracked == 1
    assert ours.num_batches_tracked == 0


def test_torchs_own_tools_take_the_layers_for_its_own() -> None:
    layer = nn.Sequential(BatchNorm1d(3))
    batches = [torch.randn(8, 3, generator=torch.Generator().manual_seed(i)) for i in range(4)]
    torch.optim.swa_utils.update_bn(batches, layer)
    first = layer[0]
    assert isinstance(first, BatchNorm1d)
    assert first.running_mean is not None
    torch.testing.assert_close(first.running_mean, torch.stack([x.mean(0) for x in batches]).mean(0))
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(layer)  # type: ignore[no-untyped-call]  # declared so in torch
    assert isinstance(converted[0], nn.SyncBatchNorm)


@pytest.mark.parametrize(("layer", "shape"), [(BatchNorm1d(3), (2, 3, 4, 4)), (BatchNorm2d(3), (2, 3))])
def test_an_input_of_other_dimensions_is_refused_by_name(layer: nn.Module, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"{type(layer).__name__} takes"):
        layer(torch.zeros(shape))
