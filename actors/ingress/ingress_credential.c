//  ingress_credential: four places, one after the other.

#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_credential.h"
#include "actors/ingress/ingress_request.h"
#include "broker/identity/keystore.h"

static const char s_blanks[] = " \t";

//  A piece of a header.
typedef struct _piece_t {
    const char *at;
    size_t size; //  bytes; 0 = there is none
} piece_t;

static piece_t
s_trim (const char *at, size_t size)
{
    while (size && strchr (s_blanks, *at)) {
        at++;
        size--;
    }
    while (size && strchr (s_blanks, at[size - 1]))
        size--;
    return (piece_t) { at, size };
}

//  Bytes of the first word, which is the scheme when others follow.
static size_t
s_word (piece_t piece)
{
    size_t size = 0;
    while (size < piece.size && !strchr (s_blanks, piece.at[size]))
        size++;
    return size;
}

//  What follows "Bearer" in any case; nothing for another scheme.
static piece_t
s_bearer (piece_t piece)
{
    size_t size = s_word (piece);
    if (size != 6 || strncasecmp (piece.at, "bearer", 6) != 0)
        return (piece_t) { piece.at, 0 };
    return s_trim (piece.at + size, piece.size - size);
}

//  A bearer's token, or else the first word that stands alone.
static piece_t
s_authorization (const char *header)
{
    piece_t bare = { header, 0 };
    for (const char *at = header; *at;) {
        size_t size = strcspn (at, ",");
        piece_t piece = s_trim (at, size);
        piece_t token = s_bearer (piece);
        if (token.size)
            return token;
        bool is_word = s_word (piece) == piece.size;
        if (is_word && !bare.size && strncasecmp (piece.at, "bearer", 6) != 0)
            bare = piece;
        at += size + (at[size] == ',');
    }
    return bare;
}

//  Whether a query has a parameter "key" at all.
static bool
s_has_key (const char *query)
{
    const char *at = query;
    while (at && strncmp (at, "key=", 4) != 0) {
        at = strchr (at, '&');
        if (at)
            at++;
    }
    return at && at[4] && at[4] != '&';
}

static int
s_fail_long (br_error_t *reterr)
{
    return br_error_set (reterr, BR_EAUTH,
                         "the credential is too long: a token has at most %u bytes",
                         INGRESS_CREDENTIAL_MAX);
}

//  Takes a credential if it counts. 1 when it does, 0, or -1 when it is too long.
static int
s_take (piece_t piece, bool only_ours, br_buf_t *credential, br_error_t *reterr)
{
    if (!piece.size)
        return 0;
    if (piece.size > INGRESS_CREDENTIAL_MAX)
        return only_ours ? 0 : s_fail_long (reterr);
    br_buf_clear (credential);
    br_buf_add (credential, piece.at, piece.size);
    if (!only_ours || br_identity_is_like (br_buf_text (credential)))
        return 1;
    br_buf_clear (credential);
    return 0;
}

static piece_t
s_header (const char *value)
{
    return value ? s_trim (value, strlen (value)) : (piece_t) { "", 0 };
}

static int
s_take_key (const char *query, bool only_ours, br_buf_t *credential, br_error_t *reterr)
{
    char value[INGRESS_CREDENTIAL_MAX + 1];
    if (!s_has_key (query))
        return 0;
    if (!ingress_request_param (query, "key", value, sizeof value))
        return only_ours ? 0 : s_fail_long (reterr);
    return s_take (s_header (value), only_ours, credential, reterr);
}

int
ingress_credential_read (const ingress_shown_t *shown, bool only_ours,
                         br_buf_t *credential, br_error_t *reterr)
{
    const piece_t pieces[] = {
        s_authorization (shown->authorization ? shown->authorization : ""),
        s_header (shown->api_key),
        s_header (shown->google_key),
    };
    br_buf_clear (credential);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof pieces / sizeof *pieces; i++)
        rc = s_take (pieces[i], only_ours, credential, reterr);
    if (rc == 0)
        rc = s_take_key (shown->query, only_ours, credential, reterr);
    return rc < 0 ? -1 : 0;
}

int
ingress_credential_miss (br_protocol_t wire, br_error_t *reterr)
{
    static const char *const texts[BR_PROTOCOL_COUNT] = {
        [BR_PROTOCOL_MESSAGES] = "missing x-api-key: it takes a token or key of this "
                                 "bitrouter, as does Authorization: Bearer",
        [BR_PROTOCOL_GOOGLE] =
            "missing authentication credentials: x-goog-api-key or key= "
            "takes a token or key of this bitrouter",
    };
    const char *text = texts[wire];
    return br_error_set (
        reterr, BR_EAUTH, "%s",
        text ? text
             : "missing bearer token: Authorization: Bearer takes a token "
               "or key of this bitrouter");
}
