"""Everything that jobs and their callers raise on purpose, as one tree; it knows no HTTP.

BnlabError
├── InvalidSpec            a job document that cannot be run as it stands
│   └── InvalidInputs      inputs that a network cannot be asked about
├── InvalidQuery           a request for a series that makes no sense
├── NotFound               a job, a dataset or a preset that does not exist
│   └── Gone               a job that was deleted
├── NotAllowed             a verb at the wrong time
├── NoWeightsYet           a job's network before its first checkpoint
├── NoBest                 a job's best network where that is not kept, or nothing was best yet
├── NoPreprocessing        a network of which nobody knows any more what its inputs must become
├── Stale                  a change of what somebody else has changed meanwhile
├── CodeSpent              a code with which nobody can sign in, or not any more
├── NonFiniteLoss          a training that diverged
├── EnvironmentChanged     a job that is to be reproducible, where its bits may be others
├── EngineUnavailable      the engine that a document asks for, where it cannot be had
├── AttemptLost            a write by an attempt that no longer holds its job
├── DatasetUnavailable     a dataset that is not here and cannot be had
├── DatasetRefused         a file that is no dataset as it stands
├── DamagedObject          stored bytes that are not those that were written
└── DataFolderUnusable     a data folder that cannot be written, or is in use
"""

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: its JSON pointer (RFC 6901) and what to do about it."""

    pointer: str
    message: str


class BnlabError(Exception):
    """The root: `code` is a stable name for programs, `retryable` whether the same call may succeed later."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def readable(text: str) -> str:
    """The text with its control characters, which a terminal would obey, as it would be written in Python.

    >>> readable("red\x1b[31m")
    'red\\\\x1b[31m'
    """
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


class InvalidSpec(BnlabError):
    """A job document that cannot be run as it stands; `errors` names each field."""

    code = "invalid_spec"

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        self.errors = errors
        told = "; ".join(f"{error.pointer}: {error.message}".removeprefix(": ") for error in errors)
        super().__init__(readable(told))


class InvalidInputs(InvalidSpec):
    """Inputs that a network cannot be asked about as they stand; `errors` names the first place at fault."""

    code = "invalid_inputs"

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__((FieldError(pointer, message),))


class InvalidQuery(BnlabError):
    """A request for a series that makes no sense; `parameter` is the query parameter at fault."""

    code = "invalid_query"

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(f"{parameter}: {message}")


class NotFound(BnlabError):
    """A job, a dataset or a preset that does not exist."""

    code = "not_found"


class Gone(NotFound):
    """A job that was deleted."""

    code = "gone"


class NotAllowed(BnlabError):
    """A verb at the wrong time; the message gives the status and the verbs that are allowed."""

    code = "not_allowed"


class NoWeightsYet(BnlabError):
    """A job's network is asked for before its first checkpoint; the message says what to wait for."""

    code = "no_weights_yet"


class NoBest(BnlabError):
    """A job's best network is asked for where that is not kept, or where no evaluation was the best yet."""

    code = "no_best"


class NoPreprocessing(BnlabError):
    """A network of an earlier release whose dataset was deleted: nobody knows what its inputs must become."""

    code = "no_preprocessing"


class Stale(BnlabError):
    """A change of something that is not any more as whoever asks for it has seen it."""

    code = "stale"


class CodeSpent(BnlabError):
    """A code with which nobody can sign in: it was used, its time is over, or it never was one."""

    code = "code_spent"


class NonFiniteLoss(BnlabError):
    """A loss that is no longer a number: the step, the layer where it began, and what would help."""

    code = "non_finite_loss"


class EnvironmentChanged(BnlabError):
    """A job that is to be reproducible would go on in an environment in which its bits may be others."""

    code = "environment_changed"


class EngineUnavailable(BnlabError):
    """The engine that a document asks for cannot be had where the job was to run."""

    code = "engine_unavailable"


class AttemptLost(BnlabError):
    """A write by an attempt that no longer holds its job: the process must end at once."""

    code = "attempt_lost"


class DatasetUnavailable(BnlabError):
    """A dataset that is not in the data folder and could not be had; names every place that was tried."""

    code = "dataset_unavailable"
    retryable = True


@dataclass(frozen=True)
class Fault:
    """What is wrong with a dataset's file: the member, where it is of an archive, and what to do about it."""

    member: str | None
    message: str


class DatasetRefused(BnlabError):
    """A file that is no dataset as it stands; `faults` names everything that is wrong with it."""

    code = "dataset_refused"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        told = "; ".join(
            fault.message if fault.member is None else f"{fault.member}: {fault.message}" for fault in faults
        )
        super().__init__(readable(told))


class DamagedObject(BnlabError):
    """Stored bytes that are not those that were written; names the object."""

    code = "damaged_object"


class DataFolderUnusable(BnlabError):
    """A data folder that cannot be written, is full, or is held by another process."""

    code = "data_folder_unusable"
