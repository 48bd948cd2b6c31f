//  ingress_scans: a queue of walks; each turn of the loop does one slice of the first: of
//  its walk, or of its hash, which comes behind that.

#include <sodium.h>
#include <stdlib.h>

#include "actors/ingress/ingress_scans.h"
#include "broker/core/alloc.h"

_Static_assert(INGRESS_HASH_BYTES == crypto_hash_sha256_BYTES, "that of SHA-256");

struct _ingress_scan_t {
    ingress_scan_t *next;
    request_scan_t walk;
    request_t request; //  once it is walked
    bool is_walked;
    crypto_hash_sha256_state hash;
    const uint8_t *bytes; //  that are not hashed yet; borrowed
    size_t left;          //  count of them
    uint8_t *ret_hash;    //  borrowed; NULL = none is wanted
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

//  1 when more is left, else 0.
static int
s_hash (ingress_scan_t *scan)
{
    size_t size = scan->left < JSON_SLICE ? scan->left : JSON_SLICE;
    if (size) {
        crypto_hash_sha256_update (&scan->hash, scan->bytes, size);
        scan->bytes += size;
        scan->left -= size;
    }
    if (scan->left)
        return 1;
    crypto_hash_sha256_final (&scan->hash, scan->ret_hash);
    return 0;
}

//  One slice. 1 when more is left, 0 when all is done, -1 when it makes no sense.
static int
s_step (ingress_scan_t *scan, br_error_t *reterr)
{
    if (scan->is_walked)
        return s_hash (scan);
    int rc = request_scan_step (&scan->walk, JSON_SLICE, &scan->request, reterr);
    scan->is_walked = rc == 0;
    return rc == 0 && scan->ret_hash ? 1 : rc;
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
    int rc = s_step (scan, &error);
    s_remove (self, scan);
    if (rc > 0)
        s_append (self, scan);
    s_want_slice (self);
    if (rc > 0)
        return;
    scan->fn (scan->arg, rc ? NULL : &scan->request, &error);
    free (scan);
}

//  Bytes that are walked.
static size_t
s_walk_size (const ingress_scan_ask_t *ask)
{
    return ask->known->place == REQUEST_NOWHERE ? 0 : ask->size;
}

static int
s_begin (ingress_scan_t *scan, const ingress_scan_ask_t *ask, br_error_t *reterr)
{
    scan->is_walked = false;
    scan->bytes = ask->bytes;
    scan->left = ask->size;
    scan->ret_hash = ask->ret_hash;
    scan->fn = ask->fn;
    scan->arg = ask->arg;
    if (scan->ret_hash)
        crypto_hash_sha256_init (&scan->hash);
    return request_scan_begin (&scan->walk, ask->known, ask->bytes, s_walk_size (ask),
                               reterr);
}

//  All of it, of a body that is small.
static void
s_walk (const ingress_scan_ask_t *ask)
{
    br_error_t error = { .code = BR_OK };
    ingress_scan_t scan;
    int rc = s_begin (&scan, ask, &error);
    if (rc == 0)
        rc = s_step (&scan, &error);
    while (rc > 0)
        rc = s_step (&scan, &error);
    ask->fn (ask->arg, rc ? NULL : &scan.request, &error);
}

ingress_scan_t *
ingress_scans_add (ingress_scans_t *self, const ingress_scan_ask_t *ask)
{
    size_t size = ask->ret_hash ? ask->size : s_walk_size (ask);
    if (size <= JSON_SLICE) {
        s_walk (ask);
        return NULL;
    }
    br_error_t error = { .code = BR_OK };
    ingress_scan_t *scan = BR_NEW (ingress_scan_t);
    int rc = s_begin (scan, ask, &error);
    if (rc) {
        free (scan);
        ask->fn (ask->arg, NULL, &error);
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
