"""Links keep the one spelling of their forge's address, by which they are compared (docs/decisions/one-spelling.md)."""

from django.db import migrations

from tfci.forges import addresses
from tfci.forges.errors import ForgeRefused


def respell(apps, schema_editor) -> None:
    """The oldest of several spellings of one address gets it; later ones stay as they are, and work as before."""
    links = apps.get_model("forges", "LinkedOrg").objects.filter(unlinked_at=None)
    for link in links.order_by("pk").only("forge", "url", "name"):
        try:
            url = addresses.address(link.url)
        except ForgeRefused:
            continue  # nothing was ever called there
        same = links.filter(forge=link.forge, url=url, name=link.name)
        if url != link.url and not same.exists():
            links.filter(pk=link.pk).update(url=url)


class Migration(migrations.Migration):
    dependencies = [("forges", "0011_silent_forges")]
    operations = [migrations.RunPython(respell, migrations.RunPython.noop)]
