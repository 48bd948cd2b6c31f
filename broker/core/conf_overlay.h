//  conf_overlay: model routes that were added while bitrouter runs. They are laid over what
//  the file says at each load, in the place of routes of the same name, and end with the
//  process.

#ifndef BR_CONF_OVERLAY_H
#define BR_CONF_OVERLAY_H

#include "broker/core/conf_node.h"
#include "broker/core/error.h"

#define BR_CONF_OVERLAY_MAX 1024     //  routes
#define BR_CONF_OVERLAY_ENDPOINTS 32 //  of one route
#define BR_CONF_OVERLAY_NAME_MAX 200 //  bytes of a route's name
#define BR_CONF_OVERLAY_TEXT_MAX 512 //  bytes of any other text of it

typedef struct _br_conf_overlay_t br_conf_overlay_t;

br_conf_overlay_t *br_conf_overlay_new (void);
br_conf_overlay_t *br_conf_overlay_dup (const br_conf_overlay_t *self);
void br_conf_overlay_destroy (br_conf_overlay_t **self_p);

//  Adds a route, in the place of one of the same name. Neither its name nor another text of
//  it may hold control characters, or those that turn the direction of what stands around
//  them: lists of routes are shown on terminals.
//  in:   json, {"name", "kind": "model", "strategy", "endpoints": [{"provider",
//        "service_id", "api_protocol", "weight"}]}; "model" and "model_id" are other names
//        of name and service_id
//  out:  *ret_name, "caller frees"
//  err:  BR_EINVALID what is wrong, also another kind; BR_EBUSY there are too many
int br_conf_overlay_add (br_conf_overlay_t *self, const char *json, char **ret_name,
                         br_error_t *reterr);

//  Takes a route out, which a file's may show again.
//  in:   json, {"name"} or {"model"}
//  out:  *ret_name, "caller frees"
//  err:  BR_ENOTFOUND there is none of that name here; BR_EINVALID
int br_conf_overlay_remove (br_conf_overlay_t *self, const char *json, char **ret_name,
                            br_error_t *reterr);

//  Puts copies of all routes into a tree that was checked; their nodes are BR_CONF_DYNAMIC.
void br_conf_overlay_lay (const br_conf_overlay_t *self, br_conf_node_t *tree);

#endif
