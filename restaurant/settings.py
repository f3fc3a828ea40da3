"""Every setting of every process, in one place.

Nothing else in the project reads the environment. Each variable is named, with a safe default,
in `.env.example`. With nothing set, this is a development machine: SQLite files and embedded
servers under `var/`, everything on loopback. A value that is wrong ends the process at its start.
"""

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from restaurant import (
    databases,
    embedded,
    kafka_security,
    logs,
    mail,
    production,
    redis_urls,
    schedule,
)
from restaurant.environment import Environment, dotenv, formats
from restaurant.environment.formats import Rate

BASE_DIR = Path(__file__).resolve().parent.parent
# For those who ask what is set, and what could be.
ENVIRONMENT = env = Environment(os.environ, dotenv.read(BASE_DIR / ".env"))

# --- Which machine, which services ----------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=True)
# As the environment says, also in tests, which Django runs without DEBUG.
IS_PRODUCTION = not DEBUG
LOG_LEVEL = env.choice("LOG_LEVEL", default="INFO", of=["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING_CONFIG = None
# Before everything that may fail, so that it fails in the logs' form.
logs.configure(level=LOG_LEVEL, readable=DEBUG)
# Its core would write lines of its own form; what fails, calls raise as errors.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
DEFAULT_SECRET_KEY = "development-only-and-refused-outside-DEBUG"  # noqa: S105 - it is refused outside DEBUG
# Only who signs or encrypts needs one; the others' stays empty outside DEBUG.
SECRET_KEY = env.read(
    "SECRET_KEY",
    production.secret(DEFAULT_SECRET_KEY, debug=DEBUG),
    default=DEFAULT_SECRET_KEY if DEBUG else "",
    secret=True,
)
ALLOWED_HOSTS = env.strings(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"], each=production.host(debug=DEBUG)
)
CSRF_TRUSTED_ORIGINS = env.strings(
    "CSRF_TRUSTED_ORIGINS", default=[], each=formats.url(["https", "http"])
)
VAR_DIR = env.directory("VAR_DIR", default=BASE_DIR / "var")
HOST = env.string("HOST", default="127.0.0.1")
PORT = env.port("PORT", default=8000)
WEB_WORKERS = env.integer("WEB_WORKERS", default=2, least=1)
WEB_THREADS = env.integer("WEB_THREADS", default=24, least=1)
LIVE_HOST = env.string("LIVE_HOST", default=HOST)
LIVE_PORT = env.port("LIVE_PORT", default=8001)
# Where pages find the live streams; empty: at LIVE_PORT of their own host.
LIVE_URL = env.read("LIVE_URL", formats.PLACE, default="")
# Where this process answers /livez, /readyz and /metrics, as host:port; empty: nowhere.
MONITOR_LISTEN = env.read("MONITOR_LISTEN", formats.ADDRESS, default="")
# How long a process goes on after it was told to stop and says that it is not ready.
DRAIN_SECONDS = env.number("DRAIN_SECONDS", default=0.0, least=0)
# A loop that has not come around for so long, with all it needs there, is stuck: not live.
STUCK_SECONDS = env.number("STUCK_SECONDS", default=120.0, above=0)
# Whose URLs and admin pages this web process serves.
ALL_SERVICES = ["auth_grpc", "orders", "kitchen", "delivery"]
SERVICES = env.strings("SERVICES", default=ALL_SERVICES, each=formats.choice(ALL_SERVICES))
# Modules with a live channel, beside the services' own.
LIVE_CHANNELS = ["restaurant.staff.live"]
# How the live process knows who follows an order: a class as DRF's.
LIVE_AUTHENTICATION = "auth_grpc.authentication.AskingAuthentication"
# How many follow orders at once, by streams and by long waits, of a live process and of a user.
LIVE_FOLLOWERS = env.integer("LIVE_FOLLOWERS", default=1000, least=1, most=30_000)
LIVE_FOLLOWERS_PER_USER = env.integer("LIVE_FOLLOWERS_PER_USER", default=20, least=1)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "restaurant.staff.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "restaurant.apps.RestaurantConfig",
    "restaurant.messaging",
    "restaurant.staff.apps.StaffConfig",
    "restaurant.boards",
    "auth_grpc",
    "orders",
    "kitchen",
    "kitchen.board",
    "delivery",
    "delivery.board",
]

MIDDLEWARE = [
    "restaurant.logs.access.AccessLog",
    "restaurant.problems.middleware.ProblemMiddleware",
    "restaurant.conditional.Conditional",
    "django.middleware.security.SecurityMiddleware",
    "restaurant.csp.Policies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "restaurant.health.Probes",
    "restaurant.middleware.Sessions",
    "restaurant.middleware.Languages",
    "restaurant.middleware.Addresses",
    "restaurant.middleware.Forgery",
    "restaurant.middleware.Authentication",
    "restaurant.middleware.Messages",
    "restaurant.middleware.Frames",
    "auth_grpc.middleware.LoginRefusals",
]

ROOT_URLCONF = "restaurant.urls"
WSGI_APPLICATION = "restaurant.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "restaurant" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- HTTPS ----------------------------------------------------------------------------------------

# A proxy in front of the web process ends TLS, and says so in this header.
_proxy_header = env.read("SECURE_PROXY_SSL_HEADER", formats.HEADER, default="")
SECURE_PROXY_SSL_HEADER = (
    (f"HTTP_{_proxy_header.upper().replace('-', '_')}", "https") if _proxy_header else None
)
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=False)
if SECURE_SSL_REDIRECT:
    # Every request would be sent to where it came from.
    env.require_with(["SECURE_SSL_REDIRECT"], ["SECURE_PROXY_SSL_HEADER"])
# Asked by those who start and watch the process, past the proxy.
SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.boolean("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.boolean("SECURE_HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = env.choice(
    "SECURE_REFERRER_POLICY",
    default="same-origin",
    of=["same-origin", "strict-origin", "strict-origin-when-cross-origin", "no-referrer"],
)
# Whether browsers send our cookies by HTTPS alone.
SESSION_COOKIE_SECURE = env.boolean("SESSION_COOKIE_SECURE", default=not DEBUG)
CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE
# Ours are Django's own, passed by API clients (restaurant/middleware.py); it looks for the names.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]

# --- What pages may load and run ------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **{f"{kind}-src": [SELF] for kind in ("script", "style", "img", "font", "connect")},
        **{name: [NONE] for name in ("object-src", "base-uri", "frame-ancestors")},
        "form-action": [SELF],
    }
}
UNFOLD_NEEDS = {
    # Alpine evaluates the attributes of Unfold's pages, and sets their styles.
    "script-src": [UNSAFE_EVAL],
    "style-src-attr": [UNSAFE_INLINE],
    # Unfold's colours, and htmx's indicator.
    "style-src": [
        "'sha256-CftXQ/6rIQ3AMOrJUsQzoK+KGLgk4scJJlfXyvE/1mQ='",
        "'sha256-bsV5JivYxvGywDAZ22EZJKBFip65Ng9xoJVLbBg7bdo='",
    ],
}
# What libraries' pages need beyond that, by where they are; the boards below /admin/ do not.
CONTENT_SECURITY_POLICY_BELOW: dict[str, dict[str, list[str]]] = {
    "/admin/": UNFOLD_NEEDS,
    "/account/": UNFOLD_NEEDS,
    "/api/docs/": {"img-src": ["data:"]},
    # It writes its styles itself, and searches in a worker made of text.
    "/api/redoc/": {
        "img-src": ["data:"],
        "style-src-elem": [SELF, UNSAFE_INLINE],
        "worker-src": ["blob:"],
    },
}

# --- Data -----------------------------------------------------------------------------------------

# One database a service. Outside DEBUG a service without a URL has no database here, and its use
# is an error: a process holds the keys to its own service's data alone.
DATABASES = {
    alias: databases.configuration(
        env.read(variable, databases.URL, default="", secret=True),
        fallback=VAR_DIR / f"{alias if alias != 'default' else 'auth'}.sqlite3" if DEBUG else None,
    )
    for alias, variable in databases.URL_VARIABLES.items()
}
DATABASE_ROUTERS = ["restaurant.databases.ServiceRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# `manage.py up` writes down where its embedded servers listen, so that a command in another
# terminal finds them.
EMBEDDED = embedded.addresses(VAR_DIR) if DEBUG else {}
# The servers that nobody configured, which `up` therefore starts itself.
EMBEDDED_PARTS = [name for name in ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL") if not env.is_set(name)]
REDIS_URL = env.read(
    "REDIS_URL",
    redis_urls.URL,
    default=EMBEDDED.get("REDIS_URL", "redis://127.0.0.1:6379"),
    secret=True,
)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": redis_urls.numbered(REDIS_URL, 0),
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 0.25,
            "SOCKET_TIMEOUT": 0.5,
            "IGNORE_EXCEPTIONS": True,
        },
    }
}

# --- Messages -------------------------------------------------------------------------------------

KAFKA_BOOTSTRAP_SERVERS = env.read(
    "KAFKA_BOOTSTRAP_SERVERS",
    formats.SERVERS,
    default=EMBEDDED.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
)
# True when the broker is the embedded one, which forgets: `up` sets it for its children.
KAFKA_IS_EMBEDDED = env.boolean(
    "KAFKA_IS_EMBEDDED",
    default="KAFKA_BOOTSTRAP_SERVERS" in EMBEDDED_PARTS and "KAFKA_BOOTSTRAP_SERVERS" in EMBEDDED,
)
if KAFKA_IS_EMBEDDED and not DEBUG:
    env.refuse("KAFKA_IS_EMBEDDED is true; expected false, since that broker forgets what it has.")
KAFKA_SECURITY_PROTOCOL = env.choice(
    "KAFKA_SECURITY_PROTOCOL",
    default="PLAINTEXT",
    of=["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
)
KAFKA_SASL_MECHANISM = env.choice(
    "KAFKA_SASL_MECHANISM",
    default="SCRAM-SHA-512",
    of=["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"],
)
KAFKA_SASL_USERNAME = env.string("KAFKA_SASL_USERNAME", default="")
KAFKA_SASL_PASSWORD = env.string("KAFKA_SASL_PASSWORD", default="", secret=True)
# PEM files: the brokers' authority (this machine's own unless set), and this client's certificate.
KAFKA_CA = env.authorities("KAFKA_CA")
KAFKA_CERTIFICATE, KAFKA_PRIVATE_KEY = env.key_pair("KAFKA_CERTIFICATE", "KAFKA_PRIVATE_KEY")
kafka_security.require_consistent(env, KAFKA_SECURITY_PROTOCOL)
# What librdkafka's clients are made with, beside the brokers' addresses.
KAFKA_CONFIG = {
    **kafka_security.options(
        protocol=KAFKA_SECURITY_PROTOCOL,
        mechanism=KAFKA_SASL_MECHANISM,
        username=KAFKA_SASL_USERNAME,
        password=KAFKA_SASL_PASSWORD,
        authority=KAFKA_CA,
        certificate=KAFKA_CERTIFICATE,
        key=KAFKA_PRIVATE_KEY,
    ),
    **env.pairs("KAFKA_CONFIG", secret=True),
}
KAFKA_TOPIC_PARTITIONS = env.integer("KAFKA_TOPIC_PARTITIONS", default=12, least=1)
KAFKA_TOPIC_REPLICATION = env.integer("KAFKA_TOPIC_REPLICATION", default=1, least=1)
KAFKA_TOPIC_RETENTION = env.duration("KAFKA_TOPIC_RETENTION_HOURS", hours=24 * 7, least=1)
# Who reads topics; the embedded broker cannot list its groups.
CONSUMER_GROUPS = ["orders", "kitchen", "delivery"]
CONSUMER_BATCH_SIZE = env.integer("CONSUMER_BATCH_SIZE", default=500, least=1)
RELAY_BATCH_SIZE = env.integer("RELAY_BATCH_SIZE", default=2000, least=1)
# Whose outbox Debezium publishes, in the relay's place.
OUTBOX_CAPTURED = env.strings(
    "OUTBOX_CAPTURED", default=[], each=formats.choice(["orders", "kitchen", "delivery"])
)
OUTBOX_RETENTION = env.duration("OUTBOX_RETENTION_HOURS", hours=24)
# Inbox rows must outlive the topics: a replayed event without its row would take effect twice.
INBOX_RETENTION = max(
    env.duration("INBOX_RETENTION_HOURS", hours=24 * 14),
    KAFKA_TOPIC_RETENTION + timedelta(days=1),
)
# An order's page tells from which address it was placed: personal data, so not for ever.
CLIENT_ADDRESS_RETENTION = env.duration("CLIENT_ADDRESS_RETENTION_DAYS", days=30)

# --- The restaurant -------------------------------------------------------------------------------

CURRENCY = env.read("CURRENCY", formats.CURRENCY, default="EUR")
# Simulated cooking and travelling times are divided by this.
SIMULATION_SPEED = env.number("SIMULATION_SPEED", default=1.0, above=0)
DELIVERY_FAILURE_RATE = env.number("DELIVERY_FAILURE_RATE", default=0.0, least=0, most=1)
DELIVERY_PICKUP_SECONDS = env.integer("DELIVERY_PICKUP_SECONDS", default=120)
DELIVERY_TRAVEL_SECONDS = env.integer("DELIVERY_TRAVEL_SECONDS", default=900)
# An order that has not moved for this long (at speed 1) is stuck, and the watchdog says so.
WATCHDOG_OVERDUE = env.duration("WATCHDOG_OVERDUE_MINUTES", minutes=120, least=1)

# --- Accounts -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "auth_grpc.User"
AUTHENTICATION_BACKENDS = ["auth_grpc.backends.ThrottledBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
ACCESS_TOKEN_LIFETIME = env.duration("ACCESS_TOKEN_SECONDS", seconds=300, least=1)
REFRESH_TOKEN_LIFETIME = env.duration("REFRESH_TOKEN_DAYS", days=14, least=1)
# How long other processes believe what auth told of a token. A revoked one dies within 10 s: what
# is told may be 2 s old.
BELIEVED_SECONDS = 8.0
# Who signs tokens and for whom: their `iss` and `aud`.
TOKEN_ISSUER = env.string("TOKEN_ISSUER", default="restaurant")
# Old secrets that still open what was encrypted or signed under them.
SECRET_KEY_FALLBACKS = env.strings(
    "SECRET_KEY_FALLBACKS",
    default=[],
    each=production.secret(DEFAULT_SECRET_KEY, debug=DEBUG),
    secret=True,
)
# What `create_staff` gives where it can ask nobody.
STAFF_PASSWORD = env.string("STAFF_PASSWORD", default="", secret=True)
LOGIN_FAILURES_PER_ACCOUNT = env.integer("LOGIN_FAILURES_PER_ACCOUNT", default=10, least=1)
LOGIN_FAILURES_PER_ADDRESS = env.integer("LOGIN_FAILURES_PER_ADDRESS", default=100, least=1)
LOGIN_FAILURE_WINDOW = env.duration("LOGIN_FAILURE_WINDOW_SECONDS", seconds=300, least=1)
# An argon2 hash takes 100 MB: so many are made at once in a process, and so many may wait.
PASSWORD_HASHES_AT_ONCE = env.integer("PASSWORD_HASHES_AT_ONCE", default=2, least=1)
PASSWORD_HASHES_WAITING = env.integer("PASSWORD_HASHES_WAITING", default=24)
# Whether staff need a code of their telephone to log in: off, optional (who has set one up) or
# required (who has not is led to do so before anything opens).
STAFF_SECOND_FACTOR = env.choice(
    "STAFF_SECOND_FACTOR", default="off", of=["off", "optional", "required"]
)
CODE_FAILURES_PER_ACCOUNT = env.integer("CODE_FAILURES_PER_ACCOUNT", default=5, least=1)
# How long the link to a new password is good, in seconds for Django; and how many an hour may be
# asked for.
PASSWORD_RESET_TIMEOUT = 60 * env.integer("PASSWORD_LINK_MINUTES", default=60, least=1)
PASSWORD_LINKS_PER_ACCOUNT = env.integer("PASSWORD_LINKS_PER_ACCOUNT", default=3, least=1)
PASSWORD_LINKS_PER_ADDRESS = env.integer("PASSWORD_LINKS_PER_ADDRESS", default=20, least=1)
PASSWORD_LINK_WINDOW = timedelta(hours=1)
# Django's in the database, with whose they are.
SESSION_ENGINE = "auth_grpc.staff_sessions"
CSRF_FAILURE_VIEW = "restaurant.staff.refused.forged"

AUTH_GRPC_ADDRESS = env.read("AUTH_GRPC_ADDRESS", formats.ADDRESS, default="127.0.0.1:50051")
AUTH_GRPC_LISTEN = env.read("AUTH_GRPC_LISTEN", formats.ADDRESS, default=AUTH_GRPC_ADDRESS)
AUTH_GRPC_TIMEOUT = env.number("AUTH_GRPC_TIMEOUT", default=2.0, above=0)
# Logins take an argon2 hash each, so they get longer.
AUTH_GRPC_LOGIN_TIMEOUT = env.number("AUTH_GRPC_LOGIN_TIMEOUT", default=10.0, above=0)
AUTH_GRPC_THREADS = env.integer("AUTH_GRPC_THREADS", default=32, least=1)
# Paths of PEM files. The server speaks TLS when it has a certificate and a key, and demands its
# clients' certificates when it has their authority; the client speaks TLS when it has the server's
# authority, and shows a certificate of its own when it has one.
AUTH_GRPC_CERTIFICATE, AUTH_GRPC_PRIVATE_KEY = env.key_pair(
    "AUTH_GRPC_CERTIFICATE", "AUTH_GRPC_PRIVATE_KEY"
)
AUTH_GRPC_CLIENT_CA = env.authorities("AUTH_GRPC_CLIENT_CA")
AUTH_GRPC_CA = env.authorities("AUTH_GRPC_CA")
AUTH_GRPC_CLIENT_CERTIFICATE, AUTH_GRPC_CLIENT_KEY = env.key_pair(
    "AUTH_GRPC_CLIENT_CERTIFICATE", "AUTH_GRPC_CLIENT_KEY"
)
env.require_with(["AUTH_GRPC_CLIENT_CA"], ["AUTH_GRPC_CERTIFICATE"])
env.require_with(["AUTH_GRPC_CLIENT_CERTIFICATE"], ["AUTH_GRPC_CA"])

# --- HTTP API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "auth_grpc.authentication.TokenAuthentication",
        "auth_grpc.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "restaurant.browsable.renderer.ApiPages",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "restaurant.negotiation.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "restaurant.openapi.operations.Operation",
    "DEFAULT_PARSER_CLASSES": ["restaurant.bodies.parser.StrictJson"],
    "DEFAULT_THROTTLE_CLASSES": ["restaurant.limits.throttle.Throttle"],
    "VIEW_NAME_FUNCTION": "restaurant.browsable.titles.title_of",
    "EXCEPTION_HANDLER": "restaurant.limits.throttle.exception_handler",
    # How many proxies in front of this process add to X-Forwarded-For; 0: it is not believed.
    "NUM_PROXIES": env.integer("NUM_PROXIES", default=0),
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Restaurant",
    "DESCRIPTION": (BASE_DIR / "restaurant/openapi/introduction.md").read_text(),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": "/", "description": "The host that gives this document."}],
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "TAGS": [
        {"name": "root", "description": "Where to begin."},
        {"name": "auth", "description": "Accounts, sessions and their tokens."},
        {"name": "menu", "description": "What can be ordered."},
        {"name": "orders", "description": "Placing orders, following and cancelling them."},
        {"name": "kitchen", "description": "Tickets and stations, for the kitchen's devices."},
        {"name": "delivery", "description": "Deliveries and couriers, for dispatch and couriers."},
    ],
    # Labels are for people, and in their language.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Fields of the same name with other values.
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.models.Order.Status",
        "TicketStatus": "kitchen.models.Ticket.Status",
        "DeliveryStatus": "delivery.models.Delivery.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "restaurant.openapi.completing.complete",
        "restaurant.limits.schema.tell_limits",
    ],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
# How many requests a user, or an address without one, may send (restaurant/limits). They are meant
# to stop who floods the API, never a restaurant at its busiest.
LIMITS = env.boolean("LIMITS", default=True)
LIMIT_READING = env.rate("LIMIT_READING", default=Rate(6000, 60))
LIMIT_ORDERING = env.rate("LIMIT_ORDERING", default=Rate(600, 60))
LIMIT_DEVICES = env.rate("LIMIT_DEVICES", default=Rate(1200, 60))
LIMIT_LOGIN = env.rate("LIMIT_LOGIN", default=Rate(600, 60))
LIMIT_REGISTERING = env.rate("LIMIT_REGISTERING", default=Rate(300, 3600))
LIMIT_REFUSED = env.rate("LIMIT_REFUSED", default=Rate(600, 60))

# --- Side work ------------------------------------------------------------------------------------

CELERY_BROKER_URL = redis_urls.numbered(REDIS_URL, 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# The schedule can be seen and changed on the staff site; these are where it begins.
CELERY_BEAT_SCHEDULER = "restaurant.beat:Scheduler"
CELERY_BEAT_SCHEDULE = schedule.entries()

# --- Mail -----------------------------------------------------------------------------------------

MAIL = mail.configuration(
    env.read("EMAIL_URL", mail.URL, default="", secret=True),
    fallback=VAR_DIR / "mail" if DEBUG else None,
)
# Without a server, what would be mailed is refused, and says why.
MAIL_IS_CONFIGURED = bool(MAIL)
vars().update(MAIL)
DEFAULT_FROM_EMAIL = env.string("DEFAULT_FROM_EMAIL", default="restaurant@localhost")
# How links in mails begin: not by what a request says of its host, which can be forged.
OWN_URL = f"http://{HOST}:{PORT}"
PUBLIC_URL = env.url("PUBLIC_URL", default=OWN_URL, schemes=["https", "http"]).rstrip("/")
if MAIL_IS_CONFIGURED and PUBLIC_URL == OWN_URL and not DEBUG:
    env.refuse("PUBLIC_URL is this machine's own; expected where the links in mails lead people.")

# --- Languages, time, files -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
# One catalogue for all apps: `manage.py makemessages -l ru --no-location`, then `compilemessages`.
LOCALE_PATHS = [BASE_DIR / "restaurant" / "locale"]
TIME_ZONE = env.read("TIME_ZONE", formats.TIME_ZONE, default="UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=VAR_DIR / "static")
# The menu's pictures. Another host's URL when something else serves the files.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=VAR_DIR / "media")
MEDIA_URL = env.read("MEDIA_URL", formats.PLACE, default="/media/").rstrip("/") + "/"
if "://" in MEDIA_URL:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(MEDIA_URL)
UPLOAD_MOST_BYTES = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "restaurant.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
if DEBUG:
    # WhiteNoise warns of a missing directory, although it finds the files elsewhere then.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False

# --- Staff site -----------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": _("Restaurant"),
    "SITE_HEADER": _("Restaurant"),
    "SITE_SYMBOL": "restaurant",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "restaurant.staff.site.favicon"}
    ],
    "SITE_URL": reverse_lazy("docs"),
    "STYLES": ["restaurant.staff.site.styles"],
    "SCRIPTS": ["restaurant.staff.site.keys", "restaurant.staff.site.broken"],
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {"navigation": "auth_grpc.site.links.account"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "restaurant.staff.navigation.groups",
    },
}

env.require_valid(readable=DEBUG)
