"""The profile: what one tells of oneself, and one's sessions."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import mail, sessions
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.throttle import slowed


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
@login_required
@slowed
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's profile; list one's sessions."""
    user: User = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=user, request=request)
    if request.method == "POST" and form.is_valid():
        user.save(update_fields=form.Meta.fields)  # nothing else, lest a deactivation at this moment be taken back
        if form.old_email != user.email:
            mail.send_address_changed(user, form.old_email)
        messages.success(request, "Your profile was saved.")
        return redirect("accounts:profile")
    context = {"form": form, "sessions": sessions.listed(request, cast("User", request.user))}
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's sessions."""
    if not sessions.end(cast("User", request.user), pk):
        raise Http404
    messages.success(request, "That session has ended.")
    return redirect("accounts:profile")


@require_POST
@login_required
def app_session_end(request: HttpRequest, pk: str) -> HttpResponse:
    """End one of one's sessions in an app."""
    if not sessions.end_app(cast("User", request.user), pk):
        raise Http404
    messages.success(request, "That session has ended.")
    return redirect("accounts:profile")


@require_POST
@login_required
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions but this one."""
    count = sessions.end_others(request, cast("User", request.user))
    messages.success(request, f"{count} other session{'' if count == 1 else 's'} ended.")
    return redirect("accounts:profile")
