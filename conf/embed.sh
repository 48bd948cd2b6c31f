#!/bin/sh
#  Writes a C file that holds files as bytes, so that the program works without them:
#      conf/embed.sh SOURCE_DIR FILE... > embedded.c
#  A file conf/providers/x.yaml below SOURCE_DIR gets the name "providers/x.yaml".
set -eu
LC_ALL=C
export LC_ALL
top=$1
shift

cat <<'END'
//  Made by conf/embed.sh. Do not edit.

#include <string.h>

#include "broker/core/embedded.h"

END

count=0
rows=
for file in "$@"; do
    path=${file#"$top"/}
    printf 'static const unsigned char s_%s[] = {\n' "$count"
    od -An -v -tu1 "$top/$path" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    printf '0\n};\n'
    rows="$rows    { \"${path#conf/}\", (const char *) s_$count, sizeof s_$count - 1 },
"
    count=$((count + 1))
done

cat <<END

static const struct {
    const char *name;
    const char *bytes;
    size_t size;
} s_table[] = {
$rows    { NULL, "", 0 },
};

const char *
br_embedded (const char *name, size_t *ret_size)
{
    for (size_t i = 0; s_table[i].name; i++) {
        if (strcmp (s_table[i].name, name) != 0)
            continue;
        *ret_size = s_table[i].size;
        return s_table[i].bytes;
    }
    return NULL;
}

const char *
br_embedded_name (size_t index)
{
    return index < sizeof s_table / sizeof *s_table ? s_table[index].name : NULL;
}
END
