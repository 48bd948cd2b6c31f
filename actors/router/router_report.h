//  router_report: what this router knows of each endpoint, for the operator.

#ifndef BR_ROUTER_REPORT_H
#define BR_ROUTER_REPORT_H

#include "actors/router/router_env.h"

//  [{"provider":"a","endpoint":"","state":"closed","ok":1,"fail":0,"under_way":2,
//  "first_ms":34.5}]. "caller frees"
char *router_report_json (const router_env_t *env);

#endif
