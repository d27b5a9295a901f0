"""Settings of the one site. Everything a host may want to change comes from the environment.

`KUBARIUM_DATA` the data folder · `KUBARIUM_SECRET_KEY` · `KUBARIUM_DEBUG` · `KUBARIUM_HOSTS` host
names served (default: any, as a laptop's or a classroom's address is not known beforehand) ·
`KUBARIUM_ORIGINS` trusted https origins behind a proxy · `DATABASE_URL` · `REDIS_URL`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labsite import environment
from labsite.databases import databases

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = environment.data_folder(BASE_DIR)
SECRET_KEY = environment.secret_key(DATA)
DEBUG = environment.flag("KUBARIUM_DEBUG")
ALLOWED_HOSTS = environment.words("KUBARIUM_HOSTS", "*")
CSRF_TRUSTED_ORIGINS = environment.words("KUBARIUM_ORIGINS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("KUBARIUM_BEHIND_PROXY") else None

INSTALLED_APPS = ["cluster", "lessons", "channels", "django_htmx", "django.contrib.staticfiles"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "labsite.security.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cluster.web.users.VisitorMiddleware",
]

ROOT_URLCONF = "labsite.urls"
ASGI_APPLICATION = "labsite.asgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "labsite.security.nonce",
            ]
        },
    }
]

DATABASES = databases(environment.text("DATABASE_URL"), DATA)


def _channel_layer(url: str) -> dict[str, Any]:
    if not url:
        # Wake-ups only, but a busy lab sends many between two turns of the loop.
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
    # redis-py's default socket timeout would end idle consumers.
    hosts = [{"address": url, "socket_timeout": None}]
    return {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": hosts, "capacity": 10_000}}


CHANNEL_LAYERS = {"default": _channel_layer(environment.text("REDIS_URL"))}

# Shown every lab after each slice of its worker; see cluster.persistence.worker_loop.
LAB_OBSERVERS = ["lessons.progress.observer.observe"]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "labsite" / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]  # the folder is not there before the first build
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/.*-[A-Z0-9]{8}\.\w+$"  # esbuild's hashed names
WHITENOISE_AUTOREFRESH = DEBUG

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        # What a stranger asked for is answered, and is no news of this server.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "django.request": {"level": "ERROR"},
    },
    "root": {"handlers": ["stderr"], "level": environment.text("KUBARIUM_LOG", "WARNING")},
}
