"""The pages about oneself.

`entrance` has allauth's names, because allauth's own code links to them; only what we use is here.
"""

from django.urls import path, re_path

from accounts import entrance as page
from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.profile, name="profile"),
    path("sessions/<int:pk>/end/", views.session_end, name="session_end"),
    path("sessions/apps/<str:pk>/end/", views.app_session_end, name="app_session_end"),
    path("sessions/end/", views.sessions_end_others, name="sessions_end_others"),
]

entrance = [
    path("login/", page.LoginPage.as_view(), name="account_login"),
    path("logout/", page.LogoutPage.as_view(), name="account_logout"),
    path("signup/", page.SignupPage.as_view(), name="account_signup"),
    path("password/change/", page.PasswordChangePage.as_view(), name="account_change_password"),
    path("password/reset/", page.PasswordResetPage.as_view(), name="account_reset_password"),
    path("password/reset/done/", page.PasswordResetDonePage.as_view(), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,20})-(?P<key>[0-9A-Za-z-]{1,100})/$",
        page.PasswordResetFromKeyPage.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        page.PasswordResetFromKeyDonePage.as_view(),
        name="account_reset_password_from_key_done",
    ),
]
