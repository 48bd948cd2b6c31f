//  conf_agree: numbers that make sense alone, and not together. Of each pair of rows the
//  first may not be more than the second.

#include <stdlib.h>
#include <string.h>

#include "broker/core/conf_agree.h"
#include "broker/core/conf_default.h"

typedef struct {
    const char *path; //  sections and a key
    double otherwise; //  where the file is silent
} agree_number_t;

static const struct {
    agree_number_t less;
    agree_number_t more;
} s_pairs[] = {
    { { "server.drain_notice_secs", BR_CONF_DRAIN_NOTICE_SECS },
      { "server.drain_secs", BR_CONF_DRAIN_SECS } },
    { { "upstream.backoff.base_ms", BR_CONF_BACKOFF_BASE_MS },
      { "upstream.backoff.max_ms", BR_CONF_BACKOFF_MAX_MS } },
    { { "upstream.breaker.open_secs", BR_CONF_BREAKER_OPEN_SECS },
      { "upstream.breaker.open_max_secs", BR_CONF_BREAKER_OPEN_MAX_SECS } },
    { { "idempotency.answer_max", BR_CONF_IDEM_ANSWER_MAX },
      { "idempotency.bytes_max", BR_CONF_IDEM_BYTES_MAX } },
};

//  The node at a path, or NULL.
static const br_conf_node_t *
s_at (const br_conf_node_t *node, const char *path)
{
    char name[40];
    while (node && *path) {
        size_t size = strcspn (path, ".");
        memcpy (name, path, size);
        name[size] = 0;
        node = br_conf_node_get (node, name);
        path += size + (path[size] == '.');
    }
    return node;
}

static int
s_check_pair (const br_conf_node_t *tree, const agree_number_t *less,
              const agree_number_t *more, br_error_t *reterr)
{
    const br_conf_node_t *small = s_at (tree, less->path);
    const br_conf_node_t *large = s_at (tree, more->path);
    if (!small && !large)
        return 0;
    double least = small ? strtod (small->text, NULL) : less->otherwise;
    double most = large ? strtod (large->text, NULL) : more->otherwise;
    if (least <= most)
        return 0;
    const br_conf_node_t *node = small ? small : large;
    return br_error_set (
        reterr, BR_ECONFIG, "%s:%u:%u: %s (%.10g%s) may not be more than %s (%.10g%s)",
        node->file, node->line, node->column, less->path, least,
        small ? "" : " by default", more->path, most, large ? "" : " by default");
}

//  Everybody must say who they are, and everybody is let in.
static int
s_check_auth (const br_conf_node_t *tree, br_error_t *reterr)
{
    const br_conf_node_t *require = s_at (tree, "server.require_auth");
    const br_conf_node_t *skip = s_at (tree, "server.skip_auth");
    if (!require || !skip || strcmp (require->text, "true") != 0
        || strcmp (skip->text, "true") != 0)
        return 0;
    return br_error_set (reterr, BR_ECONFIG,
                         "%s:%u:%u: server.require_auth and server.skip_auth contradict "
                         "each other: leave one out",
                         require->file, require->line, require->column);
}

int
br_conf_agree (const br_conf_node_t *tree, br_error_t *reterr)
{
    for (size_t i = 0; i < sizeof s_pairs / sizeof *s_pairs; i++)
        if (s_check_pair (tree, &s_pairs[i].less, &s_pairs[i].more, reterr))
            return -1;
    return s_check_auth (tree, reterr);
}
