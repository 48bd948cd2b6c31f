//  login_token: what an issuer of OAuth 2.0 gives somebody who has logged in.

#include <cjson/cJSON.h>
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_file.h"
#include "broker/identity/key_file.h"
#include "broker/identity/login_token.h"

#define BODY_MAX (64u << 10)             //  bytes of what is sent
#define LIFE_MAX_S (100.0 * 365 * 86400) //  of a token, whatever is claimed
#define WORDS_MAX 120                    //  bytes of an issuer's error that are told

void
br_login_forget (char **secret_p)
{
    if (!secret_p || !*secret_p)
        return;
    sodium_memzero (*secret_p, strlen (*secret_p));
    free (*secret_p);
    *secret_p = NULL;
}

void
br_login_token_destroy (br_login_token_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_login_forget (&(*self_p)->access);
    br_login_forget (&(*self_p)->refresh);
    free ((*self_p)->scope);
    free (*self_p);
    *self_p = NULL;
}

//  ---- reading

static const char *
s_text (const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (json, key));
    return text && *text ? text : NULL;
}

//  Whether a text is one word, as a header can hold it.
static bool
s_is_word (const char *text)
{
    for (const char *at = text; text && *at; at++)
        if (!isgraph ((unsigned char) *at))
            return false;
    return text != NULL;
}

static uint64_t
s_expires (const cJSON *json, uint64_t now_s)
{
    const cJSON *at = cJSON_GetObjectItemCaseSensitive (json, "expires_at");
    if (cJSON_IsNumber (at) && at->valuedouble > 0 && at->valuedouble < 1e15)
        return (uint64_t) at->valuedouble;
    const cJSON *life = cJSON_GetObjectItemCaseSensitive (json, "expires_in");
    if (!cJSON_IsNumber (life) || life->valuedouble <= 0)
        return 0;
    return now_s
           + (uint64_t) (life->valuedouble < LIFE_MAX_S ? life->valuedouble : LIFE_MAX_S);
}

//  What an issuer says instead of a token, printable and short.
static int
s_refuse (const cJSON *json, br_error_t *reterr)
{
    const char *error = s_text (json, "error");
    if (!error)
        return br_error_set (reterr, BR_EINVALID, "the issuer gave no token");
    char *words = br_strndup (error, WORDS_MAX);
    for (char *at = words; *at; at++)
        *at = isgraph ((unsigned char) *at) ? *at : '?';
    br_error_set (reterr, BR_EAUTH, "%s", words);
    free (words);
    return -1;
}

br_login_token_t *
br_login_token_parse (const char *json, uint64_t now_s, const br_login_token_t *older,
                      br_error_t *reterr)
{
    cJSON *tree = strlen (json) <= BR_LOGIN_TOKEN_MAX ? cJSON_Parse (json) : NULL;
    const char *access = s_text (tree, "access_token");
    const char *refresh = s_text (tree, "refresh_token");
    const char *scope = s_text (tree, "scope");
    if (!s_is_word (access) || (refresh && !s_is_word (refresh))) {
        s_refuse (tree, reterr);
        cJSON_Delete (tree);
        return NULL;
    }
    if (!refresh && older)
        refresh = older->refresh;
    br_login_token_t *self = BR_NEW (br_login_token_t);
    self->access = br_strdup (access);
    self->refresh = br_strdup (refresh);
    self->scope = br_strdup (scope);
    self->expires_s = s_expires (tree, now_s);
    cJSON_Delete (tree);
    return self;
}

br_login_token_t *
br_login_token_read (const char *path, br_error_t *reterr)
{
    size_t size = 0;
    char *text = br_conf_file_read (path, BR_LOGIN_TOKEN_MAX, &size, reterr);
    if (!text)
        return NULL;
    br_login_token_t *self = br_login_token_parse (text, 0, NULL, NULL);
    br_login_forget (&text);
    if (!self)
        br_error_set (reterr, BR_EINVALID, "%s: there is no token in it", path);
    return self;
}

//  ---- writing

int
br_login_token_write (const br_login_token_t *self, const char *path, br_error_t *reterr)
{
    const char *slash = strrchr (path, '/');
    if (!slash || slash == path)
        return br_error_set (reterr, BR_ESYSTEM, "%s: no path of a token", path);
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddStringToObject (json, "access_token", self->access);
    if (self->refresh)
        cJSON_AddStringToObject (json, "refresh_token", self->refresh);
    if (self->scope)
        cJSON_AddStringToObject (json, "scope", self->scope);
    if (self->expires_s)
        cJSON_AddNumberToObject (json, "expires_at", (double) self->expires_s);
    char *text = cJSON_Print (json);
    cJSON_Delete (json);
    //  the folder of keys, and the name below it, so that both folders are made
    const char *below = memrchr (path, '/', (size_t) (slash - path));
    const char *cut = below && below > path ? below : slash;
    char *folder = br_strndup (path, (size_t) (cut - path));
    int rc = br_key_file_write (folder, cut + 1, text, reterr);
    free (folder);
    br_login_forget (&text);
    return rc;
}

//  ---- asking

static void
s_add_encoded (br_buf_t *out, const char *text)
{
    static const char s_plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._~";
    for (; *text; text++) {
        if (strchr (s_plain, *text))
            br_buf_addc (out, *text);
        else
            br_buf_addf (out, "%%%02X", (unsigned char) *text);
    }
}

static void
s_add_pair (br_buf_t *out, br_login_format_t format, const char *name, const char *value)
{
    bool is_first = out->size <= (format == BR_LOGIN_JSON ? 1u : 0u);
    if (format == BR_LOGIN_JSON) {
        br_buf_adds (out, is_first ? "" : ",");
        br_buf_add_json (out, name, strlen (name));
        br_buf_addc (out, ':');
        br_buf_add_json (out, value, strlen (value));
        return;
    }
    br_buf_adds (out, is_first ? "" : "&");
    s_add_encoded (out, name);
    br_buf_addc (out, '=');
    s_add_encoded (out, value);
}

char *
br_login_body (br_login_format_t format, const char *const *pairs)
{
    br_buf_t out;
    br_buf_init (&out, BODY_MAX);
    if (format == BR_LOGIN_JSON)
        br_buf_addc (&out, '{');
    for (; pairs[0]; pairs += 2)
        if (pairs[1])
            s_add_pair (&out, format, pairs[0], pairs[1]);
    if (format == BR_LOGIN_JSON)
        br_buf_addc (&out, '}');
    char *text = br_strdup (br_buf_text (&out));
    if (out.data)
        sodium_memzero (out.data, out.room);
    br_buf_free (&out);
    return text;
}
