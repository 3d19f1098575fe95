#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# tests/packages, with a dpkg-query, sudo and apt-get of ours: what it installs, and what it says when it cannot.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
mkdir "$work/bin"
stub() { printf '#!/bin/bash\n%s\n' "$2" > "$work/bin/$1"; chmod +x "$work/bin/$1"; }
# shellcheck disable=SC2016
stub dpkg-query '[ "${@: -1}" = there ] && echo -n installed'
stub id 'echo 1000'
stub apt-get "echo \"\$*\" >> '$work/apt'"
# No terminal: setsid takes it away.
packages() { PATH=$work/bin:$PATH setsid -w "$top/tests/packages" "$@" 2>&1; }

stub sudo 'exit 1'
status 'sudo cannot ask' 1 packages there one two
is 'says what to run' "$out" 'please run: apt-get install one two'
status 'all is there' 0 packages there
is 'says nothing' "$out" ''
status 'only an optional one is missing' 0 packages there --optional extra
is 'goes on with a note' "$out" 'recommended, and missing: extra'
# shellcheck disable=SC2016
stub sudo '[ "$1" = -n ] && shift; exec "$@"'
status 'sudo needs no password' 0 packages there one --optional extra
like 'all that is missing is installed' "$(cat "$work/apt")" 'update -q.*install .* one extra$'
finish
