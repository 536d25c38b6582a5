"""Numbers as tables and bars show them: one that is not finite is never taken for one that is not there."""

from collections.abc import Mapping

ABSENT = "-"
NOT_FINITE = "NaN/inf"  # null in an answer: a number was recorded there, and JSON cannot hold it


def recorded(value: float | None, form: str = ".4g") -> str:
    """A number that was recorded.

    >>> recorded(0.123456), recorded(None)
    ('0.1235', 'NaN/inf')
    """
    return NOT_FINITE if value is None else format(value, form)


def newest(latest: Mapping[str, float | None], series: str, form: str) -> str:
    """A job's newest value of a series.

    >>> newest({"train.loss": None}, "train.loss", ".4f"), newest({}, "train.loss", ".4f")
    ('NaN/inf', '-')
    """
    return recorded(latest[series], form) if series in latest else ABSENT


def known(value: float | None, form: str) -> str:
    """A number that may not be known yet.

    >>> known(None, ".0f"), known(12.3, ".0f")
    ('-', '12')
    """
    return ABSENT if value is None else format(value, form)
