"""Settings, all from the environment."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF

from crm_site.admin_theme import UNFOLD as UNFOLD
from crm_site.keys import PARSE_KEYS, key, whereabouts
from crm_site.postgres import is_embedded, socket_url

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
CRM_DATA_DIR = Path(env.str("CRM_DATA_DIR", default=str(BASE_DIR / "var"))).absolute()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = key("SECRET_KEY", CRM_DATA_DIR)

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", HOST])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Whether `serve` talks over WebSockets; if not, `livequery` does, at a port of its own.
CRM_LIVE = env.bool("CRM_LIVE", default=True)
LIVEQUERY_PORT = env.int("LIVEQUERY_PORT", default=8001)

PARSE_APP_ID, PARSE_REST_API_KEY, PARSE_JAVASCRIPT_KEY, PARSE_CLIENT_KEY, PARSE_MASTER_KEY = (
    key(name, CRM_DATA_DIR) for name in PARSE_KEYS
)
PARSE_KEY_PLACES = {name: whereabouts(name, CRM_DATA_DIR) for name in PARSE_KEYS}
# From where else than this machine the master key works: addresses and networks, with commas between.
PARSE_MASTER_KEY_IPS = [ip_network(text, strict=False) for text in env.list("PARSE_MASTER_KEY_IPS", default=[])]

CRM_CURRENCY = env.str("CRM_CURRENCY", default="USD")

INSTALLED_APPS = [
    "crm_site",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.guardian",
    "unfold.contrib.import_export",
    "crm_site.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "accounts",
    "records",
    "companies",
    "contacts",
    "deals",
    "activities",
    "parse_api",
    "developers",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "guardian",
    "import_export",
    "pgtrigger",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "crm_site.middleware.PagePolicyMiddleware",
    "crm_site.middleware.RequestLimitsMiddleware",
    "parse_api.middleware.ParseMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LastSeenMiddleware",
    "crm_site.offline.device.DeviceMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "records.middleware.HtmxResponseMiddleware",
    "records.middleware.PersonMiddleware",
    "records.middleware.WriteMiddleware",
]

ROOT_URLCONF = "crm_site.urls"
WSGI_APPLICATION = "crm_site.wsgi.application"
ASGI_APPLICATION = "crm_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": ["records.templatetags.display", "records.templatetags.marks"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db_url_config(socket_url(CRM_DATA_DIR)) if is_embedded() else env.db_url("DATABASE_URL")}
DATABASES["default"] |= {
    "ENGINE": "crm_site.database",
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    # A database that is away shall be known within 3 s: 1 s for what was sent to it, 2 s to find it again.
    # No statement is prepared for being sent often, but those are that ask for it (parse_api.prepared).
    "OPTIONS": {"application_name": "crm", "connect_timeout": 2, "tcp_user_timeout": 1000, "prepare_threshold": 10**9}
    | DATABASES["default"].get("OPTIONS", {}),
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.PasswordBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False

PASSWORD_HASHERS = [
    "accounts.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    # Only a password that is the name itself: apps have let people choose "pw-alice" all along.
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"max_similarity": 1.0},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.demo.DemoPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 86_400

# A team's own CRM: whoever may reach the page may sign up, unless this is 0.
CRM_SIGNUP = env.bool("CRM_SIGNUP", default=True)
# Whether apps, too, may move a deal to lost only with a lostReason, and to won only with an expectedCloseDate.
CRM_STRICT_STAGES = env.bool("CRM_STRICT_STAGES", default=False)
# How many proxies of ours stand before the server, each of which appends to X-Forwarded-For.
CRM_PROXY_HOPS = env.int("CRM_PROXY_HOPS", default=0)
# Where links in mails lead; never taken from a request, whose Host header anybody may write.
CRM_ORIGIN = env.str("CRM_ORIGIN", default=f"http://{HOST}:{PORT}").rstrip("/")

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# The limits of accounts.throttle hold for every process and every door; these would be a second, weaker set.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {"user_token": "accounts.entrance.UserTokenForm"}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CRM_HTTPS = env.bool("CRM_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CRM_HTTPS
if CRM_HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = CRM_DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "crm_site.static_files.Storage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Usernames are unique without regard to case, by a constraint that Django's check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
CRM_UPLOAD_MAX_SIZE = 20_971_520

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
globals().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="crm@localhost")

IMPORT_EXPORT_USE_TRANSACTIONS = True
# It deletes a leading "=" instead of quoting it; the columns of records.resources quote themselves.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = False

# To stderr: what went wrong. Bad requests are no news.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "crm_site.logs.LineFormatter", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {"refusals": {"()": "crm_site.logs.RefusalFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
