//  conf_fixed: settings that hold from the start of bitrouter to its end. A reload reads
//  them too, and says so when they are not what they were; it does not change them.

#ifndef BR_CONF_FIXED_H
#define BR_CONF_FIXED_H

#include "broker/core/conf.h"
#include "broker/core/conf_words.h"

//  What they are, one text a setting. "caller destroys"
br_conf_words_t *br_conf_fixed_of (const br_conf_t *conf);

//  The names of those that are others now: "server.listen, server.tls". NULL when there
//  are none. "caller frees"
char *br_conf_fixed_changed (const br_conf_words_t *self, const br_conf_t *conf);

#endif
