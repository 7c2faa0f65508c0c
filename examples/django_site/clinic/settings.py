"""Settings of the example: one database, the admin, and this app.

CLINIC_DB is the path of the SQLite file. CLINIC_POSTGRES, a connection string of libpq, puts all of it into PostgreSQL.
CLINIC_VAULT is a file of its own for names and numbers; without it the vault lies in the same database.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
# Without a key of its own each start draws one, and everybody logs in again.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CLINIC_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "recruiting",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic.policy.PagePolicy",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database() -> dict[str, object]:
    if said := os.environ.get("CLINIC_POSTGRES"):
        from psycopg.conninfo import conninfo_to_dict

        words = conninfo_to_dict(said)
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        return {"ENGINE": "django.db.backends.postgresql", **{name: words.get(n, "") for name, n in names.items()}}
    # IMMEDIATE: a transaction that will write waits for its turn at its start, where waiting is still possible.
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20}
    path = os.environ.get("CLINIC_DB", BASE_DIR / "clinic.sqlite3")
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TRIALFLOW_VAULT = os.environ.get("CLINIC_VAULT", "")

TIME_ZONE = "America/Chicago"
USE_TZ = True
LANGUAGE_CODE = "en-us"
STATIC_URL = "static/"
LOGIN_URL = "admin:login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
