"""What is new between two moments: complete and once, in whatever order transactions commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import User
from records import moments
from records.live.sight import Sight
from records.log_windows import Seen, between, lost
from records.models import Change
from records.moments import Moment
from tests.factories import make_deal, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Sight(sees_all=frozenset({"Deal"}))
DEALS = ("Deal",)
LONG = 20_000
"""Rows of a long transaction: many more than what other connections report of earlier tests while one counts."""


@contextmanager
def session() -> Iterator[psycopg.Connection]:
    """A connection beside the test's, in a transaction that the test ends."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        yield other


def note(other: psycopg.Connection, object_id: str) -> None:
    """Write a row of the log, as the triggers do."""
    other.execute(
        "INSERT INTO records_change (class_name, object_id, operation, transaction, created_at) "
        "VALUES ('Deal', %s, 'insert', pg_current_xact_id()::text::bigint, clock_timestamp())",
        [object_id],
    )


def new(since: Moment, until: Moment, most: int = 100) -> list[str]:
    """Return the ids that are new, in stretches of `most` rows."""
    window, found = between(since, until), list[Seen]()
    while looked := window.look(ALL, DEALS, most):
        found += looked
        window = window.after(looked[-1])
    return [seen.object_id for seen in found]


def read_of_index() -> int:
    """Return how many entries of the index on transactions were read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'change_by_transaction'")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("most", [1, 2, 100])
def test_the_later_transaction_that_commits_first_hides_nothing(most: int) -> None:
    start, _ = moments.now()
    with session() as early, session() as late:
        note(early, "early")
        note(late, "late")
        late.commit()
        middle, _ = moments.now()
        assert new(start, middle, most) == ["late"]
        assert new(middle, moments.now()[0], most) == []
        note(early, "early too")
        early.commit()
    end, _ = moments.now()
    assert new(middle, end, most) == ["early", "early too"]
    assert new(start, end, most) == ["early", "early too", "late"]
    assert new(end, moments.now()[0], most) == []


def test_a_long_transaction_holds_nothing_up_and_repeats_nothing() -> None:
    start, _ = moments.now()
    with session() as long:
        note(long, "long")
        seen: list[str] = []
        for number in range(5):
            with session() as short:
                note(short, f"short {number}")
            here, _ = moments.now()
            seen += new(start, here)
            start = here
        assert seen == [f"short {number}" for number in range(5)]
    assert new(start, moments.now()[0]) == ["long"]


def test_what_a_transaction_has_written_that_still_runs_is_not_looked_at() -> None:
    """An import of a million rows, say: each look would find every one of them, to see that it may not be seen."""
    start, _ = moments.now()
    with session() as early, session() as long:
        note(early, "early")
        long.execute(
            "INSERT INTO records_change (class_name, object_id, operation, transaction, created_at) "
            "SELECT 'Deal', 'long', 'insert', pg_current_xact_id()::text::bigint, now() FROM generate_series(1, %s)",
            [LONG],
        )
        with session() as late:
            note(late, "late")
        early.commit()
        before = read_of_index()
        here, _ = moments.now()
        assert new(start, here) == ["early", "late"]
        assert not between(start, here).has_more_than(2)
        assert read_of_index() - before < LONG / 10
        long.rollback()
    assert new(here, moments.now()[0]) == []


def test_many_run_at_once_and_end_in_every_order() -> None:
    with ExitStack() as stack:
        others = [stack.enter_context(session()) for _ in range(8)]
        for number, other in enumerate(others):
            note(other, str(number))
        here, seen = moments.now()[0], list[str]()
        for number in (7, 0, 3, 5, 1, 6, 2, 4):
            if number % 3:
                others[number].commit()
            else:
                others[number].rollback()
            there, _ = moments.now()
            seen += new(here, there)
            here = there
    assert seen == ["7", "5", "1", "2", "4"]


def test_what_was_rolled_back_is_never_new() -> None:
    start, _ = moments.now()
    with session() as other:
        note(other, "undone")
        middle, _ = moments.now()
        other.rollback()
    end, _ = moments.now()
    assert (new(start, end), new(middle, end)) == ([], [])


def test_ones_own_transaction_is_new_until_it_is_done(alice: User) -> None:
    start, mine = moments.now()
    assert mine == ()
    with transaction.atomic():
        first = make_deal(alice)
        middle, mine = moments.now()
        assert len(mine) == 1
        assert mine[0] in middle.running
        window = between(start, middle, mine)
        assert {seen.object_id for seen in window.look(ALL, DEALS, 100)} == {first.pk}
        second = make_deal(alice)
    assert set(new(middle, moments.now()[0])) == {first.pk, second.pk}


def test_no_number_is_trusted_that_a_crash_could_give_out_again() -> None:
    """A transaction that wrote nothing, or was rolled back, may have left no trace on the disk."""
    with session() as other:
        note(other, "kept")
    for _ in range(3):
        with session() as other:
            other.execute("SELECT pg_current_xact_id()")
            other.rollback()
    here, _ = moments.now()
    kept = Change.objects.get()
    assert (here.last, here.row) == (kept.transaction, kept.pk)
    assert here.is_known()
    Change.objects.create(  # as if the next number after the crash was one of the three
        class_name="Deal", object_id="again", operation="insert", transaction=here.last + 1, created_at=kept.created_at
    )
    assert new(here, moments.now()[0]) == ["again"]


def test_an_empty_log_knows_nothing_and_that_is_true() -> None:
    here, _ = moments.now()
    assert (here.last, here.row, here.is_known()) == (0, 0, True)


def test_a_moment_is_known_as_long_as_its_last_row_is_there() -> None:
    with session() as other:
        note(other, "one")
    here, _ = moments.now()
    assert here.is_known()
    Change.objects.update(transaction=-here.last)
    assert not here.is_known()
    Change.objects.update(transaction=here.last)
    assert here.is_known()
    Change.objects.all().delete()
    assert not here.is_known()


def test_looking_begins_where_the_window_does() -> None:
    """Not at the beginning of the log: PostgreSQL would read all of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_change (class_name, object_id, operation, transaction, created_at) "
            "SELECT 'Deal', 'old', 'insert', n, now() FROM generate_series(1, 300) n, generate_series(1, 100)"
        )
        cursor.execute("ANALYZE records_change")
    here, _ = moments.now()
    with session() as other:
        note(other, "new")
    there, _ = moments.now()
    before = read_of_index()
    assert new(here, there) == ["new"]
    assert not between(here, there).has_more_than(1)
    assert read_of_index() - before < 20


@pytest.mark.parametrize(("rows", "is_more"), [(1, True), (2, True), (3, False), (100, False)])
def test_how_much_is_new(rows: int, is_more: bool) -> None:  # noqa: FBT001
    start, _ = moments.now()
    with session() as early, session() as late:
        note(early, "1")
        note(late, "2")
        late.commit()
        start_2, _ = moments.now()
        note(early, "3")
    with session() as last:
        note(last, "4")
    end, _ = moments.now()
    assert between(start_2, end).has_more_than(rows) is is_more
    assert len(new(start, end)) == 4


def test_who_could_see_a_record_before(alice: User) -> None:
    bob, start = make_user("bob"), moments.now()[0]
    deal = make_deal(alice)
    pk = deal.pk
    deal.delete()
    window = between(start, moments.now()[0])
    his, other = Sight(frozenset({alice.pk})), Sight(frozenset({bob.pk}))
    looked = window.look(his, DEALS, 100)
    assert {seen.object_id for seen in looked if seen.is_his} == {pk}
    rows = [seen.row for seen in looked]
    assert lost(rows, his) == lost(rows, ALL) == {("Deal", pk)}
    assert lost(rows, other) == set()
    for sight, classes in ((other, DEALS), (his, ("Contact",)), (ALL, ("Contact",))):
        assert [seen.is_his for seen in window.look(sight, classes, 100)] == [False] * len(looked)
