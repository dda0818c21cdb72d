"""Fixed keys, and no attempts left over from another test."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from tests.accounts.conftest import no_attempts as no_attempts
from tests.parse_api.app import KEYS


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    """Use the keys that the recorded cases name."""
    for name, value in KEYS.items():
        setattr(settings, name, value)
