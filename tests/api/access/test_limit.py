"""A limit counts what it allows, and forgets it in time."""

from api.access.limit import Limit


def test_so_many_are_allowed_in_any_span_and_no_more() -> None:
    now = [100.0]
    limit = Limit(3, 1.0, lambda: now[0])
    allowed = []
    for now[0] in (100.0, 100.5, 100.9, 100.95, 101.0, 101.1, 101.5, 101.6):
        allowed.append(limit.allows())
    assert allowed == [True, True, True, False, True, False, True, False]
