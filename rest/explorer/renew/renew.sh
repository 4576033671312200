#!/bin/sh
# Renews rest/explorer/assets/graphiql from the npm packages whose versions stand in package.json beside this script.
# Needs Node and npm. To take newer versions, change package.json first, then look at the page.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$work/"
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)
node "$here/renew.mjs" "$work/node_modules" "$here/../assets/graphiql"
