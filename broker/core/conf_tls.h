//  conf_tls: the files of the server's own certificate.

#ifndef BR_CONF_TLS_H
#define BR_CONF_TLS_H

#include "broker/core/conf_node.h"
#include "broker/core/error.h"

//  Makes the paths of server.tls in a checked tree absolute: a relative one is in the
//  folder of the configuration file, or in the home, when the file's name has none. A
//  section with nothing in it is taken out.
//  err:  BR_ECONFIG, when one of the two is missing, or empty: a variable that is not set
//        does not make the server a plain one
int br_conf_tls_settle (br_conf_node_t *tree, const char *config_file, const char *home,
                        br_error_t *reterr);

//  Looks whether both files of a settled tree can be read; no section is well.
//  err:  BR_ECONFIG, which names the file
int br_conf_tls_check (const br_conf_node_t *tree, br_error_t *reterr);

#endif
