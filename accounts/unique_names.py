"""Names that are still free, so that each name in a log-in means one person."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.names import normalize_name

USERNAME_TAKEN = "This username is taken."
EMAIL_TAKEN = "This e-mail address is taken."


def free_username(username: str, owner: User | None = None) -> str:
    """Refuse a name that somebody else has, in any letter case or Unicode form, or that is his e-mail address."""
    others = User.objects.exclude(pk=owner.pk) if owner else User.objects.all()
    if others.named(username).exists() or others.with_email(normalize_name(username)).exists():
        raise ValidationError(USERNAME_TAKEN, code="unique")
    return username


def free_email(email: str, owner: User | None = None) -> str:
    """Refuse an address that somebody else has or is called by; return it as it will be compared."""
    email = User.objects.normalize_email(email)
    if User.objects.signing_in_as(email).exclude(pk=owner.pk if owner else None).exists():
        raise ValidationError(EMAIL_TAKEN, code="unique")
    return email
