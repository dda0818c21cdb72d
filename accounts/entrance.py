"""Signing up, in and out, and passwords: allauth's pages, with our forms, limits and status codes."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from allauth.account import views as allauth_views
from allauth.account.internal.flows.signup import complete_signup
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts import forms, mail, throttle
from accounts.address import client_address, network
from accounts.models import User

_METHODS = ["get", "head", "options", "post"]


class _FormPage:
    """Answers 422 to an invalid form, 405 to a wrong method, 429 to who is too fast."""

    http_method_names: ClassVar[list[str]] = _METHODS

    @method_decorator(throttle.slowed)
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Answer."""
        answer: HttpResponseBase = super().dispatch(request, *args, **options)  # type: ignore[misc]
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what is wrong."""
        context = self.get_context_data(form=form)  # type: ignore[attr-defined]
        answer: HttpResponse = self.render_to_response(context, status=422)  # type: ignore[attr-defined]
        return answer


class LoginPage(_FormPage, allauth_views.LoginView):  # type: ignore[misc]
    """Signs in; the session gets a new key."""

    form_class = forms.LoginForm

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Offer sign-up only where it is open."""
        found: dict[str, Any] = super().get_context_data(**context)
        return found if settings.CRM_SIGNUP else found | {"signup_url": None}


class SignupPage(_FormPage, allauth_views.SignupView):  # type: ignore[misc]
    """Makes an account and signs in with it, unless CRM_SIGNUP=0.

    A name or address that is taken is a field error, so sign-up tells who has an account here, as it must where
    one may begin at once without confirming an address; its attempts are limited, and a team that minds closes it.
    """

    form_class = forms.SignupForm

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Count the attempt, valid or not."""
        throttle.charge((throttle.SIGN_UPS_FROM_ADDRESS, network(client_address(request))))
        answer: HttpResponseBase = super().post(request, *args, **options)
        return answer

    def form_valid(self, form: forms.SignupForm) -> HttpResponse:
        """Make the account and sign in; a name that was taken a moment ago is a field error as well."""
        user = form.make_account()
        if user is None:
            return self.form_invalid(form)
        answer: HttpResponse = complete_signup(self.request, user=user, redirect_url=self.get_success_url())
        return answer

    def closed(self) -> HttpResponse:
        """Say that accounts are made by a manager."""
        answer: HttpResponse = super().closed()
        answer.status_code = 403
        return answer


class LogoutPage(allauth_views.LogoutView):  # type: ignore[misc]
    """Signs out by POST; a GET asks whether one wants to."""

    http_method_names: ClassVar[list[str]] = _METHODS


@method_decorator(login_required, name="dispatch")
class PasswordChangePage(_FormPage, allauth_views.PasswordChangeView):  # type: ignore[misc]
    """Sets a new password; every other session ends."""

    form_class = forms.ChangePasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Pass the request, from whose address attempts are counted."""
        return {"request": self.request, **super().get_form_kwargs()}


class PasswordResetPage(_FormPage, allauth_views.PasswordResetView):  # type: ignore[misc]
    """Sends a link to who has the address; to others it says and takes the same."""

    form_class = forms.ResetPasswordForm

    def form_valid(self, form: forms.ResetPasswordForm) -> HttpResponse:
        """Hand the mail over, to be sent after the answer."""
        throttle.charge((throttle.RESETS_FROM_ADDRESS, network(client_address(self.request))))
        mail.send_reset_link(form.person())
        return cast("HttpResponse", allauth_views.FormView.form_valid(self, form))


class PasswordResetDonePage(allauth_views.PasswordResetDoneView):  # type: ignore[misc]
    """Says that a link is on its way, if there is somebody to send it to."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]


class UserTokenForm(allauth_views.UserTokenForm):  # type: ignore[misc]
    """Who follows which link, with Django's token, which the first use and each log-in make void."""

    token_generator = default_token_generator

    def _get_user(self, uidb36: str) -> User | None:
        user: User | None = User.objects.active().filter(pk=uidb36).first()
        return user


class PasswordResetFromKeyPage(_FormPage, allauth_views.PasswordResetFromKeyView):  # type: ignore[misc]
    """Sets a new password for who has followed a link, once; every session ends."""

    form_class = forms.ResetPasswordKeyForm
    reset_user: User

    def form_valid(self, form: forms.ResetPasswordKeyForm) -> HttpResponse:
        """Look at the token once more with the row locked: of two at once, the second finds it used."""
        user = User.objects.select_for_update().get(pk=self.reset_user.pk)
        if not default_token_generator.check_token(user, self.key):
            return self.render_to_response({"token_fail": True}, status=410)
        form.user = self.reset_user = user
        answer: HttpResponse = super().form_valid(form)
        self.request.session.pop(allauth_views.INTERNAL_RESET_SESSION_KEY, None)
        throttle.forget((throttle.PASSWORDS_OF_ACCOUNT, user.pk))
        return answer

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """Answer 410 for a link that has been used or is too old."""
        if context.get("token_fail"):
            options["status"] = 410
        return cast("HttpResponse", super().render_to_response(context, **options))


class PasswordResetFromKeyDonePage(allauth_views.PasswordResetFromKeyDoneView):  # type: ignore[misc]
    """Says that the new password holds."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
