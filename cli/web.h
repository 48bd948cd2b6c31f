//  web: one HTTP request of a command, waited for, on libcurl. The server's own calls to
//  providers are broker/net/http_client.

#ifndef BR_CLI_WEB_H
#define BR_CLI_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/error.h"

#define CLI_WEB_BODY_MAX (1u << 20) //  bytes of an answer
#define CLI_WEB_HEADERS_MAX 8

typedef struct _cli_web_request_t {
    const char *url;                              //  http or https
    const char *body;                             //  of a POST; NULL for GET
    const char *headers[CLI_WEB_HEADERS_MAX + 1]; //  "Name: value"; NULL ends
    long timeout_ms;                              //  of all of it
    bool is_local;                                //  past any proxy
} cli_web_request_t;

typedef struct _cli_web_answer_t {
    unsigned status; //  of HTTP
    char *body;      //  owned, with a zero behind it
    size_t size;     //  bytes
} cli_web_answer_t;

//  Redirects are followed for GET. Answers of any status are answers.
//  err:  BR_EUNAVAILABLE, BR_ETIMEOUT, BR_ETOOBIG; no header and no body is in the text
int cli_web_fetch (const cli_web_request_t *request, cli_web_answer_t *ret_answer,
                   br_error_t *reterr);
void cli_web_answer_clear (cli_web_answer_t *self);

#endif
