#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A webhook makes the daemon fetch from its remote; nobody else does.  Version, health, metrics.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
git init -q --bare -b main "$work/remote.git"
repo=$work/remote.git zone_put
daemon_init --repo "file://$work/remote.git"
daemon_start
secret=$(sed -n 's/^webhook-secret //p' "$dir/zonesh.conf")
ok 'init made a webhook secret' test "${#secret}" -ge 32
is 'the clone is served' "$(short www.example.org A)" 192.0.2.80

body='{"ref":"refs/heads/main"}'
sign() { printf %s "$body" | openssl dgst -sha256 -hmac "${1:-$secret}" -r | cut -d' ' -f1; }
hook() { curl -sS -m 10 -o "$work/answer" -w '%{http_code}' -d "$body" "http://127.0.0.1:$http_port/webhook" "$@"; }
edit() { # edit FROM TO: somebody pushes to the remote with the git program
	git --git-dir="$work/remote.git" show main:example.org | sed "s/$1/$2/" > "$work/new"
	repo=$work/remote.git git_put example.org "$1 becomes $2" < "$work/new"
}
served() { [ "$(short www.example.org A)" = "$1" ]; }
remote_is_ours() { [ "$(git --git-dir="$work/remote.git" rev-parse main)" = "$(git --git-dir="$dir/zones.git" rev-parse main)" ]; }
ok 'the account that init made is pushed' until_true remote_is_ours

edit '^www             A       192.0.2.80' 'www             A       192.0.2.81'
is 'a wrong signature gets 401' "$(hook -H "X-Hub-Signature-256: sha256=$(sign wrong)")" 401
like 'and says why' "$(cat "$work/answer")" E-NOTAUTH
is 'none gets 401' "$(hook)" 401
is 'a malformed one gets 401' "$(hook -H 'X-Hub-Signature-256: sha256=zz')" 401
is 'the old SHA-1 header gets 401' "$(hook -H 'X-Hub-Signature: sha1=0000')" 401
ok 'and nothing was fetched' served 192.0.2.80
is 'GitHub: 202' "$(hook -H "X-Hub-Signature-256: sha256=$(sign)" -H 'X-GitHub-Event: push' -H 'X-GitHub-Delivery: 1')" 202
ok 'the new address is served' until_true served 192.0.2.81
ok 'a pushed commit is not answered with one of ours' remote_is_ours
is 'it is the pusher'"'"'s' "$(git_log -1 --format=%an main)" bob
is 'a delivery is taken once' "$(hook -H "X-Hub-Signature-256: sha256=$(sign)" -H 'X-GitHub-Event: push' -H 'X-GitHub-Delivery: 1')" 200
is 'ping' "$(hook -H "X-Hub-Signature-256: sha256=$(sign)" -H 'X-GitHub-Event: ping')" 200

edit '192.0.2.81      ; front' '192.0.2.82      ; front'
is 'Gitea: 202' "$(hook -H "X-Gitea-Signature: $(sign)" -H "X-Hub-Signature-256: sha256=$(sign)" -H 'X-Gitea-Event: push')" 202
ok 'served' until_true served 192.0.2.82
is 'Forgejo'"'"'s header is the one that counts' "$(hook -H "X-Forgejo-Signature: $(sign wrong)" -H "X-Gitea-Signature: $(sign)")" 401
is 'a token' "$(hook -H "Authorization: Bearer $secret")" 202
is 'a wrong token' "$(hook -H "Authorization: Bearer ${secret}x")" 401
is 'a body over the limit' "$(head -c 27000000 /dev/zero | curl -sS -m 20 -o /dev/null -w '%{http_code}' --data-binary @- -H 'Expect:' "http://127.0.0.1:$http_port/webhook")" 413

# Changes made here go to the remote.
ok 'an update' update 'update add local.example.org 60 A 192.0.2.7'
ok 'is pushed to the remote' until_true remote_is_ours
# Both sides moved: merged by records, nothing lost.
git clone -q "$work/remote.git" "$work/other" 2> /dev/null
kill -STOP "$(role_pid http)"
(cd "$work/other" && sed -i 's/^pbx .*/pbx             A       192.0.2.41/' example.org && git commit -qam 'move pbx' && git push -q origin HEAD:main) 2> /dev/null
kill -CONT "$(role_pid http)"
ok 'a second update' update 'update add local2.example.org 60 A 192.0.2.8'
both() { [ "$(short pbx.example.org A)$(short local2.example.org A)" = 192.0.2.41192.0.2.8 ] && remote_is_ours; }
ok 'both sides'"'"' changes are served and pushed' until_true both

is 'version' "$(get /version | jq -r .commit)" "$(head_commit)"
is 'health' "$(get /healthz)" ok
like 'metrics' "$(get /metrics)" 'zonesh_remote_total\{op="fetch",result="ok"\} [1-9]'
is 'GET /webhook is 405' "$(get /webhook -o /dev/null -w '%{http_code}')" 405
is 'another path is 404' "$(get /nosuch -o /dev/null -w '%{http_code}')" 404
like 'what is refused is counted' "$(get /metrics)" 'via="webhook"\} [1-9]'

# The remote goes away: serving goes on.
mv "$work/remote.git" "$work/gone.git"
is 'a webhook is taken' "$(hook -H "X-Hub-Signature-256: sha256=$(sign)")" 202
like 'the trouble is shown' "$(until_true eval "local_cmd status | grep -qi 'remote.*\(fail\|not\|cannot\)'"; local_cmd status)" 'remote'
ok 'an update still works' update 'update add local3.example.org 60 A 192.0.2.9'
daemon_stop
daemon_start
is 'it starts and serves without the remote' "$(short local3.example.org A)" 192.0.2.9
mv "$work/gone.git" "$work/remote.git"
ok 'an administrator asks for a fetch' zssh remote fetch
like 'the log says who' "$(cat "$log")" 'fetch asked for by command from 127\.0\.0\.1'
unset repo
finish
