//  login_flow: the two ways to a first token.

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/login_callback.h"
#include "cli/login_flow.h"
#include "cli/table.h"
#include "cli/web.h"

#define RANDOM_BYTES 32
#define BASE64_ROOM 64 //  bytes of 32 in base64url, with the end
#define PAIRS_MAX 40   //  texts of a list of pairs
#define POLL_S 5       //  between questions, when the issuer does not say
#define POLL_MOST_S 60 //  whatever it says
#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"

static void
s_encode (char text[BASE64_ROOM], const uint8_t bytes[RANDOM_BYTES])
{
    sodium_bin2base64 (text, BASE64_ROOM, bytes, RANDOM_BYTES,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void
s_random (char text[BASE64_ROOM])
{
    uint8_t bytes[RANDOM_BYTES];
    randombytes_buf (bytes, sizeof bytes);
    s_encode (text, bytes);
    sodium_memzero (bytes, sizeof bytes);
}

//  ---- browser

//  Where the browser goes. "caller frees"
static char *
s_authorize_url (const login_issuer_t *issuer, const char *redirect, const char *state,
                 const char *challenge)
{
    const char *pairs[PAIRS_MAX] = {
        "response_type",
        "code",
        "client_id",
        issuer->client_id,
        "redirect_uri",
        redirect,
        "scope",
        issuer->scope,
        "state",
        state,
        "code_challenge",
        challenge,
        "code_challenge_method",
        "S256",
    };
    size_t count = 14;
    const cJSON *param;
    cJSON_ArrayForEach (param, cJSON_GetObjectItemCaseSensitive (issuer->json, "params"))
    {
        if (count + 2 >= PAIRS_MAX || !cJSON_IsString (param))
            break;
        pairs[count++] = param->string;
        pairs[count++] = param->valuestring;
    }
    char *query = br_login_body (BR_LOGIN_FORM, pairs);
    const char *mark = strchr (issuer->authorize_url, '?') ? "&" : "?";
    char *url = br_strf ("%s%s%s", issuer->authorize_url, mark, query);
    free (query);
    return url;
}

//  Starts a browser where there is a screen for one; whether it comes does not matter.
static void
s_open (const char *url)
{
    if (!getenv ("DISPLAY") && !getenv ("WAYLAND_DISPLAY"))
        return;
    pid_t child = fork ();
    if (child == 0) {
        int fd = open ("/dev/null", O_RDWR);
        for (int i = 0; fd >= 0 && i < 3; i++)
            (void) dup2 (fd, i);
        if (fork () == 0)
            execlp ("xdg-open", "xdg-open", url, (char *) NULL);
        _exit (0);
    }
    if (child > 0)
        (void) waitpid (child, NULL, 0);
}

static br_login_token_t *
s_exchange (const login_issuer_t *issuer, const char *code, const char *state,
            const char *redirect, const char *verifier, br_error_t *reterr)
{
    const char *const pairs[] = { "grant_type", "authorization_code", "code", code,
                                  "redirect_uri", redirect, "client_id",
                                  issuer->client_id, "code_verifier", verifier,
                                  //  an issuer that wants JSON wants this again, too
                                  "state", issuer->format == BR_LOGIN_JSON ? state : NULL,
                                  NULL };
    return login_issuer_ask (issuer, pairs, NULL, reterr);
}

br_login_token_t *
login_flow_browser (const login_issuer_t *issuer, bool opens, br_error_t *reterr)
{
    login_callback_t *callback = login_callback_new (
        issuer->redirect_host, issuer->redirect_port, issuer->redirect_path, reterr);
    if (!callback)
        return NULL;
    char state[BASE64_ROOM], verifier[BASE64_ROOM], challenge[BASE64_ROOM];
    uint8_t hash[crypto_hash_sha256_BYTES];
    s_random (state);
    s_random (verifier);
    crypto_hash_sha256 (hash, (const uint8_t *) verifier, strlen (verifier));
    s_encode (challenge, hash);
    const char *redirect = login_callback_url (callback);
    char *url = s_authorize_url (issuer, redirect, state, challenge);
    fprintf (stderr,
             "Open this address in a browser on this machine, and agree:\n\n"
             "  %s\n\nWaiting at %s ...\n",
             url, redirect);
    if (opens)
        s_open (url);
    free (url);
    char *code = login_callback_wait (callback, state, LOGIN_FLOW_MS, reterr);
    br_login_token_t *token = NULL;
    if (code)
        token = s_exchange (issuer, code, state, redirect, verifier, reterr);
    br_login_forget (&code);
    sodium_memzero (verifier, sizeof verifier);
    login_callback_destroy (&callback);
    return token;
}

//  ---- device

//  The first answer of the device flow. "caller deletes", or NULL.
static cJSON *
s_begin (const login_issuer_t *issuer, br_error_t *reterr)
{
    const char *const pairs[] = { "client_id", issuer->client_id, "scope", issuer->scope,
                                  NULL };
    char *body = br_login_body (BR_LOGIN_FORM, pairs);
    cli_web_request_t request = { .url = issuer->device_url, .body = body };
    request.headers[0] = "Accept: application/json";
    request.timeout_ms = LOGIN_ISSUER_MS;
    cli_web_answer_t answer = { .body = NULL };
    int rc = cli_web_fetch (&request, &answer, reterr);
    cJSON *json = rc == 0 ? cJSON_Parse (answer.body) : NULL;
    if (rc == 0
        && (!cJSON_GetStringValue (cJSON_GetObjectItem (json, "device_code"))
            || !cJSON_GetStringValue (cJSON_GetObjectItem (json, "user_code")))) {
        br_error_set (reterr, BR_EUNAVAILABLE, "%.200s answers %u without a code",
                      issuer->device_url, answer.status);
        cJSON_Delete (json);
        json = NULL;
    }
    cli_web_answer_clear (&answer);
    free (body);
    return json;
}

static void
s_tell (const cJSON *begun)
{
    const char *where = cJSON_GetStringValue (
        cJSON_GetObjectItem (begun, "verification_uri"));
    if (!where)
        where = cJSON_GetStringValue (cJSON_GetObjectItem (begun, "verification_url"));
    char *place = cli_table_clean (where ? where : "");
    char *code = cli_table_clean (
        cJSON_GetStringValue (cJSON_GetObjectItem (begun, "user_code")));
    fprintf (stderr,
             "Open %s in any browser, and enter the code:\n\n  %s\n\nWaiting ...\n",
             place, code);
    free (code);
    free (place);
}

static double
s_seconds (const cJSON *begun, const char *key, double otherwise, double most)
{
    const cJSON *item = cJSON_GetObjectItem (begun, key);
    double value = cJSON_IsNumber (item) && item->valuedouble >= 0 ? item->valuedouble
                                                                   : otherwise;
    return value < most ? value : most;
}

static void
s_sleep (double seconds)
{
    struct timespec time = { (time_t) seconds, 0 };
    time.tv_nsec = (long) ((seconds - (double) time.tv_sec) * 1e9);
    (void) nanosleep (&time, NULL);
}

//  Asks until somebody has agreed or refused.
static br_login_token_t *
s_poll (const login_issuer_t *issuer, const cJSON *begun, br_error_t *reterr)
{
    const char *code = cJSON_GetStringValue (cJSON_GetObjectItem (begun, "device_code"));
    const char *const pairs[] = { "grant_type", DEVICE_GRANT,      "device_code", code,
                                  "client_id",  issuer->client_id, NULL };
    double pause_s = s_seconds (begun, "interval", POLL_S, POLL_MOST_S);
    double left_s = s_seconds (begun, "expires_in", LOGIN_FLOW_MS / 1000.0,
                               LOGIN_FLOW_MS / 1000.0);
    while (left_s > 0) {
        s_sleep (pause_s);
        br_error_t error = { .code = BR_OK };
        br_login_token_t *token = login_issuer_ask (issuer, pairs, NULL, &error);
        if (token)
            return token;
        bool is_slower = strcmp (error.text, "slow_down") == 0;
        bool waits = is_slower || strcmp (error.text, "authorization_pending") == 0;
        if (error.code == BR_EAUTH && !waits) {
            br_error_set (reterr, BR_EAUTH, "%s", error.text);
            return NULL;
        }
        pause_s += is_slower && pause_s < POLL_MOST_S ? POLL_S : 0;
        left_s -= pause_s + 0.1; //  an answer takes time, too
    }
    br_error_set (reterr, BR_ETIMEOUT, "nobody entered the code in time");
    return NULL;
}

br_login_token_t *
login_flow_device (const login_issuer_t *issuer, br_error_t *reterr)
{
    cJSON *begun = s_begin (issuer, reterr);
    if (!begun)
        return NULL;
    s_tell (begun);
    br_login_token_t *token = s_poll (issuer, begun, reterr);
    cJSON_Delete (begun);
    return token;
}
