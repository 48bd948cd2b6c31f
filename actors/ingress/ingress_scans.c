//  ingress_scans: a queue of walks; each turn of the loop walks one slice of the first.

#include <stdlib.h>

#include "actors/ingress/ingress_scans.h"
#include "broker/core/alloc.h"

struct _ingress_scan_t {
    ingress_scan_t *next;
    request_scan_t walk;
    ingress_scan_fn *fn;
    void *arg; //  borrowed
};

struct _ingress_scans_t {
    br_ctx_t *ctx;
    ingress_scan_t *first;
    ingress_scan_t **last;
    bool due; //  a slice is asked for
};

ingress_scans_t *
ingress_scans_new (br_ctx_t *ctx)
{
    ingress_scans_t *self = BR_NEW (ingress_scans_t);
    self->ctx = ctx;
    self->last = &self->first;
    return self;
}

void
ingress_scans_destroy (ingress_scans_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_scans_t *self = *self_p;
    while (self->first) {
        ingress_scan_t *scan = self->first;
        ingress_scans_drop (self, &scan);
    }
    free (self);
    *self_p = NULL;
}

static void
s_append (ingress_scans_t *self, ingress_scan_t *scan)
{
    scan->next = NULL;
    *self->last = scan;
    self->last = &scan->next;
}

static void
s_remove (ingress_scans_t *self, ingress_scan_t *scan)
{
    ingress_scan_t **at = &self->first;
    while (*at != scan)
        at = &(*at)->next;
    *at = scan->next;
    if (!scan->next)
        self->last = at;
}

static void s_slice (void *arg);

static void
s_want_slice (ingress_scans_t *self)
{
    if (self->due || !self->first)
        return;
    self->due = true;
    br_ctx_again (self->ctx, s_slice, self);
}

//  One slice of the body whose turn it is.
static void
s_slice (void *arg)
{
    ingress_scans_t *self = arg;
    self->due = false;
    ingress_scan_t *scan = self->first;
    if (!scan)
        return;
    br_error_t error = { .code = BR_OK };
    request_t request;
    int rc = request_scan_step (&scan->walk, JSON_SLICE, &request, &error);
    s_remove (self, scan);
    if (rc > 0)
        s_append (self, scan);
    s_want_slice (self);
    if (rc > 0)
        return;
    scan->fn (scan->arg, rc ? NULL : &request, &error);
    free (scan);
}

//  A whole walk, of a body that is small.
static void
s_walk (const request_known_t *known, const void *bytes, size_t size, ingress_scan_fn *fn,
        void *arg)
{
    br_error_t error = { .code = BR_OK };
    request_scan_t walk;
    request_t request;
    int rc = request_scan_begin (&walk, known, bytes, size, &error);
    if (rc == 0)
        rc = request_scan_step (&walk, SIZE_MAX, &request, &error);
    fn (arg, rc ? NULL : &request, &error);
}

ingress_scan_t *
ingress_scans_add (ingress_scans_t *self, const request_known_t *known, const void *bytes,
                   size_t size, ingress_scan_fn *fn, void *arg)
{
    if (size <= JSON_SLICE) {
        s_walk (known, bytes, size, fn, arg);
        return NULL;
    }
    br_error_t error = { .code = BR_OK };
    ingress_scan_t *scan = BR_NEW (ingress_scan_t);
    scan->fn = fn;
    scan->arg = arg;
    int rc = request_scan_begin (&scan->walk, known, bytes, size, &error);
    if (rc) {
        free (scan);
        fn (arg, NULL, &error);
        return NULL;
    }
    s_append (self, scan);
    s_want_slice (self);
    return scan;
}

void
ingress_scans_drop (ingress_scans_t *self, ingress_scan_t **scan_p)
{
    if (!*scan_p)
        return;
    s_remove (self, *scan_p);
    free (*scan_p);
    *scan_p = NULL;
}
