"""Where torch's layers are wrong or silent, ours beside them: freezing, recomputing, transforming, compiling."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.utils.checkpoint import checkpoint

from bn.layers import BatchNorm1d, BatchNorm2d


def values(*shape: int) -> Tensor:
    return 2 + 3 * torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def buffers(layer: nn.Module) -> list[Tensor]:
    return [buffer.clone() for buffer in layer.buffers()]


def test_a_frozen_layer_stays_so_in_training_where_torchs_is_thawed_by_train() -> None:
    ours, theirs = BatchNorm1d(3, frozen=True), nn.BatchNorm1d(3).eval()
    x = values(8, 3)
    before = buffers(ours)
    for layer in (ours, theirs):
        layer.train()
        layer(x)
    torch.testing.assert_close(ours(x), x / (1 + 1e-5) ** 0.5)
    assert all(map(torch.equal, ours.buffers(), before))
    assert theirs.num_batches_tracked == 1
    ours.update_running(ours.normalize_batch(x), 8)
    assert all(map(torch.equal, ours.buffers(), before))
    ours.frozen = False
    ours(x)
    assert ours.num_batches_tracked == 1


def test_gradients_go_through_a_frozen_layer_as_through_a_fixed_map() -> None:
    layer = BatchNorm1d(3, frozen=True, epsilon=3.0)  # running variance 1: a scale of 1/2
    x = values(8, 3).requires_grad_()
    layer(x).sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, torch.full((8, 3), 0.5))


def test_a_frozen_layer_needs_statistics_to_be_frozen_at() -> None:
    with pytest.raises(ValueError, match="needs track_running_stats"):
        BatchNorm2d(3, frozen=True, track_running_stats=False)


@pytest.mark.parametrize("reentrant", [True, False])
def test_a_recomputed_forward_updates_once_where_torchs_updates_twice(reentrant: bool) -> None:
    def tracked(make: Callable[[int], nn.Module]) -> tuple[list[Tensor], Tensor]:
        block = nn.Sequential(make(4), nn.Linear(4, 4), nn.Sigmoid())
        x = values(8, 4).requires_grad_()
        output = checkpoint(block, x, use_reentrant=reentrant)
        output.sum().backward()
        assert x.grad is not None
        return buffers(block[0]), x.grad

    once, _ = tracked(BatchNorm1d)
    twice, _ = tracked(nn.BatchNorm1d)
    assert (int(once[2]), int(twice[2])) == (1, 2)
    plain = nn.BatchNorm1d(4)
    plain(values(8, 4))
    torch.testing.assert_close(once, buffers(plain))


def test_models_that_are_stacked_and_mapped_over_give_what_each_gives() -> None:
    models = [nn.Sequential(nn.Linear(5, 4), BatchNorm1d(4)) for _ in range(3)]
    parameters, stacked = stack_module_state(models)
    x = values(3, 10, 5)

    def call(parameters: dict[str, Tensor], buffers: dict[str, Tensor], x: Tensor) -> Tensor:
        output: Tensor = functional_call(models[0], (parameters, buffers), (x,))
        return output

    outputs = vmap(call)(parameters, stacked, x)
    for i, model in enumerate(models):
        torch.testing.assert_close(outputs[i], model(x[i]))
        torch.testing.assert_close(stacked["1.running_var"][i], model[1].running_var)


def test_a_functional_gradient_is_that_of_autograd() -> None:
    layer = BatchNorm2d(3)
    x = values(4, 3, 5, 5)

    def loss(parameters: dict[str, Tensor], buffers: dict[str, Tensor]) -> Tensor:
        output: Tensor = functional_call(layer, (parameters, buffers), (x,))
        return output.pow(3).sum()

    state = dict(layer.named_buffers())
    found = grad(loss)(dict(layer.named_parameters()), state)
    layer(x).pow(3).sum().backward()
    for name, parameter in layer.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # torch's own compiler warns of itself
@pytest.mark.filterwarnings("ignore:<class 'torch.autograd.function.Function'>:DeprecationWarning")  # the same
@pytest.mark.parametrize(("kind", "shape"), [(BatchNorm1d, (16, 4)), (BatchNorm2d, (8, 4, 5, 5))])
def test_a_compiled_layer_is_one_graph_and_gives_what_the_eager_one_gives(
    kind: type[nn.Module], shape: tuple[int, ...]
) -> None:
    eager, plain = kind(4), kind(4)
    compiled = torch.compile(plain, fullgraph=True)
    for _ in range(2):
        torch.testing.assert_close(compiled(values(*shape)), eager(values(*shape)), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(buffers(plain), buffers(eager), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(
        torch.compile(plain.eval(), fullgraph=True)(values(*shape)), eager.eval()(values(*shape))
    )
