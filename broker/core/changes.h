//  changes: what was asked of the configuration, in the order in which it was asked: one
//  after the other is rolled out.

#ifndef BR_CHANGES_H
#define BR_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/conf_overlay.h"

#define BR_CHANGES_MAX 256 //  that wait: as many as the admin door has questions

typedef enum {
    BR_CHANGE_RELOAD,
    BR_CHANGE_ROUTE_ADD,
    BR_CHANGE_ROUTE_REMOVE
} br_change_kind_t;

typedef struct _br_change_t {
    br_change_kind_t kind;
    uint64_t ticket; //  who waits at the admin door; 0 = nobody
    char *args;      //  owned; JSON object
    char *name;      //  owned; of the route, once it was applied, or NULL
    char *fixed;     //  owned; of settings that need a restart, "a, b"; NULL = none
    struct _br_change_t *next;
} br_change_t;

typedef struct _br_changes_t {
    br_change_t *first;
    size_t count;
} br_changes_t;

//  Appends one. Of reloads that nobody waits for, one that waits is enough.
//  ret:  0, or -1 when too many wait
int br_changes_add (br_changes_t *self, br_change_kind_t kind, uint64_t ticket,
                    const char *args);

//  The oldest, or NULL. "caller destroys"
br_change_t *br_changes_take (br_changes_t *self);
void br_change_destroy (br_change_t **self_p);
void br_changes_clear (br_changes_t *self);

//  Does to the overlay what is asked, and learns the route's name.
//  err:  as br_conf_overlay_add and _remove
int br_change_apply (br_change_t *self, br_conf_overlay_t *overlay, br_error_t *reterr);

//  What who asked is told when everybody has it: a JSON object. "caller frees"
char *br_change_answer (const br_change_t *self, uint64_t generation);

#endif
