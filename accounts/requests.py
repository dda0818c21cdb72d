"""What requests say: who asks, and where to go afterwards."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request that `login_required` let through: `user` is a person."""

    user: User


def own_path(url: str | None) -> str:
    """Return `url` if it is a path of ours, else ""; another host that we answer for is not."""
    is_ours = bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return str(url) if is_ours else ""
