"""What all settings share. Every value that differs by machine comes from the environment.

A secret may be given as ``NAME`` or as ``NAME_FILE``, the path of a file that holds it. None has a default.
"""

from pathlib import Path

from celery.schedules import crontab
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from .environment import OfficeEnv

BASE_DIR = Path(__file__).resolve().parents[2]
env = OfficeEnv()

SECRET_KEY = env.secret("SECRET_KEY")
FIELD_ENCRYPTION_KEY = env.fernet_keys("FIELD_ENCRYPTION_KEY")  # newest first; read at import: a change restarts all
SEARCH_INDEX_KEY = env.hex_key("SEARCH_INDEX_KEY")
AUDIT_KEY = env.hex_key("AUDIT_KEY")

DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=[])
SITE_URL = env.site("SITE_URL")  # what links in mails begin with

DATABASES = {"default": env.database("DATABASE_URL")}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
REDIS_URL = env.redis("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

FILES_FOLDER = env.folder("FILES_FOLDER")  # sealed files
SEALS_FOLDER = env.folder("SEALS_FOLDER")  # the trail's seals, outside the database; better on another machine

EMAIL_HOST = env.get_value("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, lowest=1, highest=65535)
EMAIL_HOST_USER = env.get_value("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DKIM_KEY = env.rsa_key("DKIM_KEY")  # where set, each mail is signed (RFC 6376)
DKIM_SELECTOR = env.get_value("DKIM_SELECTOR", default="office")  # its public half stands at <selector>._domainkey
EMAIL_BACKEND = "audit.mail.SigningBackend"
NOTICE_SENDERS = env.number("NOTICE_SENDERS", 4, lowest=1, highest=64)  # processes that send one campaign at a time
NOTICES_PER_SECOND = env.number("NOTICES_PER_SECOND", 0, lowest=0, highest=10_000)  # of all senders; 0: no limit
DEFAULT_FROM_EMAIL = env.get_value("DEFAULT_FROM_EMAIL", default="info@office-ant.co.jp")

BOUNCE_ADDRESS = env.address("BOUNCE_ADDRESS")  # where set, each notice has a return address of its own below it
BOUNCE_MAILBOX = env.mailbox("BOUNCE_MAILBOX")  # where reports of mails that came back are read from

ANALYTICS_ID = env.measurement_id("ANALYTICS_ID")  # of Google Analytics; without one nothing asks and nothing is loaded
ANALYTICS_ORIGIN = "https://www.googletagmanager.com"
ANALYTICS_SCRIPTS = ["https://*.googletagmanager.com"]
ANALYTICS_ENDPOINTS = [
    "https://*.google-analytics.com",
    "https://*.analytics.google.com",
    "https://*.googletagmanager.com",
]

INSTALLED_APPS = [
    "config.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "simple_history",
    "axes",
    "audit",
    "customers",
    "consent",
    "requests_desk",
    "config.apps.HouseConfig",
    "django_countries",  # last: its words must not stand before ours
]

MIDDLEWARE = [
    "audit.middleware.ReferenceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "audit.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "audit.middleware.LanguageMiddleware",
    "audit.middleware.ReadableAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "audit.middleware.SessionEndMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "consent.middleware.CookieChoiceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "requests_desk.middleware.ErasuresFirstMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "audit.views.page_facts",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

AUTH_USER_MODEL = "audit.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_TEMPLATE = "admin/office/locked_out.html"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

CSRF_FAILURE_VIEW = "audit.views.csrf_failure"
# Where limits per visitor find the network address: behind a proxy the header that it alone writes (HTTP_X_REAL_IP).
CLIENT_ADDRESS_HEADER = env("CLIENT_ADDRESS_HEADER", default="REMOTE_ADDR")

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]  # one way of writing dates in each language

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_HANDLERS = [  # small ones in memory, large ones sealed: none lies readable on the disk
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "customers.services.uploads.SealedUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
PERMISSIONS_POLICY = {name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")}

# Redis carries hints, the database is the truth: a hint that is lost, doubled or late does no harm.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
    "health_check_interval": 10,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away is waited for, however long
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60  # a pool process may start slowly on a busy machine
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "link the trail": {"task": "audit.sequence", "schedule": 5, "options": {"expires": 15}},
    "look for work": {"task": "audit.look_for_work", "schedule": 30, "options": {"expires": 60}},
    "pick up notices": {"task": "consent.pick_up_campaigns", "schedule": 30, "options": {"expires": 60}},
    "read bounces": {"task": "consent.read_bounces", "schedule": 60, "options": {"expires": 60}},
    "end exports": {"task": "consent.end_exports", "schedule": 60, "options": {"expires": 120}},
    "purge drafts": {"task": "requests_desk.purge_drafts", "schedule": crontab(minute=5)},
    "purge pictures": {"task": "requests_desk.purge_pictures", "schedule": crontab(hour=3, minute=10)},
    "purge answers": {"task": "requests_desk.purge_answers", "schedule": crontab(hour=3, minute=20)},
    "purge stopped imports": {"task": "customers.purge_stopped_imports", "schedule": crontab(hour=3, minute=30)},
    "let go what is past its time": {"task": "requests_desk.begin_retention", "schedule": crontab(hour=2, minute=30)},
    "complete erasures": {"task": "requests_desk.complete_erasures", "schedule": crontab(hour=4, minute=0)},
    "write erasures outside": {"task": "requests_desk.write_ledger", "schedule": 60, "options": {"expires": 120}},
    "sweep": {"task": "customers.sweep", "schedule": crontab(minute=25)},
    "tie events": {"task": "customers.adopt_events", "schedule": crontab(hour=3, minute=40)},
    "watch versions": {"task": "consent.watch_versions", "schedule": crontab(hour=8, minute=10)},
    "watch notices": {"task": "consent.watch_campaigns", "schedule": 300, "options": {"expires": 300}},
    "remind of checks": {"task": "consent.remind_of_checks", "schedule": crontab(hour=8, minute=0)},
    "mail a seal": {"task": "audit.mail_seal", "schedule": crontab(hour=7, minute=0)},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.formatter"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["lines"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.db.backends": {"level": "WARNING"},  # its debug lines hold values
        "axes": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
