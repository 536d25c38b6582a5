"""What evaluations have decided of a training, in words: why it was stopped, and which network is kept."""

from collections.abc import Iterator

from bnlab.sdk.client import Job


def decided(job: Job) -> Iterator[tuple[str, str]]:
    """What is said, each with its name; nothing of a job that went to its last step and keeps no other network.

    >>> kept = {"metric": "validation.loss", "step": 288, "value": 0.125}
    >>> list(decided({"stopped": None, "kept": kept}))
    [('kept', 'the best network is kept, that after step 288: validation.loss was 0.125')]
    """
    if stopped := job.get("stopped"):  # which a server of an earlier release does not say, as what is kept
        yield "stopped", stopped["message"]
    if kept := job.get("kept"):
        told = f"the best network is kept, that after step {kept['step']}"
        yield "kept", f"{told}: {kept['metric']} was {kept['value']:.4g}"
