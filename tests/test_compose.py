"""docker-compose.yml and Dockerfile without Docker: shape, references, and nobody's root."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
DOCS = (ROOT / "docs" / "every-night.md").read_text("utf-8")

of_each_service = pytest.mark.parametrize("name", SERVICES)


def test_the_file_is_what_compose_expects() -> None:
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    ran = subprocess.run(
        [sys.executable, *command, str(ROOT / "docker-compose.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


@of_each_service
def test_what_a_service_waits_for_exists_and_can_be_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


@of_each_service
def test_what_a_service_names_is_declared(name: str) -> None:
    service = SERVICES[name]
    assert {_source(secret) for secret in service["secrets"]} <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    for volume in service.get("volumes", []):
        source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
        made_by_the_user = source.startswith("${NIGHTPORTER_")
        assert made_by_the_user or source in COMPOSE["volumes"] or (ROOT / source).is_file(), source


def test_the_worker_sees_every_folder_of_the_site_that_a_night_reads() -> None:
    for name, folders in {
        "worker": {"context", "detectors", "exceptions", "presets"},
        "deploy": {"presets"},  # it reads nightporter.toml, which may name one of them
    }.items():
        binds = [each for each in SERVICES[name]["volumes"] if isinstance(each, dict)]
        seen = {each["target"] for each in binds if "SITE" in each["source"] and each["read_only"]}
        assert {f"/workspace/{folder}" for folder in folders} <= seen


def _source(secret: str | dict[str, str]) -> str:
    return secret["source"] if isinstance(secret, dict) else secret


@of_each_service
def test_nobody_is_root_and_nothing_can_be_written_but_what_is_named(name: str) -> None:
    service = SERVICES[name]
    user, group = (int(part) for part in service["user"].split(":"))
    assert user > 0 and group > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@of_each_service
def test_every_service_has_limits_and_says_when_it_starts_again(name: str) -> None:
    assert {"mem_limit", "cpus", "pids_limit", "restart"} <= set(SERVICES[name])


@of_each_service
def test_ports_are_open_to_this_machine_alone(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert str(port).startswith("127.0.0.1:")
    assert SERVICES["prefect"]["ports"]


def test_logs_and_settings_are_read_only() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            if isinstance(volume, dict):
                assert volume["read_only"] is True
                assert volume["bind"]["create_host_path"] is False
    targets = {v["target"] for v in SERVICES["worker"]["volumes"] if isinstance(v, dict)}
    assert {"/workspace/logs", "/workspace/nightporter.toml", "/workspace/context"} <= targets


def test_no_password_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service["environment"].items():
            assert key.endswith("_FILE") or not re.search("PASSWORD|AUTH", key), (key, value)


def test_the_user_is_told_of_every_secret_and_every_variable() -> None:
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"
        assert f"secrets/{name}" in DOCS
    for variable in set(re.findall(r"\$\{(NIGHTPORTER_\w+)", json.dumps(COMPOSE))):
        assert f"`{variable}`" in DOCS, variable


def test_one_prefect_everywhere() -> None:
    locked = {
        found
        for lock in ("requirements.lock", "requirements-dev.lock")
        for found in re.findall(r"^prefect==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    }
    assert {
        re.fullmatch(r"prefecthq/prefect:(\S+)-python3\.11", SERVICES["prefect"]["image"])[1]
    } == locked


def test_what_is_tested_is_what_the_image_installs() -> None:
    """Every pin of the image's lock is a pin of the tests' lock."""
    pins = {
        lock: set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    }
    assert pins["requirements.lock"]
    assert pins["requirements.lock"] - pins["requirements-dev.lock"] == set()


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert "requirements.lock" in names
    for name in names:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name


def test_the_image_runs_as_the_user_that_the_services_name() -> None:
    (user,) = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert {SERVICES[name]["user"] for name in ("deploy", "worker", "prefect")} == {user}
    for name in ("deploy", "worker"):
        script = SERVICES[name]["entrypoint"][1].removeprefix("/opt/nightporter/")
        assert (ROOT / script).is_file()
    assert (ROOT / SERVICES["deploy"]["command"][1]).is_file()


def test_a_command_gets_each_secret_as_a_variable(tmp_path: Path) -> None:
    """The script as it is, but for where secrets lie."""
    secret = tmp_path / "PREFECT_API_AUTH_STRING"
    secret.write_text("admin:a b$c'd\n")
    script = (ROOT / "flows" / "with_secrets.sh").read_text("utf-8")
    moved = tmp_path / "moved.sh"
    moved.write_text(script.replace("/run/secrets", str(tmp_path)))
    told = ["sh", "-c", 'printf "%s" "$PREFECT_API_AUTH_STRING"']
    ran = subprocess.run(["sh", str(moved), *told], capture_output=True, text=True, check=True)
    assert ran.stdout == "admin:a b$c'd"
    secret.unlink()
    ran = subprocess.run(["sh", str(moved), *told], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "cannot be read" in ran.stderr
