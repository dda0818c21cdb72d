"""Closing the demo accounts."""

import pytest
from django.core.management import call_command

from accounts import demo
from accounts.models import User


@pytest.mark.django_db
def test_closed_accounts_open_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    alice = User.objects.create_user("alice", "alice@example.com", demo.PASSWORD, is_demo=True)
    bob = User.objects.create_user("bob", "bob@example.com", "something of his own")
    assert demo.active_accounts() == [alice]
    call_command("close_demo")
    assert capsys.readouterr().out == "closed alice\n"
    assert demo.active_accounts() == []
    alice.refresh_from_db()
    assert not alice.is_active
    assert not alice.check_password(demo.PASSWORD)
    bob.refresh_from_db()
    assert bob.is_active
