"""Every setting, with a default that is safe. `local`, `test` and `production` only narrow what stands here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ

from integrations import discretion, outbound
from settings import database, env, queue
from settings import logging as log

# --- This installation -------------------------------------------------------------------------------------------------

_REMEDY = "`python3 manage.py serve` writes one into .env on one machine; .env.example shows how to make one yourself."

BASE_DIR = env.BASE_DIR
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
DEBUG = env.flag("DEBUG")
PRODUCTION = False
"""Whether people work here over the internet; `production` says so."""
SECRET_KEY = env.required("SECRET_KEY", _REMEDY)
CREDENTIAL_KEYS = env.keys("CREDENTIAL_KEYS", _REMEDY)
PUBLIC_URL = env.origin("PUBLIC_URL", "http://127.0.0.1:8000")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or "127.0.0.1"
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")

# --- The two vendors ---------------------------------------------------------------------------------------------------

HUBSPOT_CLIENT_ID = env.text("HUBSPOT_CLIENT_ID")
HUBSPOT_CLIENT_SECRET = env.text("HUBSPOT_CLIENT_SECRET")
HUBSPOT_API_VERSION = env.text("HUBSPOT_API_VERSION", "2026-09")
QUICKBOOKS_CLIENT_ID = env.text("QUICKBOOKS_CLIENT_ID")
QUICKBOOKS_CLIENT_SECRET = env.text("QUICKBOOKS_CLIENT_SECRET")
HUBSPOT_WEBHOOK_SECRET = env.words("HUBSPOT_WEBHOOK_SECRET")
QUICKBOOKS_WEBHOOK_TOKEN = env.words("QUICKBOOKS_WEBHOOK_TOKEN")
LOCAL_SANDBOX_HUBSPOT_URL = env.loopback("LOCAL_SANDBOX_HUBSPOT_URL")
LOCAL_SANDBOX_QUICKBOOKS_URL = env.loopback("LOCAL_SANDBOX_QUICKBOOKS_URL")
SYNC_BUDGET_SHARE = env.share("SYNC_BUDGET_SHARE", 0.9)
USE_PROXY_FROM_ENVIRONMENT = env.flag("USE_PROXY_FROM_ENVIRONMENT")
outbound.allow_proxies(allowed=USE_PROXY_FROM_ENVIRONMENT)

# --- Applications ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "syncapp.apps.SyncAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "import_export",
    "django_q",
    "axes",
    "syncapp.apps.SyncAppConfig",
]
MIDDLEWARE = [
    "syncapp.web.security.BrowserPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "syncapp.web.webhooks.ShortWayMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "syncapp.web.sessions.RenewalMiddleware",
    "syncapp.web.personal.PersonalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "syncapp.web.second_factor.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "settings.urls"
WSGI_APPLICATION = "settings.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "syncapp" / "templates"],  # before the theme's, which some of ours stand in for
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["syncapp.templatetags.moments"],
        },
    },
]
UNFOLD = {
    "SITE_SYMBOL": "sync_alt",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}

# --- Database, cache, queue --------------------------------------------------------------------------------------------

DATABASES = {"default": database.from_url(url=env.text("DATABASE_URL"), default_file=VAR_DIR / "syncapp.sqlite3")}
Q_CLUSTER = queue.Q_CLUSTER
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, since the queue's processes and the web processes read one another's entries.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "syncapp_cache"}}

# --- Language and time -------------------------------------------------------------------------------------------------

LANGUAGES = [("en", "English"), ("pl", "Polski")]
LANGUAGE_CODE = env.one_of("LANGUAGE_CODE", [code for code, _ in LANGUAGES], "en")
USE_I18N = True
# Our words before those of other applications, where both have a text.
LOCALE_PATHS = [BASE_DIR / "syncapp" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files -------------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Beside what else this machine keeps, so that the program's own directory may be read-only.
STATIC_ROOT: Path | None = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_HANDLERS = [
    "syncapp.web.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Mail --------------------------------------------------------------------------------------------------------------

_MAIL = environ.Env.email_url_config(env.text("EMAIL_URL", "dummymail://"))
EMAIL_BACKEND: str = _MAIL["EMAIL_BACKEND"]
vars().update(_MAIL)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "syncapp@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH: str | Path = _MAIL.get("EMAIL_FILE_PATH") or VAR_DIR / "mail"

# --- Sign-in, sessions, browser ----------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The first asks whether an address may try at all; it knows nobody and opens nothing.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "syncapp.web.backends.PersonBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "syncapp.web.signing_in.address"
AXES_USERNAME_CALLABLE = "syncapp.web.signing_in.account"
AXES_LOCKOUT_CALLABLE = "syncapp.web.signing_in.refused"
SECOND_FACTOR = env.one_of("SECOND_FACTOR", ["off", "required"], "off")
LOGIN_URL = "admin:login"
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_AGE = 1800
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "syncapp.web.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS") or [PUBLIC_URL]
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^webhooks/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("TRUST_PROXY_HEADERS") else None
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine evaluates the expressions in its attributes, hence 'unsafe-eval'; inline scripts stay forbidden.
# A form that leads to a vendor's consent page is answered by a redirect there, hence the vendors in form-action.
CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": [
        "'self'",
        "https://*.hubspot.com",
        "https://appcenter.intuit.com",
        *filter(None, [LOCAL_SANDBOX_HUBSPOT_URL, LOCAL_SANDBOX_QUICKBOOKS_URL]),
    ],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
}
DEFAULT_EXCEPTION_REPORTER = "syncapp.web.security.DiscreetReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "syncapp.web.security.DiscreetReporterFilter"

# --- Export and import -------------------------------------------------------------------------------------------------

IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = False
EXPORT_DIR = Path(env.text("EXPORT_DIR", str(VAR_DIR / "exports"))).resolve()
EXPORT_DAYS = env.days("EXPORT_DAYS", 7)

# --- Watching ------------------------------------------------------------------------------------------------------------

METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")

# --- Log ---------------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOG_FORMAT = env.one_of("LOG_FORMAT", ["line", "json"], "line")
_SECRETS = [
    SECRET_KEY, METRICS_TOKEN, HUBSPOT_CLIENT_SECRET, QUICKBOOKS_CLIENT_SECRET, *HUBSPOT_WEBHOOK_SECRET, *QUICKBOOKS_WEBHOOK_TOKEN,
    *(word.partition(":")[2] for word in env.words("CREDENTIAL_KEYS")),
]
discretion.remember(_SECRETS)
LOGGING = log.config(level=LOG_LEVEL, format=LOG_FORMAT, secrets=_SECRETS)
