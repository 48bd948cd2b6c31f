//  http_fields: the header lines of one request as the list that curl wants, list and
//  text in one block of memory. An entry may hold several lines.

#ifndef BR_HTTP_FIELDS_H
#define BR_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <curl/curl.h>

#include "broker/core/error.h"

#define HTTP_FIELDS_MAX 65536 //  bytes of all lines

typedef struct _http_fields_t {
    struct curl_slist *list; //  owned; the first node, NULL while nothing was set
    size_t room;             //  bytes of the block
} http_fields_t;

//  Copies the lines; NULL is no lines. Adds what keeps curl from sending header fields
//  that nobody asked for. err: BR_EINVALID for a line that is not "Name: value".
int http_fields_set (http_fields_t *self, const char *const *lines, br_error_t *reterr);

//  Forgets the lines, keeps a little memory.
void http_fields_clear (http_fields_t *self);
void http_fields_free (http_fields_t *self);

#endif
