"""What stands in deploy/ fits the code and itself: neither containers nor units are run by a test."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

import run as command

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def test_an_image_holds_what_the_product_is_and_nothing_else() -> None:
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text().split("\n") if line[:1] != "#"]
    allowed = {line[1:] for line in rest if line.startswith("!")}
    with (ROOT / "pyproject.toml").open("rb") as file:
        packages = tomllib.load(file)["tool"]["importlinter"]["root_packages"]
    templates: Any = settings.TEMPLATES
    folders = [*settings.STATICFILES_DIRS, *templates[0]["DIRS"]]
    read = {Path(folder).relative_to(ROOT).as_posix() for folder in folders}
    assert (first, allowed) == ("*", {*packages, *read, "fixtures", "manage.py", "requirements.txt"})


def test_unit_and_image_start_the_server_as_the_one_command_does() -> None:
    wanted = command.server_command("HOST", 8000)[1:]
    unit = re.search(r"^ExecStart=\S+ (.*)$", (DEPLOY / "exam-sim.service").read_text(), re.MULTILINE)
    image = re.search(r"^CMD (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert unit
    assert image
    assert unit[1].replace("127.0.0.1", "HOST").split() == wanted
    assert [word.replace("0.0.0.0", "HOST") for word in json.loads(image[1])[1:]] == wanted  # noqa: S104


def test_containers_get_every_setting_of_the_file_and_those_that_must_be_set() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("prepare", "server", "sweeper"):
        service = services[name]
        assert service["env_file"] == "../exam-sim.env"
        assert {"HTTPS", "TRUSTED_PROXIES", "EMAIL_URL"} <= service["environment"].keys()
