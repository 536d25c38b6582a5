"""A code is good once, for ten minutes, and for one of those who come at once; on both kinds of database."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import func, select, update

from jobs.storage import tables
from jobs.storage.codes import LIFETIME, make_code, spend_code
from jobs.storage.database import Database


def move(database: Database, seconds: float) -> None:
    """Let every code have been made so many seconds earlier."""
    column = tables.codes.c
    with database.write() as connection:
        moved = {"created": column.created - seconds, "expires": column.expires - seconds}
        connection.execute(update(tables.codes).values(moved))


def number_of(database: Database) -> int:
    """How many codes the database knows."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(tables.codes)) or 0


def test_a_code_is_good_once_and_others_stay_good(database: Database) -> None:
    code, other = make_code(database), make_code(database)
    assert code != other
    assert [spend_code(database, code), spend_code(database, code)] == [True, False]
    assert spend_code(database, other)


def test_what_is_no_code_is_good_for_nothing(database: Database) -> None:
    code = make_code(database)
    wrong = ("", code[:-1], f"{code} ", code.swapcase(), "\ud800\x00", "x" * 100_000)
    assert [spend_code(database, each) for each in wrong] == [False] * len(wrong)
    assert spend_code(database, code)


def test_a_code_is_good_for_ten_minutes(database: Database) -> None:
    early, late = make_code(database), make_code(database)
    move(database, LIFETIME - 60)
    assert spend_code(database, early)
    move(database, 60)
    assert not spend_code(database, late)


def test_a_code_of_before_the_machine_was_started_again_is_over(database: Database) -> None:
    code = make_code(database)
    move(database, -60)  # its clock has begun anew
    assert not spend_code(database, code)


def test_codes_whose_time_is_over_are_forgotten_when_another_is_made(database: Database) -> None:
    make_code(database)
    move(database, LIFETIME)
    make_code(database)
    move(database, -60)
    make_code(database)
    assert number_of(database) == 1


def test_of_many_who_come_at_once_one_has_it(database: Database) -> None:
    for _ in range(5):
        code = make_code(database)
        with ThreadPoolExecutor(8) as threads:
            had = list(threads.map(partial(spend_code, database), [code] * 8))
        assert sorted(had) == [False] * 7 + [True]


def test_the_database_does_not_know_the_code(database: Database) -> None:
    code = make_code(database)
    with database.read() as connection:
        (row,) = connection.execute(select(tables.codes)).all()
    assert code not in str(row)
