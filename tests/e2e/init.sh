#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# zonesh init, check and checkzone: each way to begin, and each mistake, which must change nothing.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
keygen alice ed25519
init() { "$ZONESH" init --dir "$dir" --ssh 127.0.0.1:0 --dns "127.0.0.1:$(free_port)" --http 127.0.0.1:0 "$@"; }
# refused WHAT STATUS CODE ARGUMENT...: init fails with that status and code, and leaves nothing.
refused() {
	local what=$1 want=$2 code=$3
	shift 3
	status "$what" "$want" init "$@"
	like "$what: one clear error" "$out" "^error: $code"
	ok "$what: nothing is left" test ! -e "$dir"
}

# An empty repository
status 'init' 0 init --name dns.example.org --admin alice@example.org --admin-key "$work/alice.pub"
like 'it says what it made' "$out" 'alice'
like 'it shows the host keys' "$out" 'SHA256:'
is 'the configuration is private' "$(stat -c %a "$dir/zonesh.conf")" 600
is 'the host keys are private' "$(stat -c %a "$dir/hostkeys/ssh_host_ed25519_key")" 600
like 'the account is a commit by that person' "$(git_log --no-merges --format=%ae main -- users/alice@example.org)" '^alice@example\.org$'
status 'a second init is refused' 3 init
like 'with a clear error' "$out" E-EXISTS
status 'check' 0 "$ZONESH" check --dir "$dir"
daemon_start
like 'and it serves' "$(zssh whoami)" alice
daemon_stop
rm -rf "$dir"

# Mistakes
refused 'an address that is none' 2 E- --dns localhost
refused 'an e-mail that is none' 3 E- --admin alice --admin-key "$work/alice.pub"
refused 'a key file that is not there' 4 E- --admin alice@example.org --admin-key "$work/nosuch.pub"
refused 'a private key instead of the public one' 3 E- --admin alice@example.org --admin-key "$work/alice"
like 'hints at the public one' "$out" 'alice\.pub'
refused 'an admin without a key' 2 E-USAGE --admin alice@example.org
refused 'an unknown option' 2 E-USAGE --colour
mkdir "$work/empty"
refused 'a repository that is not one' 75 E-REPO --repo "$work/empty"
refused 'a repository that is not there' 75 E-REPO --repo "$work/nosuch.git"
git init -q "$work/tree" 2> /dev/null
refused 'a repository that is not bare' 75 E-REPO --repo "$work/tree"
refused 'a remote that is not there' 75 E-REPO --repo "file://$work/nosuch.git"

# Taking over an existing bare repository in place
git init -q --bare -b main "$work/theirs.git"
repo=$work/theirs.git zone_put
before=$(git --git-dir="$work/theirs.git" rev-parse main)
status 'taking over a repository' 0 init --repo "$work/theirs.git" --admin alice@example.org --admin-key "$work/alice.pub"
repo=$work/theirs.git
ok 'what was there is still there' git --git-dir="$repo" merge-base --is-ancestor "$before" main
daemon_start
is 'it is served' "$(short www.example.org A)" 192.0.2.80
ok 'and can be changed' update 'update add new.example.org 60 A 192.0.2.1'
ok 'in place' eval '[ "$(head_commit)" != "$before" ]'
like 'with the zone'"'"'s history before it' "$(git_log --format=%s main -- example.org)" 'add example.org'
daemon_stop
rm -rf "$dir"

# Cloning a URL
status 'cloning a remote' 0 init --repo "file://$work/theirs.git"
like 'it is kept as remote' "$(cat "$dir/zonesh.conf")" "remote file://$work/theirs.git"
rm -rf "$dir"
unset repo

# A configuration with mistakes
init > /dev/null 2>&1
cp "$dir/zonesh.conf" "$work/good.conf"
echo 'dsn 127.0.0.1:53' >> "$dir/zonesh.conf"
status 'an unknown option in the configuration' 2 "$ZONESH" serve --dir "$dir"
like 'file, line, column, and the option that was meant' "$out" "zonesh\\.conf:$(wc -l < "$dir/zonesh.conf"):1: .*dsn.*dns"
status 'check says the same' 3 "$ZONESH" check --dir "$dir"
sed 's/^dns .*/dns 127.0.0.1:70000/' "$work/good.conf" > "$dir/zonesh.conf"
status 'a port that is none' 2 "$ZONESH" serve --dir "$dir"
cp "$work/good.conf" "$dir/zonesh.conf"
daemon_start
port=$dns_port
cp -a "$dir" "$work/second"
sed -i "s/^dns .*/dns 127.0.0.1:$port/" "$work/second/zonesh.conf"
status 'a port that is taken' 1 "$ZONESH" serve --dir "$work/second"
like 'says which' "$out" "E-PORT .*127\\.0\\.0\\.1:$port"
daemon_stop
rm -rf "${work:?}/second"

# check: every file of the repository
printf '$ORIGIN bad.example.\n@ 60 SOA ns.example.net. a.example.net. 1 2 3 4 5\n@ 60 NS ns.example.net.\n@ 60 NS ns2.example.net.\nwww 60 A 192.0.2.300\n' | git_put bad.example 'a bad zone'
printf 'x._update.bad.example. DNSKEY 0 3 163 not*base64\n' | git_put bad.example._keys 'a bad key file'
printf 'name dave\nrole king\n' | git_put users/dave@example.org 'a bad account'
printf 'allow\n' | git_put policy/bad.example 'a bad policy'
status 'check finds bad files' 3 "$ZONESH" check --dir "$dir"
like 'the zone' "$out" 'bad\.example:5:[0-9]+.*192\.0\.2\.300'
like 'the key' "$out" 'bad\.example\._keys:1:'
like 'the account' "$out" 'users/dave@example\.org:2:'
like 'the policy' "$out" 'policy/bad\.example:1:'
daemon_start
ok 'the daemon starts all the same' short version.bind CH TXT
like 'and shows what is broken' "$(local_cmd zone list)" 'bad\.example.*(broken|BROKEN)'
like 'status names the file, line and column' "$(local_cmd status)" 'broken +bad\.example:[0-9]+:[0-9]+: '
like 'and the count' "$(local_cmd status --json | jq -c '[.broken_files, (.problems | length)]')" '^\[([0-9]+),\1\]$'
is 'not all zones are served: not healthy' "$(get /healthz -w ' %{http_code}')" '1 zone has no version that loads
 503'
like 'a broken zone without a good version is SERVFAIL' "$(q www.bad.example A)" SERVFAIL
daemon_stop

# check: what would make serve fail, or useless
cp "$dir/zonesh.conf" "$work/conf.good"
broken_conf() { sed -E "$1" "$work/conf.good" > "$dir/zonesh.conf"; }
broken_conf '$ a user nosuchuser'
status 'a user that does not exist' 3 "$ZONESH" check --dir "$dir"
like 'says so' "$out" 'E-CONF.*nosuchuser|nosuchuser.*E-CONF'
broken_conf '/^(ssh|dns|http) /d; $ a branch other'
status 'no address, no branch' 0 "$ZONESH" check --dir "$dir"
like 'no address' "$out" W-NO-ADDRESS
like 'no branch: which there are' "$out" 'branch other does not exist, there are: main'
broken_conf '$ a branch other'
daemon_start
like 'serve warns of it' "$(cat "$log")" 'warn repo: branch other does not exist, there are: main'
daemon_stop
cp "$work/conf.good" "$dir/zonesh.conf"
mv "$dir/hostkeys" "$work/hostkeys"
status 'no host keys' 3 "$ZONESH" check --dir "$dir"
like 'how to make one' "$out" 'ssh-keygen -t ed25519'
mv "$work/hostkeys" "$dir/hostkeys"

# checkzone
status 'a good zone file' 0 "$ZONESH" checkzone example.org "$top/demo/example.org"
printf '@ 60 SOA ns a 1 2 3 4 5\n@ 60 NS ns\n@ 60 NS ns.example.net.\nns 60 A 192.0.2.1\nwww 60 A 192.0.2.1\nwww 60 CNAME ns\n' > "$work/zone"
status 'a CNAME beside other data' 3 "$ZONESH" checkzone example.org "$work/zone"
like 'its code' "$out" E-CNAME-COEXIST
status 'the same as JSON' 3 "$ZONESH" checkzone --json example.org "$work/zone"
ok 'is JSON' jq -e '.ok == false and .v == 1' <<< "$out"
status 'a file that is not there' 4 "$ZONESH" checkzone example.org "$work/nosuch"
status 'no arguments' 2 "$ZONESH" checkzone
status 'version' 0 "$ZONESH" --version
status 'help' 0 "$ZONESH" help
status 'an unknown word without a daemon' 75 "$ZONESH" --dir "$work/nodir" zone list
finish
