#  A program in a terminal of tmux: its keys and its screen. To be sourced by a bash script
#  that has set $work, a folder of its own. The tmux server is this script's alone.
#
#    screen_open WIDTH HEIGHT       a terminal; screen_close ends it with what runs in it
#    screen_run WORD...             runs a program in it; when it ended, `ended STATUS` stands there
#    screen_type KEY...             keys, as tmux names them; -l TEXT... for letters
#    screen_resize WIDTH HEIGHT
#    screen_text                    what stands on the screen
#    screen_shows PATTERN           waits until a line is like it (extended); 1 if it never is
#    screen_lacks PATTERN           waits until no line is like it
#    screen_holds WIDTH HEIGHT      waits until the program has drawn as much: something in the
#                                   last line of a terminal of this size
#    screen_is_restored             the terminal is as it was before the program: modes, picture,
#                                   cursor, keypad, mouse
#    screen_pid                     of the program
#    until_true COMMAND...          asks again and again, for a minute
#
#  Nothing here waits for a time: what comes late comes late.

#  shellcheck shell=bash disable=SC2154

screen_tmux () {
    tmux -u -S "$work/tmux.sock" -f /dev/null "$@"
}

until_true () {
    local end=$((SECONDS + 60))
    while ! "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

screen_open () {
    env -u TMUX TERM=screen-256color LC_ALL=C.UTF-8 tmux -u -S "$work/tmux.sock" -f /dev/null \
        new-session -d -x "$1" -y "$2" 'exec cat' || return 1
    screen_tmux set-option -g status off \; set-option -g default-terminal screen-256color \; \
        set-option -g window-size manual \; \
        set-option -g remain-on-exit on \; set-option -sg escape-time 20
    screen_tmux resize-window -x "$1" -y "$2"
}

screen_close () {
    screen_tmux kill-server 2> /dev/null
    return 0
}

#  No shell with job control stands between: it would mend what the program left broken. Keys
#  that signal reach it too, and must not end it.
screen_run () {
    rm -f "$work/screen.pid" "$work/stty.before" "$work/stty.after"
    {
        printf 'trap : INT QUIT\nulimit -c 0\ncd %q\n' "$work"
        # shellcheck disable=SC2016
        printf 'modes () { stty -a | sed "s/rows [0-9]*; columns [0-9]*;//"; }\n'
        printf 'modes > stty.before\necho "the line before"\n'
        # shellcheck disable=SC2016
        printf 'sh -c '\''echo $$ > screen.pid.new; mv screen.pid.new screen.pid; exec "$@"'\'' -'
        printf ' %q' "$@"
        # shellcheck disable=SC2016
        printf '\nrc=$?\nmodes > stty.new\nmv stty.new stty.after\necho "ended $rc"\nexec cat\n'
    } > "$work/pane.sh"
    screen_tmux respawn-pane -k "exec sh '$work/pane.sh'"
    until_true test -s "$work/screen.pid"
}

screen_pid () {
    cat "$work/screen.pid"
}

screen_type () {
    screen_tmux send-keys "$@"
}

screen_resize () {
    screen_tmux resize-window -x "$1" -y "$2"
}

screen_text () {
    screen_tmux capture-pane -p
}

screen_has () {
    grep -qE -- "$1" <<< "$(screen_text)"
}

screen_has_not () {
    ! screen_has "$1"
}

screen_shows () {
    until_true screen_has "$1"
}

screen_lacks () {
    until_true screen_has_not "$1"
}

screen_fits () {
    [ "$(screen_tmux display-message -p '#{pane_width} #{pane_height}')" = "$1 $2" ] \
        && awk -v height="$2" 'NF { last = NR } END { exit last != height }' <<< "$(screen_text)"
}

screen_holds () {
    until_true screen_fits "$1" "$2"
}

screen_modes () {
    screen_tmux display-message -p \
        'alternate #{alternate_on} cursor #{cursor_flag} keypad #{keypad_flag}#{keypad_cursor_flag} mouse #{mouse_any_flag} wrap #{wrap_flag} insert #{insert_flag} origin #{origin_flag}'
}

screen_is_restored () {
    until_true test -s "$work/stty.after" && screen_shows '^ended [0-9]+$' || return 1
    cmp "$work/stty.before" "$work/stty.after" || return 1
    local modes
    modes=$(screen_modes)
    if [ "$modes" != 'alternate 0 cursor 1 keypad 00 mouse 0 wrap 1 insert 0 origin 0' ]; then
        echo "the terminal has: $modes"
        return 1
    fi
    #  The line before, what the shell or the program said at its end, and the status.
    awk 'NF { line[++n] = $0 } END {
        exit line[1] != "the line before" || n > 4 || line[n] !~ /^ended/ }' <<< "$(screen_text)"
}
