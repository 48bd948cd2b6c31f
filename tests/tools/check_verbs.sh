#!/usr/bin/env bash
#  The tables hold nothing that nobody uses: each verb is sent somewhere and handled
#  somewhere, each event is raised, each error is returned, each command of the admin door
#  is answered. Names are unique and of one shape.

set -euo pipefail
cd "$(dirname "$0")/../.."

rc=0
complain () {
    printf '%s\n' "$*"
    rc=1
}

#  rows MACRO FILE: "ID name" of each row
rows () {
    sed -nE "s/^$1 \(([A-Z_]+), [a-z_]+, \"([^\"]+)\".*/\1 \2/p" "$2"
}

#  Every line of code, without comments and without line ends, so that rows are whole.
code=$(find broker actors cli -name '*.c' -exec cat {} + | sed 's|//.*||' | tr -s '\n\t ' ' ')

#  A row { BR_VERB, function } handles, and so does `== BR_VERB) function (`. What is only
#  compared or listed by case is neither handled nor sent.
handled=$(grep -oE '\{ ?BR_[A-Z_]+, ?[a-z_]+ \}|== BR_[A-Z_]+\) s_on_' <<< "$code" \
    | grep -oE 'BR_[A-Z_]+' | sort -u)
used=$(sed -E 's/\{ ?BR_[A-Z_]+, ?[a-zA-Z_]+ \}//g; s/(==|!=|case|\[) ?BR_[A-Z_]+//g' \
    <<< "$code" | grep -oE '\bBR_[A-Z_]+\b' | sort -u)

#  has LIST WORD
has () {
    grep -qxF -- "$2" <<< "$1"
}

while read -r id name; do
    [[ $name =~ ^[a-z]+\.[a-z]+$ ]] || complain "verb $name is not like word.word"
    has "$handled" "BR_$id" || complain "nobody handles the verb $name"
    has "$used" "BR_$id" || complain "nobody sends the verb $name"
done < <(rows BR_VERB broker/core/br_verbs.def)

while read -r id name; do
    [[ $name =~ ^[a-z]+(\.[a-z]+)?$ ]] || complain "event $name is not like word or word.word"
    has "$used" "BR_EVENT_$id" || complain "nobody raises the event $name"
done < <(rows BR_EVENT broker/core/br_events.def)

while read -r id; do
    has "$used" "BR_$id" || complain "nobody returns the error $id"
done < <(sed -nE 's/^BR_ERROR \(([A-Z]+),.*/\1/p' broker/core/br_errors.def)

#  What an actor answers stands as a string in its own folder.
while IFS=' ,' read -r name role; do
    folder=actors/${role,,}
    [ "$role" != BROKER ] || folder=broker/core
    grep -qrF --include='*.c' "\"$name\"" "$folder" \
        || complain "the $role does not know the admin command $name"
done < <(sed -nE 's/^BR_ADMIN \(([a-z_]+), ([A-Z]+),.*/\1 \2/p' broker/core/br_admin.def)

for table in verbs:BR_VERB events:BR_EVENT; do
    twice=$(rows "${table#*:}" "broker/core/br_${table%:*}.def" | cut -d' ' -f2 | sort | uniq -d)
    [ -z "$twice" ] || complain "br_${table%:*}.def has twice: $twice"
done
exit $rc
