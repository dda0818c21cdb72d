"""The request of a page that only signed-in people reach."""

from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request that `login_required` let through: `user` is a person."""

    user: User
