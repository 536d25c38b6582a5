"""Allocators that have no more memory: how that is told from other errors, and what is said of it."""

import torch


def is_out_of_memory(error: Exception) -> bool:
    """Whether an allocator of torch or Python gave up; the CPU's of torch says so in words alone."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator" in str(error)


def out_of_memory(error: Exception, step: int, batch_size: int) -> str:
    """What happened, at which step, and what would help."""
    peak = f", at its peak {torch.cuda.max_memory_allocated() / 2**20:.0f} MB" if torch.cuda.is_available() else ""
    return (
        f"an allocation failed after step {step}{peak}: {str(error).splitlines()[0]}; "
        f"a data.batch_size below {batch_size}, or a smaller network, needs less"
    )
