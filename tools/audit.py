"""Secrets in the repository, and known weaknesses in what it is locked to.

    python tools/audit.py

The second needs the network, and pip-audit in a virtual environment of its own. Where they cannot be had, it says so
and is no failure: a build must not stand still because a list of weaknesses is out of reach.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / ".venv/audit"
PIP_AUDIT = "pip-audit~=2.10"
WITHIN_S = 90


def main() -> int:
    secrets = subprocess.run([sys.executable, ROOT / "tools/secret_scan.py"], check=False).returncode
    print("secrets: none" if not secrets else "secrets: see above; take them out, and make new ones")
    return 1 if weaknesses() or secrets else 0


def weaknesses() -> bool:
    """Whether a package in the lock has a known one."""
    try:
        said, error = asked()
        packages = json.loads(said)["dependencies"]
    except (OSError, subprocess.SubprocessError) as failure:
        print(f"weaknesses: NOT CHECKED, pip-audit cannot be had here ({type(failure).__name__})")
        return False
    except (ValueError, KeyError):
        print(f"weaknesses: NOT CHECKED, the list is out of reach ({(error.strip().splitlines() or ['?'])[-1][:160]})")
        return False
    return told(packages)


def asked() -> tuple[str, str]:
    """What pip-audit says of the lock: JSON, and words for people."""
    installed = TOOL / "bin/pip-audit"
    if not installed.exists():
        venv.create(TOOL, with_pip=True)
        run([str(TOOL / "bin/pip"), "install", "--quiet", PIP_AUDIT], check=True)
    lock = ["--requirement", str(ROOT / "requirements.lock"), "--require-hashes", "--disable-pip"]
    done = run([str(installed), *lock, "--format", "json", "--progress-spinner", "off"], check=False)
    return done.stdout, done.stderr


def told(packages: list[dict[str, Any]]) -> bool:
    """Say what is known of each. A package that the list does not know was skipped, and that is not "none found"."""
    checked = [each for each in packages if "skip_reason" not in each]
    weak = [each for each in checked if each.get("vulns")]
    for each in weak:
        ids = ", ".join(f"{found['id']} (mended in {', '.join(found['fix_versions'])})" for found in each["vulns"])
        print(f"{each['name']} {each['version']}: {ids}")
    skipped = len(packages) - len(checked)
    verdict = f"{len(weak)} packages have one" if weak else "none known" if checked else "NOT CHECKED"
    print(f"weaknesses: {verdict}; looked at {len(checked)} packages, the list did not know {skipped}")
    return bool(weak)


def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=check)


if __name__ == "__main__":
    sys.exit(main())
