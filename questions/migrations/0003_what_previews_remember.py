from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("questions", "0002_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="preview",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="previewentry",
            name="figures",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="previewentry",
            name="key_changed",
            field=models.BooleanField(default=False, help_text="Other options are correct than in the bank."),
        ),
        migrations.AddField(
            model_name="previewentry",
            name="reported",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="previewentry",
            name="task_statement",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="previewentry",
            name="testing_point_key",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
