"""Nobody is signed out: the sessions in Django's own table move to the one that knows whose."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import migrations
from django.utils import timezone


def copy(apps, schema_editor):
    theirs = apps.get_model("sessions", "Session")
    ours = apps.get_model("auth_grpc", "StaffSession")
    users = apps.get_model(settings.AUTH_USER_MODEL)
    known = set(users.objects.filter(is_staff=True).values_list("pk", flat=True))
    rows = theirs.objects.filter(expire_date__gt=timezone.now())
    ours.objects.bulk_create(
        (
            ours(
                session_key=row.session_key,
                session_data=row.session_data,
                expire_date=row.expire_date,
                user_id=user_id,
            )
            for row in rows.iterator()
            if (user_id := _user_id(users, row.session_data)) in known
        ),
        batch_size=500,
        ignore_conflicts=True,
    )


def _user_id(users, session_data):
    try:
        return users._meta.pk.to_python(SessionStore().decode(session_data).get(SESSION_KEY))
    except ValidationError:
        return None


class Migration(migrations.Migration):
    dependencies = [
        ("auth_grpc", "0003_second_factor_and_sessions"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
