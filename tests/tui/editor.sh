#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The editor: from the first screen to a published change, and what it does when things are not as planned.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
export GIT_AUTHOR_DATE='2026-11-20T12:00:00Z' GIT_COMMITTER_DATE='2026-11-20T12:00:00Z'
daemon_init
zone_put
keygen bob ed25519
printf 'name bob\nkey %s bob\nzone example.org maintainer\n' "$(cut -d' ' -f1,2 "$work/bob.pub")" | git_put users/bob@example.org bob
daemon_start

editor_start
sees 'the zones' 'Zones .*example\.org'
same_screen 'the first screen' zones.screen
keys Enter
sees 'the records' 'Records [0-9]+ .*no draft'
same_screen 'the records' records.screen
at_row 'the cursor stands on the selected row' '^> +@ .*SOA'
keys G
sees 'the last record' '>.*www'
at_row 'with the cursor' '^> +www'
keys g
keys /
typed pbx
keys Enter
sees 'find looks into the data too' '> *_sip'
keys n
sees 'the next one' '> *pbx'
keys N
sees 'and the one before' '> *_sip'

# Add
keys a
sees 'types to pick from' 'new record.*AAAA'
typed MX
sees 'typed letters find the type' '> *MX'
keys Enter
sees 'fields of an MX' 'preference.*exchange'
same_screen 'the form' form.screen
typed '@'
keys Tab Tab
typed ten
sees 'a mistake is told at once' 'E-[A-Z]+'
keys C-u
typed 30
keys Tab
typed mail
sees 'what will be stored' '@ 3600 MX 30 mail'
keys F2
sees 'it is in the draft' 'draft: \+1 ~0 -0'

# Change and delete
keys g /
typed shop
keys Enter
sees 'shop' '> *shop'
keys d
sees 'deleted' 'draft: \+1 ~0 -1'
keys /
typed ticket
keys Enter
sees 'found by its comment' '> *www'
keys e
sees 'its address in the form' '192\.0\.2\.80'
keys Tab Tab C-u
typed 192.0.2.90
keys F2
sees 'changed' 'draft: \+1 ~1 -1'
keys d
keys u
sees 'undo' 'draft: \+1 ~1 -1'
keys c
sees 'the review' 'review and publish'
same_screen 'the review' review.screen
keys m
typed 'move www'
keys Enter
keys Enter
sees 'published' 'published serial [0-9]+'
sees 'the draft is gone' 'no draft'
is 'it is served' "$(short www.example.org A)$(short shop.example.org A)" 192.0.2.90
like 'and the MX' "$(short example.org MX)" '30 mail\.example\.org\.'
like 'one commit by alice through the editor' "$(git_log -1 --no-merges --format='%an %B' main -- example.org)" 'alice edit: move www.*Via: tui'
like 'comments survived' "$(git --git-dir="$dir/zones.git" show main:example.org)" 'www +A +192\.0\.2\.90 +; front end, ticket 412'

# History
keys l
sees 'the history' 'move www'
same_screen 'the history' history.screen
keys Enter
sees 'the difference' '~ www.* 192\.0\.2\.80 -> 192\.0\.2\.90'
keys Escape
keys Escape
sees 'back in the records' 'Records'

# Names, TTLs and comments
keys g /
typed 'gate 3600 A'
keys Enter
sees 'gate' '> *gate'
keys y
keys Tab Tab C-u
typed 192.0.2.2
keys Tab
typed 'grüße'
sees 'any letter can be typed' 'gate 3600 A 192.0.2.2 ; grüße'
keys BSpace BSpace BSpace Left Right DC Home DC End
sees 'and taken back' $'192.0.2.2 ; r\n'
keys BTab BTab C-u
typed 5m
sees 'a TTL as people write it' 'gate 300 A 192.0.2.2'
keys F2
sees 'an RRset has one TTL' 'draft: \+1 ~1 -0'
keys u
sees 'undo takes the edit as one' 'no draft'
keys k
sees 'the old address' '> *gate +3600 A +192'
keys e
keys Tab Tab Tab
typed 'words'
keys F2
sees 'a comment alone is no change' 'E-USAGE a comment'
keys Escape
keys y
keys F2
sees 'the same record again' 'E-EXISTS'
keys Escape
keys g C-S-Up C-Right S-F5
typed $'\033[1;9R\033Owd'
sees 'keys that nobody knows do nothing; the SOA stays' 'no draft.*cannot be without its SOA'

# What somebody else publishes
ok 'somebody updates' update 'update add live.example.org 60 A 192.0.2.1'
sees 'it shows up by itself' 'live.*192\.0\.2\.1'
keys g /
typed 'pbx '
keys Enter
sees 'pbx' '> *pbx'
keys e
keys Tab Tab C-u
typed 192.0.2.42
keys F2
sees 'a draft' 'draft: \+0 ~1 -0'
ok 'bob changes the same record' eval 'KEY=bob zssh record set example.org pbx A 192.0.2.43'
sees 'it is told' 'bob published'
keys c
keys m
typed 'mine after all'
keys Enter
keys Enter
sees 'publishing is a conflict' 'E-CONFLICT'
is 'and his is what is served' "$(short pbx.example.org A)" 192.0.2.43
keys Escape
keys R
sees 'R shows the conflict' '[0-9] conflict: somebody else'
keys c
sees 'the message is still there' 'mine after all'
keys Enter
sees 'then mine can be published' 'published serial'
is 'and is served' "$(short pbx.example.org A)" 192.0.2.42

# Checks
keys a
typed CNAME
keys Enter
keys C-u
typed www
keys Tab Tab
typed mail
keys F2
keys c
sees 'a CNAME beside other data' 'E-CNAME-COEXIST'
keys Enter
sees 'is not published' 'not published'
keys Escape
keys Q
sees 'leaving at once is asked about' 'Leave, and throw away'
keys Escape
keys q
sees 'leaving a draft is asked about' 'Throw away'
keys n
sees 'no: still here' 'Records'
keys u
keys q
sees 'back at the zones' 'Zones'
keys '?'
sees 'help' 'This screen: zones'
keys Escape

# A new zone
keys a
typed 'a..b'
keys Enter
sees 'no name' 'E-SYNTAX'
keys a
typed example.org
keys Enter
keys C-u
typed ns.example.net
keys Enter
sees 'a zone that exists' 'E-EXISTS'
keys a
typed new.example
keys Enter
keys Enter
sees 'its name server lies inside' 'its address:'
typed 192.0.2.300
keys Enter
sees 'no address' 'E-SYNTAX'
keys a
typed new.example
keys Enter
keys Enter
typed 192.0.2.53
keys Enter
sees 'created' 'created new\.example'
at_row 'and selected' '^> +new\.example'
is 'and served' "$(short new.example NS)$(short ns1.new.example A)" ns1.new.example.192.0.2.53
like 'by alice' "$(git_log -1 --no-merges --format='%an %B' main -- new.example)" 'alice .*Via: tui'

# Text from outside is shown, not obeyed.
{ git --git-dir="$dir/zones.git" show main:new.example; printf 'evil TXT x ; \033]2;owned\007\342\200\256 end\n'; } | git_put new.example $'subject \033]2;owned\007'
keys Enter
sees 'control characters are escaped' 'evil .*\\027\]2;owned\\007\\226\\128\\174 end'
keys l
sees 'in the history too' 'subject \\027\]2;owned'
unlike 'nothing was obeyed' "$(tmux_cmd display-message -p -t editor '#{pane_title}')" owned
keys Escape
keys Escape
sees 'the zones' 'Zones'

# Resize
tmux_cmd resize-window -t editor -x 120 -y 40
sees 'wider' 'Zones'
is 'the screen has 40 rows' "$(screen | wc -l)" 40
tmux_cmd resize-window -t editor -x 40 -y 10
sees 'too small' 'please enlarge'
tmux_cmd resize-window -t editor -x 80 -y 24
sees 'and back' 'Zones'
keys q
sees 'q leaves' 'ended with status 0'

# Other terminals, and a zone named on the command line
TERMINAL=xterm-kitty editor_start kitty example.org
sees 'TERM=xterm-kitty, straight to a zone' 'example\.org +serial'
keys Q
sees 'Q leaves' 'ended with status 0'
TERMINAL=vt100 editor_start vt100
sees 'vt100' 'Zones'
keys q
TERMINAL=dumb editor_start dumb
sees 'a dumb terminal gets a sentence' 'E-USAGE .*terminal'
SSH_OPTIONS='-o SetEnv=LC_ALL=C' editor_start ascii new.example
sees 'a client that says it has no UTF-8' 'Records'
keys a
typed TXT
keys Enter
sees 'the form' 'text'
keys Tab Tab
typed 'ü'
sees 'gets ASCII' '\\195\\188'
keys Escape
keys Q
sees 'it ends' 'ended with status 0'
KEY=bob editor_start bob nosuch.example
sees 'a zone that is not there' 'E-NOT-FOUND'
keys Enter
sees 'his zone' 'Records'

# The store dies: the screen stays, and says so.
kill -KILL "$(role_pid store)"
sees 'the store is gone' 'E-BUSY'
keys R
sees 'still' 'E-BUSY'
like 'what was read can be read' "$(screen)" 'Records'
keys q
keys q
sees 'and left' 'ended with status 0'
store_back() { zssh zone list | grep -q example.org; }
ok 'a new store answers' until_true store_back
editor_start again
sees 'and shows its zones' 'example\.org'
keys q
sees 'the end' 'ended with status 0'
tui_finish
