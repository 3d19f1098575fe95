# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: ISC
#
# The editor in tmux, reached by real ssh: keys in, screen out.
# shellcheck source-path=SCRIPTDIR source=../e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

tmux_cmd() { tmux -L "zonesh-$$" -f /dev/null "$@"; }

# editor_start [WINDOW [COMMAND...]]: ssh -t as ${KEY:-alice} in a window of ${SIZE:-80x24}, with TERM=${TERMINAL:-xterm-256color} and ${SSH_OPTIONS:-}.
editor_start() {
	local window=${1:-editor}
	shift || true
	tmux_cmd new-session -d -s "$window" -x "${SIZE%x*}" -y "${SIZE#*x}" \
		"env TERM=${TERMINAL:-xterm-256color} SK_SOFT_DIR=$work ssh -F none -tt -o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes -o SecurityKeyProvider=$SK_SOFT ${SSH_OPTIONS:-} \
		-i $work/${KEY:-alice} -p $ssh_port 127.0.0.1 $*; echo the session ended with status \$?; read -r _"
	window_now=$window
}
SIZE=80x24

keys() { tmux_cmd send-keys -t "$window_now" "$@"; }           # keys a Enter F2 ...
typed() { tmux_cmd send-keys -t "$window_now" -l -- "$1"; }     # text
screen() { tmux_cmd capture-pane -p -t "$window_now"; }
screen_has() { [[ $(screen) =~ $1 ]]; }
# sees WHAT REGEX: the screen comes to match.
sees() { if until_true screen_has "$2"; then pass "$1"; else fail "$1" "want: $2" "screen:" "$(screen)"; fi; }
# at_row WHAT REGEX: the row with the cursor matches.
at_row() {
	local row
	row=$(tmux_cmd display-message -p -t "$window_now" '#{cursor_y}')
	like "$1" "$(screen | sed -n "$((row + 1))p")" "$2"
}
# Ids, serials and times, which differ from run to run, become placeholders of the same width.
settled() {
	screen | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/YYYY-MM-DD hh:mm/g; s/[0-9]{2} [A-Z][a-z]{2} [0-9]{2}:[0-9]{2}/DD Mon hh:mm/g
	s/\b20[0-9]{8}\b/SSSSSSSSSS/g; s/(^-- |commit )[0-9a-f]{7}\b/\1iiiiiii/g; s/\b[0-9]{1,3}[smhdw] +/Nt   /g
	s,SHA256:[A-Za-z0-9+/]{43},SHA256:KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK,g; s/[[:space:]]+$//'
}
# same_screen WHAT FILE: the whole screen comes to be the one in FILE.  Write the files anew with RECORD=1 and read them before you commit them.
same_screen() {
	local file
	file=$(dirname "${BASH_SOURCE[0]}")/$2
	[ -z "${RECORD:-}" ] || settled > "$file"
	if until_true is_screen "$file"; then pass "$1"; else fail "$1" "$(diff -u "$file" <(settled))"; fi
}
is_screen() { [ "$(settled)" = "$(cat "$1")" ]; }
tui_finish() {
	tmux_cmd kill-server 2> /dev/null
	finish
}
trap 'tmux_cmd kill-server 2> /dev/null; cleanup' EXIT
