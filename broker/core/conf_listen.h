//  conf_listen: addresses to listen on, as somebody writes them, as sockets want them.

#ifndef BR_CONF_LISTEN_H
#define BR_CONF_LISTEN_H

#include "broker/core/conf_words.h"

#define BR_CONF_LISTEN_DEFAULT "127.0.0.1:8787"

//  Adds one address as "host:port" or "[v6]:port", none of them twice. "localhost" is both
//  loopback addresses, "*" and an empty host are every address, a number is a port of
//  127.0.0.1. Port 0 lets the system choose.
//  Returns 0, or -1 when the text is no address.
int br_conf_listen_add (br_conf_words_t *addresses, const char *text);

#endif
