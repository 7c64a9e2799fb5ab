"""All settings come from the environment: `make run` (tfci/management/up) and compose set the same names."""

import logging
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.contrib.messages import constants as messages
from environs import Env
from marshmallow.validate import Length, OneOf, Range
from psycopg.conninfo import conninfo_to_dict

from tfci.core.logs import configure
from tfci.core.settings_checks import http_url, id_and_secret, price_file, sealed, stellar, tft

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]


# --- The environment: all of it is read here, and every mistake in it is reported at once -------------------

env = Env(eager=False)

PROCESS = env.str("FARMHAND_PROCESS", "command")  # one of up/processes.py, or a command
DEBUG = env.bool("FARMHAND_DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", validate=Length(min=1))
KEYS: list[str] = env.list("FARMHAND_KEYS")  # tfci/core/vault.py: Fernet keys, the newest first
INSTANCE = env.str("FARMHAND_INSTANCE", "")  # tfci/core/vault.py: the tag in outside names
DATABASE_URL = env.str("DATABASE_URL")
VALKEY = env.str("FARMHAND_VALKEY")  # redis://host:port/0 or unix:///path?db=0

HOME = env.path("FARMHAND_HOME", BASE_DIR / "var")
STATIC_COLLECTED = env.str("FARMHAND_STATIC", "")  # where collectstatic put them; else found in place
# What people and forges call, and what VMs call. None where one is wrong, which seal() reports.
URL = env.str("FARMHAND_URL", "http://127.0.0.1:8400", validate=http_url)
AGENT_URL = env.str("FARMHAND_AGENT_URL", "", validate=http_url)

NAME = env.str("FARMHAND_NAME", "Farmhand")
ANCHOR = env.str("FARMHAND_ANCHOR", "tfgrid")  # the label that says: run it here
TEAMS_PER_PERSON = env.int("FARMHAND_TEAMS_PER_PERSON", 5, validate=Range(min=1))
# accounts from one network: a /24 of IPv4, a /48 of IPv6
SIGN_UPS_PER_DAY = env.int("FARMHAND_SIGN_UPS_PER_DAY", 20, validate=Range(min=0))

# What one team may have at once, unless the operator gives it limits of its own (billing/limits.py).
TEAM_MAX_VMS = env.int("FARMHAND_TEAM_MAX_VMS", 100, validate=Range(min=0))
TEAM_MAX_PRICE = env.str("FARMHAND_TEAM_MAX_PRICE", "500", validate=tft)  # TFT an hour, of all its VMs
TEAM_MAX_JOB_MINUTES = env.int("FARMHAND_TEAM_MAX_JOB_MINUTES", 1440, validate=Range(min=1))

REAL = ("main", "test", "qa", "dev")  # whose TFT is money
GRIDS = ("auto", "simulated", "local", *REAL)
GRID = env.str("FARMHAND_GRID", "auto", validate=OneOf(GRIDS))
# TFT that a confirmed person's first team starts with; with 0 the operator is asked
GRANT = env.str("FARMHAND_GRANT", "0" if GRID in REAL else "100", validate=tft)
# TFT that a wallet may go below zero before its VMs end
OVERDRAFT = env.str("FARMHAND_OVERDRAFT", "0" if GRID in REAL else "10", validate=tft)
# percent of the chain's discount that teams get, and what the operator adds to the list price
DISCOUNT_TO_TEAM = env.int("FARMHAND_DISCOUNT_TO_TEAM", 100, validate=Range(0, 100))
MARGIN = env.int("FARMHAND_MARGIN", 0, validate=Range(0, 1000))
# TFT that the chain may take for a withdrawal, how long any owner can stop one, and how long a person can ask for none
# after they changed how they sign in or became an owner
WITHDRAWAL_FEE = env.str("FARMHAND_WITHDRAWAL_FEE", "0.01", validate=tft)
WITHDRAWAL_DELAY_MINUTES = env.int(
    "FARMHAND_WITHDRAWAL_DELAY_MINUTES", 1440 if GRID in REAL else 2, validate=Range(min=0)
)
WITHDRAWAL_PAUSE_HOURS = env.int(
    "FARMHAND_WITHDRAWAL_PAUSE_HOURS", 24 if GRID in REAL else 0, validate=Range(min=0)
)
GRID_URL = env.str("FARMHAND_GRID_URL", "")  # the simulated grid's, or the local one's
# ThreeFold's bridge, as Stellar knows it: teams pay in there by a memo
BRIDGE = env.str("FARMHAND_BRIDGE", "", validate=stellar)
FLIST = env.str("FARMHAND_FLIST", "")  # the image of VMs on ThreeFold; without one we only look
TFCMD = env.str("FARMHAND_TFCMD", "")  # the program that deploys there; else by PATH
TFROBOT = env.str("FARMHAND_TFROBOT", "")  # the same for many VMs at once
HOST_FOR_VMS = env.str("FARMHAND_HOST_FOR_VMS", "")  # this computer, as they call it
ENGINES = env.str("FARMHAND_ENGINES", "")  # programs of VMs that are this computer's
APPS = env.str("FARMHAND_APPS", "")  # apps beside those of the catalogue, a folder each
GRID_TOKEN = env.str("FARMHAND_GRID_TOKEN", "")
UNSAFE_LOCAL_JOBS = env.bool("FARMHAND_UNSAFE_LOCAL_JOBS", False)  # jobs of real forges on the simulated grid
ALLOW_PRIVATE_FORGES = env.bool("FARMHAND_ALLOW_PRIVATE_FORGES", False)
CONNECTIONS_PER_TEAM = env.int(
    "FARMHAND_CONNECTIONS_PER_TEAM", 50, validate=Range(min=1)
)  # organisations that a team may link
SCALE_SETS = env.bool("FARMHAND_SCALE_SETS", False)  # hear of GitHub's jobs by scale sets too
ALLOWED_FORGE_ORIGINS: list[str] = env.list(
    "FARMHAND_ALLOWED_FORGE_ORIGINS", []
)  # exact ones, allowed though private
# Its address, where `make run` started one.
PRACTICE_FORGE = env.str("FARMHAND_PRACTICE_FORGE", "").rstrip("/")
OPERATOR = env.str("FARMHAND_OPERATOR", "").replace(r"\n", "\n")  # name and address, for statements
MINUTE_PRICES = env.str("FARMHAND_MINUTE_PRICES", "", validate=price_file)  # others' list prices, as a file
LEGAL = env.str("FARMHAND_LEGAL", "")  # a folder with terms.md and privacy.md, for /terms/ and /privacy/

GITHUB_SIGN_IN: list[str] = env.list(
    "FARMHAND_GITHUB_SIGN_IN", [], delimiter=":", validate=id_and_secret
)  # client id:secret of an OAuth app
GITEA_SIGN_IN: list[str] = env.list("FARMHAND_GITEA_SIGN_IN", [], delimiter=":", validate=id_and_secret)
GITEA_SIGN_IN_URL = env.str("FARMHAND_GITEA_SIGN_IN_URL", "https://gitea.com").rstrip("/")

EMAIL_HOST = env.str("FARMHAND_SMTP_HOST", "")  # without one, mail is printed
EMAIL_PORT = env.int("FARMHAND_SMTP_PORT", 587, validate=Range(1, 65535))
EMAIL_HOST_USER = env.str("FARMHAND_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.str("FARMHAND_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.bool("FARMHAND_SMTP_TLS", True)
DEFAULT_FROM_EMAIL = env.str("FARMHAND_MAIL_FROM", f"{NAME} <farmhand@localhost>")

LOG_LEVEL = env.log_level("FARMHAND_LOG_LEVEL", logging.INFO)
LOG_JSON = env.bool("FARMHAND_LOG_JSON", False)

sealed(env)
URL = URL.rstrip("/")
AGENT_URL = AGENT_URL.rstrip("/") or URL

# --- Addresses ----------------------------------------------------------------------------------------------

LOOPBACK = ["127.0.0.1", "localhost"]
ALLOWED_HOSTS = [urlsplit(address).hostname for address in (URL, AGENT_URL)]
if set(ALLOWED_HOSTS) & set(LOOPBACK):
    ALLOWED_HOSTS += LOOPBACK
HTTPS = URL.startswith("https:")
CSRF_TRUSTED_ORIGINS = [URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # Caddy sets it, and no one else can reach us
ROOT_URLCONF = "tfci.urls"
WSGI_APPLICATION = "tfci.wsgi.application"
ASGI_APPLICATION = "tfci.asgi.application"

# --- Apps and middleware ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "runners",
    "billing",
    "tfci.forges",
    "tfci.grid",
    "tfci.accounts",
    "tfci",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_structlog",
    "template_partials",
]
MIDDLEWARE = [
    "tfci.core.requests.refuse_null_characters",
    "runners.web.webhooks.before_pages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "tfci.accounts.tenancy.PrivatePages",
    "tfci.accounts.tenancy.TeamMiddleware",
    "tfci.accounts.second_factor.TeamNeedsTwoFactors",
    "tfci.accounts.zones.ReaderTimeZone",
    "tfci.accounts.sign_ins.NoteLastSeen",
]
if PROCESS == "agents":
    # Most middleware is synchronous, and would hold a thread for every VM that waits.
    ROOT_URLCONF = "tfci.urls_agents"
    MIDDLEWARE = ["django_structlog.middlewares.RequestMiddleware"]
    INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith("allauth")]  # it insists on its own
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]  # docs/decisions/translation.md
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- The database: a connection per thread, but an event loop shares a small pool ---------------------------

conninfo = conninfo_to_dict(DATABASE_URL)
POOLED = PROCESS == "agents"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": conninfo.pop("dbname"),
        "USER": conninfo.pop("user", ""),
        "PASSWORD": conninfo.pop("password", ""),
        "HOST": conninfo.pop("host", ""),
        "PORT": conninfo.pop("port", ""),
        "CONN_MAX_AGE": 0 if POOLED else None,
        "CONN_HEALTH_CHECKS": not POOLED,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": f"farmhand-{PROCESS}",
            **conninfo,
            **({"pool": {"min_size": 1, "max_size": 4, "timeout": 5}} if POOLED else {}),
        },
    }
}

# --- The shared cache: rate limits and nudges. Its timeouts bound what a frozen Valkey can hold up ----------

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
    }
}

# --- People: the email address is the login, codes confirm it ----------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tfci.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # a second factor is still asked for
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # a stolen session changes neither the address nor a forge's sign-in
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of each change to how somebody signs in
ACCOUNT_FORMS = {"signup": "tfci.accounts.sign_up.SignUpForm"}
ACCOUNT_RATE_LIMITS = {  # beside allauth's own
    "invite": "20/h/user",
    "found_team": "10/h/user",
    "sign_up_range": f"{SIGN_UPS_PER_DAY}/d/key",  # tfci/accounts/sign_up.py
    "login_failed_anywhere": "1000/h/key",  # tfci/accounts/adapter.py
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = NAME
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False  # tfci/accounts/sign_ins.py does it cheaper
SOCIALACCOUNT_ADAPTER = "tfci.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {}
SIGN_IN_ORIGINS = []  # where the browser is sent, when a code host is configured for sign-in
if GITHUB_SIGN_IN:
    INSTALLED_APPS.append("allauth.socialaccount.providers.github")
    SIGN_IN_ORIGINS.append("https://github.com")
    SOCIALACCOUNT_PROVIDERS["github"] = {
        "APPS": [dict(zip(("client_id", "secret"), GITHUB_SIGN_IN, strict=True))],
        "SCOPE": ["user:email"],
    }
if GITEA_SIGN_IN:
    INSTALLED_APPS.append("allauth.socialaccount.providers.gitea")
    sign_in = urlsplit(GITEA_SIGN_IN_URL)
    SIGN_IN_ORIGINS.append(
        f"{sign_in.scheme}://{sign_in.netloc}"
    )  # with a path it would allow that page alone
    SOCIALACCOUNT_PROVIDERS["gitea"] = {
        "APPS": [dict(zip(("client_id", "secret"), GITEA_SIGN_IN, strict=True))],
        "GITEA_URL": GITEA_SIGN_IN_URL,
    }

# --- What a browser may do ----------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "farmhand_session", "farmhand_csrf"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *SIGN_IN_ORIGINS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Pages --------------------------------------------------------------------------------------------------

TEMPLATE_LOADERS = ["tfci.core.template_loader.Loader", "django.template.loaders.app_directories.Loader"]
CACHED_LOADER = ("django.template.loaders.cached.Loader", TEMPLATE_LOADERS)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", [CACHED_LOADER])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tfci.pages.context.everywhere",
                "tfci.accounts.navigation.shell",
                "runners.web.views.spend.in_sidebar",
            ],
        },
    }
]
# the colours of static/css/tokens.css
MESSAGE_TAGS = {messages.ERROR: "failure", messages.WARNING: "queued", messages.INFO: "running"}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = STATIC_COLLECTED or None
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
STATIC_STORAGE = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if STATIC_COLLECTED
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nobody uploads a file
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # a pool's form may have 1,000 nodes ticked
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Mail ---------------------------------------------------------------------------------------------------

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_TIMEOUT = 10

# --- Logs ---------------------------------------------------------------------------------------------------

SECRETS = [
    SECRET_KEY,
    *KEYS,
    str(DATABASES["default"]["PASSWORD"]),
    urlsplit(VALKEY).password or "",
    GRID_TOKEN,
    EMAIL_HOST_PASSWORD,
    *GITHUB_SIGN_IN[1:],
    *GITEA_SIGN_IN[1:],
]
LOGGING = configure(LOG_LEVEL, LOG_JSON, SECRETS)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
