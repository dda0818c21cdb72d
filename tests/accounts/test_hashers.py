"""Passwords are hashed by Argon2id with figures of our own, and older hashes go on working."""

from __future__ import annotations

import os

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from pytest_django.fixtures import Settings

from crm_site import settings as ours


@pytest.fixture(autouse=True)
def _as_served(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ours.PASSWORD_HASHERS


def test_passwords_are_hashed_with_our_figures() -> None:
    made = make_password("some long password")
    assert made.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("some long password", made)
    assert not identify_hasher(made).must_update(made)


def test_a_hash_with_django_s_figures_is_checked_and_made_anew() -> None:
    older = hashers.Argon2PasswordHasher().encode("some long password", "somesaltsomesalt")
    renewed: list[str] = []
    assert check_password("some long password", older, renewed.append)
    assert renewed == ["some long password"]


def test_hashing_is_done_on_any_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere, used = os.sched_getaffinity(0), list[set[int]]()
    verify = hashers.Argon2PasswordHasher.verify

    def noted(self: hashers.Argon2PasswordHasher, password: str, encoded: str) -> bool:
        used.append(os.sched_getaffinity(0))
        return verify(self, password, encoded)

    made = make_password("some long password")
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "verify", noted)
    os.sched_setaffinity(0, {min(everywhere)})
    try:
        assert check_password("some long password", made)
        assert os.sched_getaffinity(0) == {min(everywhere)}
    finally:
        os.sched_setaffinity(0, everywhere)
    assert used == [everywhere]
