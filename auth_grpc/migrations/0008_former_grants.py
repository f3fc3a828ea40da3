"""Remember what earlier versions gave to roles, so that what they give no more is withdrawn.

They gave actions on every model of an app, the pipeline's own tables among them. Whether somebody
had also given the same right by hand cannot be told: it is withdrawn too, this once.
"""

from typing import Any

from django.db import migrations

FORMERLY = {
    "kitchen": {"kitchen": ("view",)},
    "dispatch": {"delivery": ("view",)},
    "manager": {
        "orders": ("view", "add", "change"),
        "kitchen": ("view", "add", "change"),
        "delivery": ("view", "add", "change"),
        "auth_grpc": ("view",),
    },
    "support": {"orders": ("view",), "kitchen": ("view",), "delivery": ("view",)},
}


def remember(apps: Any, editor: Any) -> None:
    alias = editor.connection.alias
    group_model, grants = apps.get_model("auth", "Group"), apps.get_model("auth_grpc", "RoleGrant")
    for group in group_model.objects.using(alias).filter(name__in=FORMERLY):
        for app, actions in FORMERLY[group.name].items():
            held = group.permissions.using(alias).filter(content_type__app_label=app)
            grants.objects.using(alias).bulk_create(
                grants(group=group, permission=one)
                for one in held
                if one.codename.partition("_")[0] in actions
            )


class Migration(migrations.Migration):
    dependencies = [
        ("auth_grpc", "0007_customers_and_grants"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
