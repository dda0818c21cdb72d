"""The forms of the pages about oneself."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts import throttle
from accounts.backends import is_own_password
from accounts.models import User
from accounts.time_zones import grouped
from accounts.unique_names import EMAIL_TAKEN, USERNAME_TAKEN, free_email, free_username

LONGEST_PASSWORD = 1000
_USERNAME = User._meta.get_field("username")


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """Username or e-mail address, and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        widget = forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"})
        self.fields["login"] = forms.CharField(label="Username or e-mail address", max_length=254, widget=widget)
        self.fields["password"] = _current_password("Password")
        self.order_fields(["login", "password"])


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """Username, e-mail address, password and, if one likes, the name that colleagues see."""

    field_order: ClassVar[list[str]] = ["username", "email", "display_name", "password1"]
    username = UsernameField(
        max_length=_USERNAME.max_length,
        validators=_USERNAME.validators,
        help_text="Letters, digits and @ . + - _",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    display_name = forms.CharField(
        label="Your name",
        required=False,
        max_length=User._meta.get_field("display_name").max_length,
        help_text="As colleagues see it. Your username if you leave it empty.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"] = _email()
        self.fields["password1"] = _new_password("Password")
        self.order_fields(self.field_order)

    def clean_username(self) -> str:
        """Refuse a name that is taken in any letter case or Unicode form, or that is somebody's e-mail address."""
        return free_username(self.cleaned_data["username"])

    def clean_email(self) -> str:
        """Refuse an address that is taken."""
        return free_email(self.cleaned_data["email"])

    def make_account(self) -> User | None:
        """Make the account; None, with an error on the form, when somebody else took the name at the same moment."""
        data = self.cleaned_data
        try:
            with transaction.atomic():
                user: User = User.objects.create_user(
                    data["username"], data["email"], data["password1"], display_name=data["display_name"]
                )
        except IntegrityError as error:
            field = ("email", EMAIL_TAKEN) if "user_email_unique" in str(error) else ("username", USERNAME_TAKEN)
            self.add_error(*field)
            return None
        return user


class ChangePasswordForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """The password that is, and the new one."""

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request
        self.fields["oldpassword"] = _current_password("Current password")
        self.fields["password1"] = _set_password("New password", self.user)
        del self.fields["password2"]

    def clean_oldpassword(self) -> str:
        """Check it, counted as an attempt."""
        return _checked_password(self.request, self.user, self.cleaned_data["oldpassword"])


class ResetPasswordForm(forms.Form):
    """The address to which a link is sent, if somebody has it."""

    email = forms.EmailField(label="E-mail address", max_length=254)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"] = _email()

    def person(self) -> User | None:
        """Return who may have a link now: an active person who was not sent too many lately."""
        user: User | None = User.objects.active().with_email(self.cleaned_data["email"]).first()
        counter = user.pk if user else self.cleaned_data["email"].lower()
        try:
            throttle.charge((throttle.RESET_MAILS_TO_ACCOUNT, counter))
        except throttle.TooManyAttempts:
            return None
        return user


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password of somebody who has followed the link."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password1"] = _set_password("New password", self.user)
        del self.fields["password2"]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person tells of himself. A new e-mail address needs the password: with it one gets a new password."""

    password = forms.CharField(
        label="Current password", required=False, help_text="Only needed to change your e-mail address."
    )

    class Meta:
        """Username and rights are not his to change here."""

        model = User
        fields = ("display_name", "email", "time_zone")

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request
        self.old_email = self.instance.email
        self.fields["display_name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.fields["time_zone"] = forms.ChoiceField(
            label="Time zone", choices=grouped(self.instance.time_zone), help_text="Dates and times are shown in it."
        )
        password = _current_password("Current password")
        password.required, password.help_text = False, self.fields["password"].help_text
        self.fields["password"] = password
        self.order_fields(["display_name", "time_zone", "email", "password"])

    def clean_email(self) -> str:
        """Refuse an address that is taken."""
        return free_email(self.cleaned_data["email"], self.instance)

    def clean(self) -> dict[str, Any]:
        """Ask for the password if the address changes."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "email" in data and data["email"] != self.old_email and not self.errors:
            try:
                _checked_password(self.request, self.instance, data["password"])
            except ValidationError as error:
                self.add_error("password", error)
        return data


def _checked_password(request: HttpRequest, user: User, password: str) -> str:
    if not is_own_password(request, user, password):
        raise get_adapter().validation_error("incorrect_password")
    return password


def _email() -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    return forms.EmailField(label="E-mail address", max_length=254, widget=widget)


def _current_password(label: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget)


def _new_password(label: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget, help_text="At least 8 characters."
    )


class _SetPasswordField(forms.CharField):
    """A new password for somebody known, checked against the policy and against what is known of him."""

    user: User | None = None

    def clean(self, value: Any) -> str:
        """Check it."""
        password: str = get_adapter().clean_password(super().clean(value), user=self.user)
        return password


def _set_password(label: str, user: User | None) -> _SetPasswordField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    field = _SetPasswordField(
        label=label, max_length=LONGEST_PASSWORD, strip=False, widget=widget, help_text="At least 8 characters."
    )
    field.user = user
    return field
