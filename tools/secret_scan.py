"""Look for keys, tokens and passwords in the files of the repository. Offline, a second; also a test.

python tools/secret_scan.py
"""

import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".lock", ".jpg", ".png", ".webp", ".svg", ".graphql", ".gz"}  # hashes, pictures, a schema
SHAPES = {
    "a Shopify token or secret": re.compile(r"\bshp(?:at|ss|ca|pa|ua|rt)_[0-9a-f]{32}\b"),
    "an OpenAI key": re.compile(r"\bsk-(?:proj-)?[A-Za-z0-9_-]{32,}"),
    "a getimg key": re.compile(r"\b(?:sk|key)[-_][A-Za-z0-9]{32,}"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{30,}"),
    "an AWS key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}"),
    "a Fernet key": re.compile(r"(?<![A-Za-z0-9_+/=-])[A-Za-z0-9_-]{43}=(?![A-Za-z0-9=])"),
    "a session token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
}
ASSIGNED = re.compile(r"(?i)(?:secret|token|api_?key|password)\w*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/_=-]{24,})[\"']")
RANDOM_BITS = 4.0  # of entropy a character: words have less


def findings(text: str) -> list[str]:
    """What *text* seems to hold, without quoting it."""
    found = [name for name, shape in SHAPES.items() for match in shape.findall(text) if is_random(match)]
    found += ["a secret that is assigned" for value in ASSIGNED.findall(text) if entropy(value) > RANDOM_BITS]
    return found


def is_random(match: str) -> bool:
    """`shpss_aaaaaaaa` in a test is none."""
    return len(set(match)) > 8


def entropy(value: str) -> float:
    """Bits a character."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and Path(name).suffix not in SKIPPED]


def main() -> None:
    found = []
    for file in files():
        try:
            text = file.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found += [f"{file.relative_to(ROOT)}: {name}" for name in findings(text)]
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
