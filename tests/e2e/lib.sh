# shellcheck shell=bash disable=SC2034  # the tests use what is set here
# SPDX-License-Identifier: ISC
#
# What the end-to-end tests stand on.  A test file sources this, calls daemon_init and daemon_start, then `ok`, `is` and `like`
# with real clients, and ends with `finish`.  Nothing sleeps: `until_true` waits for a condition, with a deadline.
# Everything runs on loopback, on free ports.
set -uo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${ZONESH:=$top/build/zonesh}"                        # the program under test
: "${SK_SOFT:=$top/build/tests/sk-soft.so}"             # software security key
name=$(basename "$0" .sh)
work=$(mktemp -d "${TMPDIR:-/tmp}/zonesh-$name.XXXXXX")
passed=0 failed=0 skipped=0
dir=$work/data                                          # the data directory
log=$work/log                                           # what the daemon says
pid=
export LC_ALL=C.UTF-8 HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=bob GIT_AUTHOR_EMAIL=bob@example.org GIT_COMMITTER_NAME=bob GIT_COMMITTER_EMAIL=bob@example.org
unset SSH_AUTH_SOCK ZONESH_FAULT
: "${PATIENCE:=15}"                                     # seconds that until_true waits

exec {never}<> <(:)                                     # a descriptor that never has anything to read

# until_true COMMAND...: run it until it succeeds, at most $PATIENCE seconds.
until_true() {
	local deadline=$((SECONDS + PATIENCE))
	until "$@" > /dev/null 2>&1; do
		((SECONDS < deadline)) || return 1
		read -rt 0.02 -u "$never"
	done
	return 0
}

# The outcome of one assertion; what was seen is shown for a failure.
pass() { passed=$((passed + 1)); printf 'ok   %s: %s\n' "$name" "$1"; }
fail() {
	failed=$((failed + 1))
	printf 'FAIL %s: %s\n' "$name" "$1"
	shift
	printf '     %s\n' "$@" | head -n "${SHOW:-30}"
}
skip() { skipped=$((skipped + 1)); printf 'skip %s: %s\n' "$name" "$1"; }

# ok WHAT COMMAND...: it must succeed.  not_ok: it must fail.
ok() {
	local what=$1 out
	shift
	if out=$("$@" 2>&1); then pass "$what"; else fail "$what" "command: $*" "status: $?" "output: ${out:0:2000}"; fi
}
not_ok() {
	local what=$1 out
	shift
	if out=$("$@" 2>&1); then fail "$what (it succeeded)" "command: $*" "output: ${out:0:2000}"; else pass "$what"; fi
}
# is WHAT GOT WANT: equal texts.
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:  ${2:0:2000}" "want: ${3:0:2000}"; fi; }
# like WHAT GOT REGEX: extended regular expression, somewhere in it.
like() { if [[ $2 =~ $3 ]]; then pass "$1"; else fail "$1" "got:  ${2:0:2000}" "want: $3"; fi; }
unlike() { if [[ $2 =~ $3 ]]; then fail "$1" "got:     ${2:0:2000}" "unwanted: $3"; else pass "$1"; fi; }
# status WHAT WANT COMMAND...: exit status; output is left in $out (stdout and stderr).
status() {
	local what=$1 want=$2 got
	shift 2
	out=$("$@" 2>&1)
	got=$?
	if [ "$got" = "$want" ]; then pass "$what"; else fail "$what" "command: $*" "status: $got, want: $want" "output: ${out:0:2000}"; fi
}

# A user key made by ssh-keygen: keygen NAME TYPE [OPTION...]; security keys come from the software token.
keygen() {
	local file=$1 type=$2
	shift 2
	SK_SOFT_DIR=$work SSH_SK_PROVIDER=$SK_SOFT ssh-keygen -q -t "$type" -N '' -C "$file" -f "$work/$file" "$@"
}

# A port that nobody listens on, below those that the kernel gives to clients: dig shares its port with others (SO_REUSEPORT), and once in a
# while would get the very port that it asks, and its own question as the answer.
free_port() {
	local port
	for _ in {1..50}; do
		port=$((10000 + RANDOM % 22000))
		(: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null || break
	done
	echo "$port"
}

# daemon_init [OPTION...]: a data directory with alice as administrator, on free ports.
daemon_init() {
	local port
	port=$(free_port)
	[ -e "$work/alice" ] || keygen alice ed25519
	"$ZONESH" init --dir "$dir" --name dns.example.org --admin alice@example.org --admin-key "$work/alice.pub" \
		--ssh 127.0.0.1:0 --ssh '[::1]:0' --dns "127.0.0.1:$port" --dns "[::1]:$port" --http 127.0.0.1:0 "$@" > "$work/init.out" 2>&1 ||
		{ cat "$work/init.out"; return 1; }
}

# git_put FILE MESSAGE < TEXT: commit a file to the daemon's repository with the git program, as somebody who pushes to it. More files: git_clone, then by hand.
git_put() {
	local clone
	clone=$(mktemp -d "$work/clone.XXXXXX")
	git clone -q "${repo:-$dir/zones.git}" "$clone" 2> /dev/null
	mkdir -p "$(dirname "$clone/$1")"
	cat > "$clone/$1"
	git -C "$clone" add -A
	git -C "$clone" commit -q -m "$2"
	git -C "$clone" push -q origin HEAD:main 2> "$work/push.err" || { cat "$work/push.err"; return 1; }
	rm -rf "$clone"
}

# The zone and the keys that most tests use: $key_update and $key_xfr are for nsupdate -k and dig -k.
zone_put() {
	local secret=c2VjcmV0LW9mLXRoZS10ZXN0cy0zMi1ieXRlcy1sb25nIQ== key
	git_put example.org "add example.org" < "$top/demo/example.org"
	printf 'client._update.example.org. DNSKEY 0 3 163 %s\nxfr._transfer.example.org. DNSKEY 0 3 163 %s\n' "$secret" "$secret" |
		git_put example.org._keys "add keys"
	for key in client._update xfr._transfer; do
		printf 'key "%s.example.org" { algorithm hmac-sha256; secret "%s"; };\n' "$key" "$secret" > "$work/$key.key"
	done
	key_update=$work/client._update.key key_xfr=$work/xfr._transfer.key
}

# daemon_start [ENV=VALUE...]: in the background; sets ssh_port ssh6_port dns_port dns6_port http_port.
daemon_start() {
	: > "$log"
	env "$@" "$ZONESH" serve --dir "$dir" >> "$log" 2>&1 &
	pid=$!
	if ! until_true daemon_is_ready; then
		fail "the daemon starts" "$(tail -n 30 "$log")"
		finish
	fi
	ports
}
daemon_is_ready() { grep -qx 'zonesh: ready' "$log" || ! kill -0 "$pid" 2> /dev/null; }
port_of() { sed -nE "s/.* $1: listening on $2:([0-9]+)\$/\1/p" "$log" | tail -n 1; }
ports() {
	ssh_port=$(port_of ssh '127\.0\.0\.1') ssh6_port=$(port_of ssh '\[::1\]')
	dns_port=$(port_of dns '127\.0\.0\.1') dns6_port=$(port_of dns '\[::1\]')
	http_port=$(port_of http '127\.0\.0\.1')
}
daemon_stop() {
	[ -n "$pid" ] || return 0
	kill -TERM "$pid" 2> /dev/null
	wait "$pid"
	daemon_status=$?
	pid=
}
# The process of a role: role_pid store
role_pid() { pgrep -P "$pid" -f "^zonesh: $1" | head -n 1; }

# Clients.
# zssh [OPTION...] COMMAND: as alice, over IPv4; KEY=name for another key.
zssh() {
	SK_SOFT_DIR=$work ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
		-o IdentitiesOnly=yes -o SecurityKeyProvider="$SK_SOFT" -i "$work/${KEY:-alice}" -p "${PORT:-$ssh_port}" \
		"${HOST:-127.0.0.1}" "$@"
}
local_cmd() { "$ZONESH" --dir "$dir" "$@"; }
q() { dig @127.0.0.1 -p "$dns_port" +tries=1 +time=5 "$@"; }                  # q NAME TYPE [+short...]
short() { q +short "$@"; }
nsup() { nsupdate -k "${NSKEY:-$key_update}" 2>&1; }                            # script on stdin, without the server line
update() { printf 'server 127.0.0.1 %s\nzone %s\n%s\nsend\n' "$dns_port" "${ZONE:-example.org}" "$1" | nsup; }
get() { curl -sS -m 10 "http://127.0.0.1:$http_port$1" "${@:2}"; }
git_log() { git --git-dir="${repo:-$dir/zones.git}" log "$@"; }
head_commit() { git --git-dir="${repo:-$dir/zones.git}" rev-parse main; }

cleanup() {
	daemon_stop
	[ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# What must hold after every test: nothing but clean exits in the log, the repository sound.  Then the closing line.
finish() {
	local repo_dir=${repo:-$dir/zones.git}
	if [ -n "$pid" ]; then
		daemon_stop
		is "the daemon ends cleanly" "$daemon_status" 0
	fi
	[ ! -d "$repo_dir" ] || ok "the repository is sound" git --git-dir="$repo_dir" fsck --full --strict
	if [ -e "$log" ] && grep -qE 'AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error|Assertion' "$log"; then
		fail "no sanitizer report" "$(grep -A 25 -m 1 -E 'Sanitizer|runtime error|Assertion' "$log")"
	fi
	if ((failed)) && [ -e "$log" ]; then
		printf '     the daemon said:\n'
		tail -n 40 "$log" | sed 's/^/     | /'
	fi
	printf '%s: %d passed, %d failed, %d skipped\n' "$name" "$passed" "$failed" "$skipped"
	((failed == 0))
	exit
}
