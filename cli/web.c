//  web: one HTTP request of a command, waited for.

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/version.h"
#include "cli/web.h"

#define REDIRECTS_MAX 5L

static size_t
s_on_data (char *bytes, size_t size, size_t count, void *arg)
{
    br_buf_t *body = arg;
    return br_buf_add (body, bytes, size * count) ? 0 : size * count;
}

static void
s_set_up (CURL *curl, const cli_web_request_t *request, struct curl_slist *headers,
          br_buf_t *body)
{
    curl_easy_setopt (curl, CURLOPT_URL, request->url);
    curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (curl, CURLOPT_USERAGENT, "bitrouter/" BR_VERSION);
    curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, request->timeout_ms);
    curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, s_on_data);
    curl_easy_setopt (curl, CURLOPT_WRITEDATA, body);
    if (request->is_local)
        curl_easy_setopt (curl, CURLOPT_PROXY, "");
    if (request->body)
        curl_easy_setopt (curl, CURLOPT_POSTFIELDS, request->body);
    else {
        curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt (curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    }
}

//  Performs, and says what went wrong.
static int
s_perform (CURL *curl, const char *url, const br_buf_t *body, br_error_t *reterr)
{
    CURLcode code = curl_easy_perform (curl);
    if (code == CURLE_OK)
        return 0;
    if (body->overflow)
        return br_error_set (reterr, BR_ETOOBIG, "the answer of %.200s is over %u bytes",
                             url, CLI_WEB_BODY_MAX);
    return br_error_set (reterr,
                         code == CURLE_OPERATION_TIMEDOUT ? BR_ETIMEOUT : BR_EUNAVAILABLE,
                         "cannot reach %.200s: %s", url, curl_easy_strerror (code));
}

int
cli_web_fetch (const cli_web_request_t *request, cli_web_answer_t *ret_answer,
               br_error_t *reterr)
{
    CURL *curl = curl_easy_init ();
    if (!curl)
        return br_error_set (reterr, BR_ESYSTEM, "libcurl cannot start");
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < CLI_WEB_HEADERS_MAX && request->headers[i]; i++)
        headers = curl_slist_append (headers, request->headers[i]);
    br_buf_t body;
    br_buf_init (&body, CLI_WEB_BODY_MAX);
    s_set_up (curl, request, headers, &body);
    int rc = s_perform (curl, request->url, &body, reterr);
    if (rc == 0) {
        long status = 0;
        curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
        ret_answer->status = (unsigned) status;
        ret_answer->body = br_strdup (br_buf_text (&body));
        ret_answer->size = strlen (ret_answer->body);
        if (body.data)
            sodium_memzero (body.data, body.room);
    }
    br_buf_free (&body);
    curl_slist_free_all (headers);
    curl_easy_cleanup (curl);
    return rc;
}

void
cli_web_answer_clear (cli_web_answer_t *self)
{
    if (self->body)
        sodium_memzero (self->body, self->size);
    free (self->body);
    *self = (cli_web_answer_t) { .body = NULL };
}
