//  ledger_remote: what the databases on other machines have in common.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_remote.h"

//  Every place of a secret in a text.
static void
s_mask (char *text, const char *secret)
{
    size_t size = secret ? strlen (secret) : 0;
    if (size == 0)
        return;
    for (char *at = strstr (text, secret); at; at = strstr (at + size, secret))
        memset (at, '*', size);
}

static void
s_flatten (char *text)
{
    for (char *at = text; *at; at++)
        if ((unsigned char) *at < ' ')
            *at = ' ';
    size_t size = strlen (text);
    while (size > 0 && text[size - 1] == ' ')
        text[--size] = 0;
}

int
ledger_remote_fail (br_error_t *reterr, const char *what, const char *reason,
                    const char *password)
{
    char *text = br_strdup (reason ? reason : "");
    s_mask (text, password);
    s_flatten (text);
    int rc = br_error_set (reterr, BR_ESYSTEM, "%s: %.350s", what,
                           *text ? text : "the database gave no reason");
    free (text);
    return rc;
}

int
ledger_remote_version (int64_t version, int known, br_error_t *reterr)
{
    if (version <= known)
        return version < known;
    return br_error_set (reterr, BR_ECONFIG,
                         "the ledger was written by a newer bitrouter (version %" PRId64
                         " of its tables, this one knows %d): update bitrouter",
                         version, known);
}
