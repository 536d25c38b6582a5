"""Whether a network, its data and what is measured fit together: what is wrong with them."""

from collections.abc import Callable, Iterator
from math import prod

from bn.architecture.measures import has_batch_norm, num_weighted
from bn.architecture.plan import Plan
from bn.architecture.tensors import weighted_like
from jobs.datasets.catalogue import Dataset
from jobs.datasets.shares import num_held_out
from jobs.errors import FieldError
from jobs.sentences import listed, suggestion
from jobs.settings import Settings
from jobs.spec.document import JobSpec
from jobs.spec.evaluations import num_evaluations
from jobs.spec.pointers import pointer
from jobs.spec.resolved import EVALUATION_BATCH, FLOPS, num_not_held_out, num_training
from jobs.spec.training import Patience

PIXELS = 2**14  # of an image, whose means and sds a job keeps
WHITENED = 2**10  # values of an input, whose matrix a job keeps: 4 MiB of it
NAMED = 10  # layers in a message
MEASURE_MINUTES = 30  # of a core that one measure may take, by the estimate of `jobs.spec.resolved`


def misfits(spec: JobSpec, dataset: Dataset, network: Plan, settings: Settings) -> Iterator[FieldError]:
    """What keeps the document from being run, or from being run within the settings' caps, by field."""
    last = network.layers[-1]
    if network.output != (dataset.classes,):
        needs = f"[{dataset.classes}]: one value for each class of '{dataset.name}'"
        yield FieldError("/architecture", f"the last layer, '{last.name}', gives {list(network.output)}; needs {needs}")
    if network.parameters > settings.max_parameters:
        message = f"{network.parameters} parameters are over the cap of {settings.max_parameters}"
        yield FieldError("/architecture", message)
    yield from _another(spec, dataset)
    if not dataset.has_images:
        yield from _not_of_features(spec, dataset)
    elif spec.data.normalize == "per_pixel" and prod(dataset.shape) > PIXELS:
        message = f"an image of '{dataset.name}' has {prod(dataset.shape)} values, over the cap of {PIXELS}"
        yield FieldError("/data/normalize", f"{message}; say 'standardize'")
    yield from _not_to_be_whitened(spec, dataset)
    yield from _badly_held_out(spec, dataset)
    examples, most = num_training(spec.data, dataset), num_not_held_out(spec.data.held_out_share, dataset)
    if examples > most:
        left = " that are not held out" if spec.data.validation else ""
        yield FieldError("/data/train_samples", f"'{dataset.name}' has {most} training examples{left}, not {examples}")
    if spec.data.batch_size > examples:
        yield FieldError("/data/batch_size", f"{spec.data.batch_size} is more than the {examples} training examples")
    if (spec.recording.probe_size or 0) > dataset.test:
        yield FieldError("/recording/probe_size", f"'{dataset.name}' has only {dataset.test} test examples")
    widest = max(network.layers, key=lambda placed: prod(placed.output))
    evaluated = ("/architecture", "an evaluation", min(EVALUATION_BATCH, dataset.test))
    for at, what, number in (("/data/batch_size", "a batch", spec.data.batch_size), evaluated, *_probe(spec)):
        values = prod(widest.output) * number
        if values > settings.max_batch_values:
            message = f"layer '{widest.name}' would give {values} values for the {number} examples of {what}"
            yield FieldError(at, f"{message}, over the cap of {settings.max_batch_values}")
    yield from _without_layer(spec, network)
    yield from _starved(spec, dataset, network)
    yield from _unmeasurable(spec, network)


def never(spec: JobSpec) -> Iterator[FieldError]:
    """What a resolved document asks for and can never have: a decision by what is not measured, or not in time."""
    stop, metric = spec.training.stop, spec.chosen_by
    if metric.startswith("validation") and spec.data.validation is None:
        message = f'there is no \'{metric}\' without a validation part: say "data": {{"validation": 0.1}}'
        yield FieldError("/training/stop/metric", message)
    if isinstance(stop, Patience):
        number = num_evaluations(spec.evaluation, spec.steps)
        if stop.patience >= number:
            message = f"the network is evaluated {number} times in {spec.steps} steps, step 0 included"
            yield FieldError("/training/stop/patience", f"{message}: a patience of {stop.patience} is never at its end")
    chosen = [pointer for pointer, asked in _CHOICES if asked(spec)]
    if chosen and spec.normalization is not None and spec.normalization.population != "running":
        message = "is measured when the training has ended; what is evaluated before, and chosen by it, is by 'running'"
        yield FieldError(chosen[0], f"batch_norm.population '{spec.normalization.population}' {message}")


_CHOICES: tuple[tuple[str, Callable[[JobSpec], bool]], ...] = (
    ("/training/stop", lambda spec: spec.training.stop is not None),
    ("/evaluation/keep", lambda spec: spec.evaluation.keep == "best"),
)
"""Where a document asks that something be chosen by evaluations."""


def _badly_held_out(spec: JobSpec, dataset: Dataset) -> Iterator[FieldError]:
    """A validation part that has nothing of a class, or leaves nothing of it to train on."""
    share = spec.data.held_out_share
    if share is None:
        return
    for label, (held_out, number) in enumerate(zip(num_held_out(dataset.counts, share), dataset.counts, strict=True)):
        if held_out in (0, number):
            message = f"{held_out} of the {number} training examples of class {label} would be held out"
            yield FieldError("/data/validation", f"{message}; take another share")
            return


def _another(spec: JobSpec, dataset: Dataset) -> Iterator[FieldError]:
    """A dataset that bears the name and is not what the document names by its checksum."""
    if spec.data.sha256 not in (None, dataset.sha256):
        message = f"the dataset '{dataset.name}' that is here has SHA-256 {dataset.sha256}; null takes what is here"
        yield FieldError("/data/sha256", message)


def _not_of_features(spec: JobSpec, dataset: Dataset) -> Iterator[FieldError]:
    """What is done to pixels alone."""
    features = f"'{dataset.name}' has no pixels: an example is {dataset.shape[0]} features"
    if spec.data.binarize:
        yield FieldError("/data/binarize", f"{features}; say false, or null")
    if spec.data.normalize == "unit":
        yield FieldError("/data/normalize", f"{features}, which have no full scale; say 'standardize' or 'none'")
    if spec.data.normalize == "per_pixel":
        yield FieldError("/data/normalize", f"{features}, each of which 'standardize' takes apart")
    if spec.data.augment is not None:
        yield FieldError("/data/augment", f"{features}, which cannot be moved; say null")


def _not_to_be_whitened(spec: JobSpec, dataset: Dataset) -> Iterator[FieldError]:
    """Inputs that are too large for a matrix, and images that are moved after it was found."""
    if spec.data.normalize != "whiten":
        return
    if prod(dataset.shape) > WHITENED:
        message = f"an input of '{dataset.name}' has {prod(dataset.shape)} values, over the cap of {WHITENED}"
        yield FieldError("/data/normalize", f"{message} for a matrix that whitens; say 'standardize'")
    if spec.data.augment is not None:
        message = "images are whitened once, before the training, and only stored pixels can be moved"
        yield FieldError("/data/augment", f"{message}; say null, or another 'normalize'")


def _without_layer(spec: JobSpec, network: Plan) -> Iterator[FieldError]:
    """Factors of the rate whose pattern matches no layer, or one that another pattern has given a factor."""
    by: dict[str, str] = {}
    for pattern in spec.training.rate_factors:
        at, found = pointer(("training", "rate_factors", pattern)), weighted_like(pattern, network)
        if not found:
            names = weighted_like("*", network)
            told = f"no layer with weights is called '{pattern}'{suggestion(pattern, names)}"
            yield FieldError(at, f"{told}; there is: {listed(names, NAMED)}")
        elif twice := next((name for name in found if name in by), None):
            yield FieldError(at, f"'{twice}' has a factor by '{by[twice]}' already: give a layer one")
        by |= dict.fromkeys(found, pattern)


def _starved(spec: JobSpec, dataset: Dataset, network: Plan) -> Iterator[FieldError]:
    """BN that would see a single value a channel: its output would be beta whatever comes in."""
    size = spec.data.batch_size
    last = num_training(spec.data, dataset) % size or size
    batches = (("/data/batch_size", "the batch", size), ("/data/batch_size", "the last batch of an epoch", last))
    for at, which, number in (*batches, *_probe(spec)):
        for placed in network.layers:
            options = placed.normalization
            if options is not None and not options.frozen and number * prod(placed.output[1:]) == 1:
                message = f"{which} has 1 example: batch normalization at '{placed.name}' would see one value a channel"
                yield FieldError(at, f"{message}; take another size")
                return


def _unmeasurable(spec: JobSpec, network: Plan) -> Iterator[FieldError]:
    """Statistics that there are none of, and the diagnostic whose cost grows with the square of the depth."""
    options = spec.normalization
    if options is not None and options.population != "running" and not has_batch_norm(network):
        message = f"'{options.population}' has nothing to measure: no batch normalization of this network moves"
        yield FieldError("/batch_norm/population", f"{message}; say 'running'")
    passes = num_weighted(network) + 2  # that covariate_shift takes of its batch: one for each layer
    minutes = passes * 6 * network.multiply_adds * spec.data.batch_size / FLOPS / 60
    for i, asked in enumerate(spec.recording.diagnostics):
        if asked.name == "covariate_shift" and minutes > MEASURE_MINUTES:
            message = f"{passes} passes of {spec.data.batch_size} examples would take a core {minutes:.0f} minutes"
            cap = f"or so each time, over the cap of {MEASURE_MINUTES}; take a smaller batch or network"
            yield FieldError(f"/recording/diagnostics/{i}", f"{message} {cap}")


def _probe(spec: JobSpec) -> tuple[tuple[str, str, int], ...]:
    """The probe as one more batch, where there is one."""
    size, units = spec.recording.probe_size, spec.recording.units
    return (("/recording/probe_size", "the probe", size),) if size and units else ()
