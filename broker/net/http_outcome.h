//  http_outcome: what an end that curl reports means for whoever asked. A pure function
//  over a table; it knows no connection.

#ifndef BR_HTTP_OUTCOME_H
#define BR_HTTP_OUTCOME_H

#include <stdbool.h>
#include <curl/curl.h>

#include "broker/net/http_client.h"

//  The facts of one transfer at its end.
typedef struct _http_outcome_t {
    CURLcode code;      //  curl's verdict
    bool connected;     //  a connection was ready for the request
    bool wrote;         //  and bytes of the request left on it
    bool answered;      //  at least one line of the answer came
    bool complete;      //  its header block is complete
    bool lost;          //  broke on a kept connection that may have taken the request
    const char *detail; //  curl's own words, "" for none
} http_outcome_t;

http_end_t http_outcome_end (const http_outcome_t *self);

//  Whether the provider may have got some of the request.
bool http_outcome_sent (const http_outcome_t *self);

//  A sentence for people. Curl's words are used only where they can hold no secret.
void http_outcome_text (const http_outcome_t *self, http_end_t end, char *text,
                        size_t room);

#endif
