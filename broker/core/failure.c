//  failure: the rows of br_failures.def.

#include "broker/core/failure.h"

static const struct {
    const char *label;
    br_after_t after;
    br_mark_t mark;
} s_rows[BR_FAILURE_COUNT] = {
#define BR_FAILURE(id, label, after, mark, doc)                                          \
    [BR_FAILURE_##id] = { label, BR_AFTER_##after, BR_MARK_##mark },
#include "broker/core/br_failures.def"
#undef BR_FAILURE
};

br_failure_t
br_failure_of (unsigned long long number)
{
    return number < BR_FAILURE_COUNT ? (br_failure_t) number : BR_FAILURE_SERVER;
}

const char *
br_failure_label (br_failure_t failure)
{
    return s_rows[failure].label;
}

br_after_t
br_failure_after (br_failure_t failure)
{
    return s_rows[failure].after;
}

br_mark_t
br_failure_mark (br_failure_t failure)
{
    return s_rows[failure].mark;
}
