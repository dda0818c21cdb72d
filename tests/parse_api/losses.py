"""Writes while the database goes away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from crm_site.invariants import findings
from tests.security.test_faults import MOST, Failing, everything


def after_losses(write: Callable[[], Any], ask: Callable[[], Any]) -> Any:
    """Lose the database at each statement of a write in turn; return the answer of the time it was not lost.

    Each loss is told as one, leaves everything as it was, and whoever asks for something next is answered.
    """
    before = everything()
    for number in range(1, MOST):
        failing = Failing(number)
        with connection.execute_wrapper(failing):
            answer = write()
        if not failing.has_failed:
            break
        assert (answer.status_code, answer.get("Retry-After"), answer.json()["code"]) == (503, "5", 1), number
        assert everything() == before, number
        assert not connection.in_atomic_block
        assert ask().status_code == 200, number
    assert number > 3
    assert everything() != before
    assert findings() == []
    return answer
