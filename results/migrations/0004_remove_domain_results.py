from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("results", "0003_domains_stand_in_the_result")]

    operations = [migrations.DeleteModel(name="DomainResult")]
