//  usage: what a call used, in one normal form for all protocols.
//
//  A protocol is a table that says which member is which count, and a formula that turns
//  the counts into the normal form.

#include "broker/core/json.h"
#include "broker/core/json_value.h"
#include "broker/proto/usage.h"

typedef enum {
    COUNT_INPUT,
    COUNT_CACHE_READ,
    COUNT_CACHE_WRITE,
    COUNT_OUTPUT,
    COUNT_REASONING,
    COUNT_TOTAL,
    COUNTS
} count_t;

typedef struct {
    uint64_t value[COUNTS];
    bool known[COUNTS];
} counts_t;

#define FIELDS_MAX 6 //  rows of one group
#define GROUPS_MAX 4

typedef struct {
    const char *key;
    count_t count;
} field_t;

//  Members that lie in one object. A count that is known stays: earlier rows win.
typedef struct {
    const char *name;           //  the member of usage that it is; NULL = usage itself
    field_t fields[FIELDS_MAX]; //  a key of NULL ends it early
} group_t;

typedef struct {
    group_t groups[GROUPS_MAX]; //  MUST; one without fields ends it early
    void (*formula) (const counts_t *counts, br_usage_t *usage); //  MUST
} reader_t;

static uint64_t
s_least (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void
s_chat_formula (const counts_t *counts, br_usage_t *usage)
{
    const uint64_t *value = counts->value;
    usage->input = value[COUNT_INPUT];
    usage->output = value[COUNT_OUTPUT];
    usage->cache_read = value[COUNT_CACHE_READ];
    usage->cache_write = value[COUNT_CACHE_WRITE];
    usage->reasoning = value[COUNT_REASONING];
    //  xAI leaves reasoning out of completion_tokens, but not out of total_tokens.
    uint64_t sum = usage->input + usage->output;
    if (value[COUNT_TOTAL] > sum)
        usage->output += s_least (usage->reasoning, value[COUNT_TOTAL] - sum);
}

//  Chat: the details may be absent or null. DeepSeek has its own name for what was cached,
//  Moonshot puts it beside the totals.
static const reader_t s_chat = {
    .groups = {
        { "prompt_tokens_details",
          { { "cached_tokens", COUNT_CACHE_READ },
            { "cache_write_tokens", COUNT_CACHE_WRITE } } },
        { "completion_tokens_details", { { "reasoning_tokens", COUNT_REASONING } } },
        { NULL,
          { { "prompt_tokens", COUNT_INPUT },
            { "completion_tokens", COUNT_OUTPUT },
            { "total_tokens", COUNT_TOTAL },
            { "prompt_cache_hit_tokens", COUNT_CACHE_READ },
            { "cached_tokens", COUNT_CACHE_READ } } },
    },
    .formula = s_chat_formula,
};

static const reader_t *const s_readers[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = &s_chat,
};

uint64_t
br_usage_input_uncached (const br_usage_t *self)
{
    return self->input - self->cache_read - self->cache_write;
}

uint64_t
br_usage_output_text (const br_usage_t *self)
{
    return self->output - self->reasoning;
}

//  Counts are at most 2^53, so that sums of a few never wrap.
static bool
s_read_count (const uint8_t *bytes, const json_row_t *row, uint64_t *ret_count)
{
    int64_t count = 0;
    if (row->type != JSON_NUMBER
        || json_integer (bytes + row->offset, row->size, &count, NULL) || count < 0
        || count > (int64_t) 1 << 53)
        return false;
    *ret_count = (uint64_t) count;
    return true;
}

//  in:   bytes, an object
static int
s_read_group (const group_t *group, const uint8_t *bytes, size_t size, counts_t *counts)
{
    json_row_t rows[FIELDS_MAX];
    size_t nrows = 0;
    while (nrows < FIELDS_MAX && group->fields[nrows].key) {
        rows[nrows].key = group->fields[nrows].key;
        nrows++;
    }
    int rc = json_members (bytes, size, rows, nrows, NULL);
    if (rc)
        return -1;
    for (size_t i = 0; i < nrows; i++) {
        count_t count = group->fields[i].count;
        if (!counts->known[count])
            counts->known[count] = s_read_count (bytes, &rows[i], &counts->value[count]);
    }
    return 0;
}

static int
s_read_counts (const reader_t *reader, const uint8_t *bytes, size_t size,
               counts_t *counts)
{
    for (size_t i = 0; i < GROUPS_MAX && reader->groups[i].fields[0].key; i++) {
        const group_t *group = &reader->groups[i];
        json_row_t row = { .key = group->name, .type = JSON_OBJECT, .size = size };
        int rc = 0;
        if (group->name)
            rc = json_members (bytes, size, &row, 1, NULL);
        if (rc == 0 && row.type == JSON_OBJECT)
            rc = s_read_group (group, bytes + row.offset, row.size, counts);
        if (rc)
            return -1;
    }
    return 0;
}

int
br_usage_read (br_protocol_t protocol, const void *bytes, size_t size,
               br_usage_t *ret_usage)
{
    const reader_t *reader = s_readers[protocol];
    counts_t counts = { 0 };
    if (!reader || s_read_counts (reader, bytes, size, &counts))
        return -1;
    if (!counts.known[COUNT_INPUT] && !counts.known[COUNT_OUTPUT])
        return -1;
    br_usage_t usage = { .known = true };
    reader->formula (&counts, &usage);
    usage.cache_read = s_least (usage.cache_read, usage.input);
    usage.cache_write = s_least (usage.cache_write, usage.input - usage.cache_read);
    usage.reasoning = s_least (usage.reasoning, usage.output);
    *ret_usage = usage;
    return 0;
}
