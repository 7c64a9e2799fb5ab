"""GitHub's Apps, where they are installed, and links that stand on an installation."""

import django.db.models.deletion
import tfci.forges.models.connection
import tfci.core.vault
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forges', '0005_runner_url'),
    ]

    operations = [
        migrations.AddField(
            model_name='linkedorg',
            name='told_of_end_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='GitHubApp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=300)),
                ('reach', models.CharField(choices=[('org', 'whole organisations'), ('repo', 'single repositories')], max_length=10)),
                ('app_id', models.BigIntegerField()),
                ('slug', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=200)),
                ('client_id', models.CharField(max_length=200)),
                ('client_secret', tfci.core.vault.SealedField()),
                ('webhook_secret', tfci.core.vault.SealedField()),
                ('pem', tfci.core.vault.SealedField()),
                ('address', models.CharField(default=tfci.forges.models.connection.unguessable, max_length=40, unique=True)),
                ('made_at', models.DateTimeField()),
                ('deliveries_read_at', models.DateTimeField(null=True)),
                ('trouble', models.TextField(blank=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('url', 'reach'), name='one_app_a_github_and_reach')],
            },
        ),
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('installation_id', models.BigIntegerField()),
                ('account', models.CharField(blank=True, max_length=200)),
                ('account_type', models.CharField(blank=True, max_length=20)),
                ('permissions', models.JSONField(default=dict)),
                ('suspended_at', models.DateTimeField(null=True)),
                ('gone_at', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('token', tfci.core.vault.SealedField(null=True)),
                ('token_ends_at', models.DateTimeField(null=True)),
                ('minted_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(db_index=True)),
                ('app', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='installations', to='forges.githubapp')),
            ],
        ),
        migrations.AddField(
            model_name='linkedorg',
            name='installation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links', to='forges.installation'),
        ),
        migrations.AddConstraint(
            model_name='installation',
            constraint=models.UniqueConstraint(fields=('app', 'installation_id'), name='one_row_an_installation'),
        ),
    ]
