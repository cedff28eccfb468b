#!/bin/bash
# Records what a real Ghost (5.130) says over its Content API, and what the pages of the site tell machines:
#     tests/data/sources/ghost/record.sh          writes recorded.json beside this file
# Ghost and MariaDB go to a temporary folder; needs npm, Node 18 to 22, apt, dpkg and python3, on Debian; takes minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
port=2368
trap 'kill $(cat "$work"/*.pid 2>/dev/null) 2>/dev/null || true; sleep 2; rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial" "$work/db" "$work/ghost"
apt-get install -y --no-install-recommends --download-only -o Dir::Cache::archives="$work/debs" mariadb-server >/dev/null
root=$work/root
for package in "$work"/debs/*.deb; do dpkg -x "$package" "$root"; done
export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu
database="--no-defaults --datadir=$work/db --basedir=$root/usr --lc-messages-dir=$root/usr/share/mysql --user=$(id -un)"
"$root/usr/bin/mariadb-install-db" $database --auth-root-authentication-method=normal >/dev/null 2>&1
"$root/usr/sbin/mariadbd" $database --socket="$work/db.sock" --skip-networking >/dev/null 2>&1 &
echo $! >"$work/db.pid"
until "$root/usr/bin/mariadb" --no-defaults -S "$work/db.sock" -u root -e 'create database ghost' 2>/dev/null; do sleep 1; done
unset LD_LIBRARY_PATH

cd "$work/ghost"
npm pack ghost@5.130.5 --silent >/dev/null
tar xzf ghost-*.tgz --strip-components=1
# What only its makers need comes from elsewhere than the registry.
node -e "const p = require('./package.json'); for (const k of ['devDependencies', 'optionalDependencies', 'scripts']) delete p[k];
    require('fs').writeFileSync('package.json', JSON.stringify(p))"
npm install --omit=dev --ignore-scripts --no-audit --no-fund --legacy-peer-deps --loglevel=error
cat >config.development.json <<END
{"url": "http://127.0.0.1:$port", "server": {"host": "127.0.0.1", "port": $port},
 "database": {"client": "mysql", "connection": {"socketPath": "$work/db.sock", "user": "root", "database": "ghost"}},
 "paths": {"contentPath": "$work/ghost/content/"}, "security": {"staffDeviceVerification": false},
 "privacy": {"useUpdateCheck": false, "useGravatar": false}, "logging": {"transports": ["stdout"]}, "process": "local"}
END
NODE_ENV=development node index.js >"$work/ghost.log" 2>&1 &
echo $! >"$work/ghost.pid"
until grep -qs "Ghost booted" "$work/ghost.log"; do sleep 1; done
python3 "$here/fill.py" "http://127.0.0.1:$port" "$here/recorded.json"
