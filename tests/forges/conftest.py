from tests.forges.app_world import apps, github  # noqa: F401
