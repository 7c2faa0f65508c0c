"""The clinic's own tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(unique=True)),
                ("title", models.CharField(max_length=200)),
            ],
            options={
                "verbose_name_plural": "studies",
            },
        ),
        migrations.CreateModel(
            name="Coordinator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("coordinator", "Coordinator"),
                            ("site_lead", "Site lead"),
                            ("investigator", "Investigator"),
                        ],
                        default="coordinator",
                        max_length=20,
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Enquiry",
            fields=[
                ("lead_id", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("status", models.CharField(max_length=60)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="recruiting.coordinator"
                    ),
                ),
                ("study", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="recruiting.study")),
            ],
            options={
                "verbose_name_plural": "enquiries",
                "ordering": ["-changed_at", "lead_id"],
            },
        ),
    ]
