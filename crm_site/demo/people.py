"""The invented sales team: three accounts that anybody may try, and their colleagues."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts import demo
from accounts.models import Role, User
from accounts.names import MANAGERS

NAMES = {
    "alice": "Alice Bergström",
    "bob": "Bob Okafor",
    "mira": "Mira Patel",
    "keiko": "Keiko Tanaka",
    "samir": "Samir Haddad",
    "tomas": "Tomás Rivera",
}
ROLES = {"Sales North": ("alice", "tomas"), "Sales South": ("bob", "keiko", "samir")}


def present() -> bool:
    """Tell whether somebody has the name of a demo account, whatever became of it since."""
    found: bool = User.objects.filter(username__in=demo.PEOPLE).exists()
    return found


def make_team() -> dict[str, User]:
    """Make the team and its roles; return the users by name. Nobody can sign in as one of the colleagues."""
    password = make_password(demo.PASSWORD)
    team = {}
    for username, display_name in NAMES.items():
        user = User(username=username, email=f"{username}@example.com", display_name=display_name)
        user.is_demo = username in demo.PEOPLE
        user.password = password if username in demo.PEOPLE else make_password(None)
        user.save()
        team[username] = user
    Group.objects.get(name=MANAGERS).user_set.add(team["mira"])
    for name, members in ROLES.items():
        role = Role.objects.create(name=name)
        role.user_set.add(*(team[member] for member in members))
    return team
