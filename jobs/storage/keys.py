"""The keys of stored objects: nobody else makes one or takes one apart.

A job's objects are below one prefix, those of each attempt below one of their own: what a killed process has left is
found by the number of its attempt. A key is a path of folders and a name, so that a folder of files can hold it.
"""

JOBS = "jobs"  # the prefix that each job has a prefix of its own below
DATASETS = "datasets"  # and each uploaded dataset
INHERITED = 0  # the attempt, before the first, that what a job has from another one is listed under


def of_job(job_id: str) -> str:
    """The prefix of everything that a job has stored.

    >>> of_job("0j1d3q9f7k2mc")
    'jobs/0j1d3q9f7k2mc'
    """
    return f"{JOBS}/{job_id}"


def of_attempt(job_id: str, attempt: int) -> str:
    """The prefix of what one attempt has stored."""
    return f"{of_job(job_id)}/{attempt}"


def of_chunk(job_id: str, attempt: int, table: str, first: int, last: int) -> str:
    """Of the rows of a table from step `first` to step `last`.

    >>> of_chunk("0j1d3q9f7k2mc", 1, "train", 1, 500)
    'jobs/0j1d3q9f7k2mc/1/train/1-500.arrow'
    """
    return f"{of_attempt(job_id, attempt)}/{table}/{first}-{last}.arrow"


def of_checkpoint(job_id: str, attempt: int, step: int) -> str:
    """Of a run as it is after a step.

    >>> of_checkpoint("0j1d3q9f7k2mc", 1, 500)
    'jobs/0j1d3q9f7k2mc/1/500.checkpoint'
    """
    return f"{of_attempt(job_id, attempt)}/{step}.checkpoint"


def of_weights(job_id: str, attempt: int) -> str:
    """Of the weights of a trained network.

    >>> of_weights("0j1d3q9f7k2mc", 1)
    'jobs/0j1d3q9f7k2mc/1/weights.safetensors'
    """
    return f"{of_attempt(job_id, attempt)}/weights.safetensors"


def of_best(job_id: str, attempt: int) -> str:
    """Of the weights at the best evaluation.

    >>> of_best("0j1d3q9f7k2mc", 1)
    'jobs/0j1d3q9f7k2mc/1/best.safetensors'
    """
    return f"{of_attempt(job_id, attempt)}/best.safetensors"


def of_probabilities(job_id: str, attempt: int) -> str:
    """Of what a trained network gives for its test set.

    >>> of_probabilities("0j1d3q9f7k2mc", 1)
    'jobs/0j1d3q9f7k2mc/1/probabilities.npy'
    """
    return f"{of_attempt(job_id, attempt)}/probabilities.npy"


def of_whitening(job_id: str, attempt: int) -> str:
    """Of the matrix by which a training's inputs are whitened.

    >>> of_whitening("0j1d3q9f7k2mc", 1)
    'jobs/0j1d3q9f7k2mc/1/whitening.npy'
    """
    return f"{of_attempt(job_id, attempt)}/whitening.npy"


def of_initial(job_id: str) -> str:
    """Of what a job starts from, which is there before its first attempt.

    >>> of_initial("0j1d3q9f7k2mc")
    'jobs/0j1d3q9f7k2mc/0/initial.safetensors'
    """
    return f"{of_attempt(job_id, INHERITED)}/initial.safetensors"


def of_kept(kept: str) -> str:
    """The prefix of all files of an uploaded dataset.

    It is kept under an id of its own: a name may be given twice in turn.
    """
    return f"{DATASETS}/{kept}"


def of_dataset(kept: str, file: str) -> str:
    """Of a file of an uploaded dataset.

    >>> of_dataset("0j1d3q9f7k2mc", "train_images.npy")
    'datasets/0j1d3q9f7k2mc/train_images.npy'
    """
    return f"{of_kept(kept)}/{file}"


def kept_in(key: str) -> str:
    """What the dataset is kept under that has an object of this key.

    >>> kept_in("datasets/0j1d3q9f7k2mc/train_images.npy")
    '0j1d3q9f7k2mc'
    """
    return key.split("/")[1]


def of_inherited(job_id: str, key: str) -> str:
    """Of what a retry has from its parent, where the object of the parent has this key.

    >>> of_inherited("0j1d3r0000000", "jobs/0j1d3q9f7k2mc/1/train/1-500.arrow")
    'jobs/0j1d3r0000000/0/train/1-500.arrow'
    """
    _jobs, _job_id, _attempt, name = key.split("/", 3)
    return f"{of_attempt(job_id, INHERITED)}/{name}"
