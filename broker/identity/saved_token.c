//  saved_token: one file for each token, one empty file for each that is revoked.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/jwt.h"
#include "broker/identity/key_file.h"
#include "broker/identity/saved_token.h"

#define ENDING ".jwt"

static char *
s_name (const char *prefix, const char *label)
{
    return br_strf ("%s/tokens/%s" ENDING, prefix, label);
}

br_name_set_t *
br_saved_tokens (const char *folder, const char *prefix, br_error_t *reterr)
{
    char *path = br_strf ("%s/%s/tokens", folder, prefix);
    br_name_set_t *labels = br_name_set_new ();
    if (br_name_set_read (labels, path, ENDING, reterr))
        br_name_set_destroy (&labels);
    free (path);
    return labels;
}

int
br_saved_token_write (const char *folder, const char *prefix, const char *label,
                      const char *token, char **ret_path, br_error_t *reterr)
{
    if (!br_key_file_is_name (label))
        return br_error_set (reterr, BR_EINVALID,
                             "a label is letters, digits, '.', '_' and '-', at most 64, "
                             "and does not begin with a dot");
    char *name = s_name (prefix, label);
    char *line = br_strf ("%s\n", token);
    int rc = br_key_file_write (folder, name, line, reterr);
    if (rc == 0)
        *ret_path = br_strf ("%s/%s", folder, name);
    free (line);
    free (name);
    return rc;
}

char *
br_saved_token_read (const char *folder, const char *prefix, const char *label,
                     br_error_t *reterr)
{
    size_t size;
    char *name = s_name (prefix, label);
    char *token = br_key_file_read (folder, name, BR_JWT_MAX + 2, &size, reterr);
    if (token)
        token[strcspn (token, " \t\r\n")] = 0;
    free (name);
    return token;
}

int
br_saved_token_remove (const char *folder, const char *prefix, const char *label,
                       br_error_t *reterr)
{
    char *name = s_name (prefix, label);
    int rc = br_key_file_remove (folder, name, reterr);
    free (name);
    return rc;
}

int
br_saved_token_revoke (const char *folder, const char *hash, br_error_t *reterr)
{
    char *name = br_strf ("revoked/%s", hash);
    int rc = br_key_file_write (folder, name, "", reterr);
    free (name);
    return rc;
}
