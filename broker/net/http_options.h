//  http_options: what a client's configuration means as options of a curl handle, and
//  the options that are always the same. Set once for each handle.

#ifndef BR_HTTP_OPTIONS_H
#define BR_HTTP_OPTIONS_H

#include <curl/curl.h>

#include "broker/net/http_client.h"

#define HTTP_OPTIONS_RECEIVE_BYTES 3072 //  curl's buffer while an answer is open
#define HTTP_OPTIONS_SEND_BYTES 65536   //  its buffer while a large body is sent

void http_options_set (CURL *easy, const http_client_conf_t *conf);

//  Gives the send buffer's memory back. Only when the whole request was sent.
void http_options_free_send (CURL *easy);

#endif
