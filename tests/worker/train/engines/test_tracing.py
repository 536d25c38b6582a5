"""A step as a graph: its digest, and the forms that stand for operations in it."""

import pytest
import torch

from bn.transform import shifted_by_pilot
from tests.support.small_runs import small_run
from tests.support.steps import each_batch
from worker.train.arguments import batch_of
from worker.train.engines.flat import flat, flat_step
from worker.train.engines.tracing import DECOMPOSED, digest_of, traced
from worker.train.optimizers import dials_of
from worker.train.state import Run, initial_state

MLP = {"preset": "mlp", "hidden": [10]}


def digest(run: Run) -> str:
    learned = initial_state(run).learned
    ((pixels, labels),) = each_batch(run, 1, 1)
    batch = batch_of(run, 1, pixels, labels)
    tensors = flat(learned, dials_of(0.1, 1, run.device), batch)
    return digest_of(traced(flat_step(run, learned, batch, shifted_by_pilot), tensors))


def test_the_digest_of_a_graph_is_of_what_it_computes() -> None:
    first = digest(small_run(architecture=MLP))
    assert digest(small_run(architecture=MLP, training={"steps": 5, "seed": 9})) == first
    assert digest(small_run(architecture=MLP, batch_norm={"epsilon": 1e-3})) != first
    assert digest(small_run(architecture={"preset": "mlp", "hidden": [11]})) != first
    smaller = {"dataset": "synthetic", "batch_size": 99, "train_samples": 1050}
    assert digest(small_run(architecture=MLP, data=smaller)) != first


@pytest.mark.parametrize("dtype", [None, torch.float64])
def test_norms_are_torchs(dtype: torch.dtype | None) -> None:
    generator = torch.Generator().manual_seed(0)
    tensors = [torch.randn(shape, generator=generator) for shape in ((100, 784), (7,), (8, 3, 5, 5), ())]
    tensors[2] = tensors[2].contiguous(memory_format=torch.channels_last)
    found = DECOMPOSED[torch.ops.aten._foreach_norm.Scalar](tensors, 2, dtype)
    torch.testing.assert_close(found, list(torch._foreach_norm(tensors, 2, dtype)), rtol=1e-6, atol=0)


def test_a_large_product_is_onednns_and_a_small_one_torchs_own() -> None:
    product = DECOMPOSED[torch.ops.aten.mm.default]
    a, b = torch.randn(60, 784), torch.randn(100, 784)
    torch.testing.assert_close(product(a, b.t()), a @ b.t(), rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(product(a.t(), torch.randn(60, 100).fill_(1)), a.t() @ torch.ones(60, 100))
    assert product(torch.randn(60, 100), torch.randn(100, 100)) is NotImplemented
    with_bias, bias = DECOMPOSED[torch.ops.aten.addmm.default], torch.randn(100)
    torch.testing.assert_close(with_bias(bias, a, b.t()), a @ b.t() + bias, rtol=1e-5, atol=1e-4)
    assert with_bias(bias, torch.randn(60, 100), torch.randn(100, 100)) is NotImplemented
    assert with_bias(bias, a, b.t(), alpha=2) is NotImplemented
