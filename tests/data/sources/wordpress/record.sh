#!/bin/bash
# Records what a real WordPress (the one of Debian) says over its REST API, and what it shows itself:
#     tests/data/sources/wordpress/record.sh          writes recorded.json beside this file
# PHP, MariaDB and WordPress go to a temporary folder and are only unpacked; needs apt, dpkg and python3, on Debian.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
address=http://127.0.0.1:8765
trap 'kill $(cat "$work"/*.pid 2>/dev/null) 2>/dev/null || true; sleep 1; rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial" "$work/db"
apt-get install -y --no-install-recommends --download-only -o Dir::Cache::archives="$work/debs" \
    php8.2-cli php8.2-mysql php8.2-xml php8.2-mbstring mariadb-server wordpress >/dev/null
root=$work/root
for package in "$work"/debs/*.deb; do dpkg -x "$package" "$root"; done
export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu
export WORDPRESS=$work/wordpress

cp -r "$root/usr/share/wordpress" "$WORDPRESS"
find "$WORDPRESS" -type l | while read -r link; do # those that lead to other packages of Debian
    target=$(readlink "$link")
    case $target in /*) rm "$link" && { [ ! -e "$root$target" ] || cp -r "$root$target" "$link"; } ;; esac
done
cat >"$WORDPRESS/wp-config.php" <<END
<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:$work/db.sock'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as \$name) { define(\$name . '_KEY', \$name); define(\$name . '_SALT', \$name); }
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
END
cat >"$work/router.php" <<'END'
<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && is_file(getenv('WORDPRESS') . $path)) return false;
require getenv('WORDPRESS') . '/index.php';
END
php=("$root/usr/bin/php8.2" -n -d extension_dir="$(echo "$root"/usr/lib/php/20*)" -d extension=mysqlnd -d extension=mysqli
    -d extension=mbstring -d extension=tokenizer -d extension=xml -d extension=ctype -d extension=iconv)

database="--no-defaults --datadir=$work/db --basedir=$root/usr --lc-messages-dir=$root/usr/share/mysql --user=$(id -un)"
"$root/usr/bin/mariadb-install-db" $database --auth-root-authentication-method=normal >/dev/null 2>&1
"$root/usr/sbin/mariadbd" $database --socket="$work/db.sock" --skip-networking >/dev/null 2>&1 &
echo $! >"$work/db.pid"
until "$root/usr/bin/mariadb" --no-defaults -S "$work/db.sock" -u root -e 'create database wordpress' 2>/dev/null; do sleep 1; done
"${php[@]}" "$here/site.php" install $address
"${php[@]}" "$here/site.php" fill $address
"${php[@]}" "$here/site.php" show $address >"$work/shown.json"
"${php[@]}" -S "${address#http://}" -t "$WORDPRESS" "$work/router.php" >/dev/null 2>&1 &
echo $! >"$work/php.pid"
sleep 2
python3 - "$address" "$work/shown.json" "$here/recorded.json" <<'END'
import json, sys, urllib.request

address, shown, target = sys.argv[1:]
def ask(path):
    with urllib.request.urlopen(address + path) as answer:
        return json.load(answer)
def slim(value):
    if isinstance(value, dict):  # links to the API itself and pictures of people are left out
        return {key: slim(each) for key, each in value.items() if key not in {"_links", "avatar_urls"}}
    return [slim(each) for each in value] if isinstance(value, list) else value
site = slim(ask("/wp-json/"))
recorded = {
    "site": {key: site[key] for key in ("name", "description", "url", "home", "gmt_offset", "timezone_string", "namespaces")},
    "posts": slim(ask("/wp-json/wp/v2/posts?per_page=100&_embed=author,wp:term,wp:featuredmedia")),
    "shown": json.load(open(shown)),
}
text = json.dumps(recorded, ensure_ascii=False, indent=1).replace(address, "https://blog.example")
open(target, "w").write(text + "\n")
END
