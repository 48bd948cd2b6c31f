//  changes: a queue of changes to the configuration.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/changes.h"

#define ANSWER_MAX 4096 //  bytes

int
br_changes_add (br_changes_t *self, br_change_kind_t kind, uint64_t ticket,
                const char *args)
{
    br_change_t **at = &self->first;
    for (; *at; at = &(*at)->next)
        if (kind == BR_CHANGE_RELOAD && ticket == 0 && (*at)->kind == kind)
            return 0;
    if (self->count == BR_CHANGES_MAX)
        return -1;
    br_change_t *change = BR_NEW (br_change_t);
    change->kind = kind;
    change->ticket = ticket;
    change->args = br_strdup (args ? args : "{}");
    *at = change;
    self->count++;
    return 0;
}

br_change_t *
br_changes_take (br_changes_t *self)
{
    br_change_t *change = self->first;
    if (!change)
        return NULL;
    self->first = change->next;
    self->count--;
    change->next = NULL;
    return change;
}

void
br_change_destroy (br_change_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->fixed);
    free ((*self_p)->name);
    free ((*self_p)->args);
    free (*self_p);
    *self_p = NULL;
}

void
br_changes_clear (br_changes_t *self)
{
    br_change_t *change;
    while ((change = br_changes_take (self)))
        br_change_destroy (&change);
}

int
br_change_apply (br_change_t *self, br_conf_overlay_t *overlay, br_error_t *reterr)
{
    if (self->kind == BR_CHANGE_ROUTE_ADD)
        return br_conf_overlay_add (overlay, self->args, &self->name, reterr);
    if (self->kind == BR_CHANGE_ROUTE_REMOVE)
        return br_conf_overlay_remove (overlay, self->args, &self->name, reterr);
    return 0;
}

char *
br_change_answer (const br_change_t *self, uint64_t generation)
{
    br_buf_t text;
    br_buf_init (&text, ANSWER_MAX);
    br_buf_addf (&text, "{\"generation\":%llu", (unsigned long long) generation);
    if (self->name) {
        br_buf_adds (&text, ",\"status\":\"ok\",\"name\":");
        br_buf_add_json (&text, self->name, strlen (self->name));
    }
    if (self->kind == BR_CHANGE_ROUTE_REMOVE)
        br_buf_adds (&text, ",\"removed\":true");
    if (self->fixed) {
        br_buf_adds (&text, ",\"needs_restart\":");
        br_buf_add_json (&text, self->fixed, strlen (self->fixed));
    }
    br_buf_addc (&text, '}');
    br_buf_addc (&text, 0);
    size_t size;
    return (char *) br_buf_take (&text, &size);
}
