//  usage: what a call used, in one normal form for all protocols.
//
//  A protocol is a table that says which member is which count, a formula that turns the
//  counts into the normal form, and a function that writes the normal form again.

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/usage.h"

typedef enum {
    COUNT_INPUT,
    COUNT_INPUT_TOOLS, //  Google: of tools that it ran itself, beside the input
    COUNT_CACHE_READ,
    COUNT_CACHE_WRITE,
    COUNT_CACHE_WRITE_5M,
    COUNT_CACHE_WRITE_1H,
    COUNT_OUTPUT,
    COUNT_REASONING,
    COUNT_TOTAL,
    COUNT_AUDIO_INPUT,
    COUNT_AUDIO_OUTPUT,
    COUNTS
} count_t;

typedef struct {
    uint64_t value[COUNTS];
    bool known[COUNTS];
} counts_t;

#define FIELDS_MAX 6 //  rows of one group
#define GROUPS_MAX 4
#define LISTS_MAX 3

typedef struct {
    const char *key;
    count_t count;
} field_t;

//  Members that lie in one object. A count that is known stays: earlier rows win.
typedef struct {
    const char *name;           //  the member of usage that it is; NULL = usage itself
    field_t fields[FIELDS_MAX]; //  a key of NULL ends it early
} group_t;

//  A list that tells tokens of each kind of content; those of sound are a count.
typedef struct {
    const char *name; //  NULL ends the lists early
    count_t count;
} list_t;

typedef struct {
    group_t groups[GROUPS_MAX]; //  MUST; one without fields ends it early
    list_t lists[LISTS_MAX];    //  MAY
    void (*formula) (const counts_t *counts, br_usage_t *usage); //  MUST
    bool texts; //  MAY. Counts may come as texts, as 64 bit numbers do in protobuf's JSON
    //  MUST. The members of the usage object.
    void (*write) (const br_usage_t *usage, json_writer_t *writer);
} form_t;

static uint64_t
s_least (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

//  ---- Chat and Responses: one shape, with other names

static void
s_openai_formula (const counts_t *counts, br_usage_t *usage)
{
    const uint64_t *value = counts->value;
    usage->input = value[COUNT_INPUT];
    usage->output = value[COUNT_OUTPUT];
    usage->cache_read = value[COUNT_CACHE_READ];
    usage->cache_write = value[COUNT_CACHE_WRITE];
    usage->reasoning = value[COUNT_REASONING];
    usage->audio_input = value[COUNT_AUDIO_INPUT];
    usage->audio_output = value[COUNT_AUDIO_OUTPUT];
    //  xAI leaves reasoning out of completion_tokens, but not out of total_tokens.
    uint64_t sum = usage->input + usage->output;
    if (value[COUNT_TOTAL] > sum)
        usage->output += s_least (usage->reasoning, value[COUNT_TOTAL] - sum);
}

static void
s_put (json_writer_t *writer, const char *key, uint64_t count)
{
    json_put_integer (writer, key, (int64_t) s_least (count, INT64_MAX));
}

static void
s_put_cache (const br_usage_t *usage, const char *key, json_writer_t *writer)
{
    json_open (writer, key, '{');
    s_put (writer, "cached_tokens", usage->cache_read);
    s_put (writer, "cache_write_tokens", usage->cache_write);
    if (usage->audio_input)
        s_put (writer, "audio_tokens", usage->audio_input);
    json_close (writer, '}');
}

static void
s_put_reasoning (const br_usage_t *usage, const char *key, json_writer_t *writer)
{
    json_open (writer, key, '{');
    s_put (writer, "reasoning_tokens", usage->reasoning);
    if (usage->audio_output)
        s_put (writer, "audio_tokens", usage->audio_output);
    json_close (writer, '}');
}

static void
s_chat_write (const br_usage_t *usage, json_writer_t *writer)
{
    s_put (writer, "prompt_tokens", usage->input);
    s_put (writer, "completion_tokens", usage->output);
    s_put (writer, "total_tokens", usage->input + usage->output);
    s_put_cache (usage, "prompt_tokens_details", writer);
    s_put_reasoning (usage, "completion_tokens_details", writer);
}

//  The details may be absent or null. DeepSeek has its own name for what was cached,
//  Moonshot puts it beside the totals; gateways to Claude give its name of what was written.
static const form_t s_chat = {
    .groups = {
        { "prompt_tokens_details",
          { { "cached_tokens", COUNT_CACHE_READ },
            { "cache_write_tokens", COUNT_CACHE_WRITE },
            { "cache_creation_input_tokens", COUNT_CACHE_WRITE },
            { "audio_tokens", COUNT_AUDIO_INPUT } } },
        { "completion_tokens_details",
          { { "reasoning_tokens", COUNT_REASONING },
            { "audio_tokens", COUNT_AUDIO_OUTPUT } } },
        { NULL,
          { { "prompt_tokens", COUNT_INPUT },
            { "completion_tokens", COUNT_OUTPUT },
            { "total_tokens", COUNT_TOTAL },
            { "prompt_cache_hit_tokens", COUNT_CACHE_READ },
            { "cached_tokens", COUNT_CACHE_READ },
            { "cache_creation_input_tokens", COUNT_CACHE_WRITE } } },
    },
    .formula = s_openai_formula,
    .write = s_chat_write,
};

static void
s_responses_write (const br_usage_t *usage, json_writer_t *writer)
{
    s_put (writer, "input_tokens", usage->input);
    s_put_cache (usage, "input_tokens_details", writer);
    s_put (writer, "output_tokens", usage->output);
    s_put_reasoning (usage, "output_tokens_details", writer);
    s_put (writer, "total_tokens", usage->input + usage->output);
}

static const form_t s_responses = {
    .groups = {
        { "input_tokens_details",
          { { "cached_tokens", COUNT_CACHE_READ },
            { "cache_write_tokens", COUNT_CACHE_WRITE },
            { "audio_tokens", COUNT_AUDIO_INPUT } } },
        { "output_tokens_details",
          { { "reasoning_tokens", COUNT_REASONING },
            { "audio_tokens", COUNT_AUDIO_OUTPUT } } },
        { NULL,
          { { "input_tokens", COUNT_INPUT },
            { "output_tokens", COUNT_OUTPUT },
            { "total_tokens", COUNT_TOTAL } } },
    },
    .formula = s_openai_formula,
    .write = s_responses_write,
};

//  ---- Messages: input_tokens are those that no cache had a part in

static void
s_messages_formula (const counts_t *counts, br_usage_t *usage)
{
    const uint64_t *value = counts->value;
    usage->cache_read = value[COUNT_CACHE_READ];
    usage->cache_write = value[COUNT_CACHE_WRITE];
    usage->cache_write_1h = value[COUNT_CACHE_WRITE_1H];
    if (!counts->known[COUNT_CACHE_WRITE])
        usage->cache_write = value[COUNT_CACHE_WRITE_5M] + value[COUNT_CACHE_WRITE_1H];
    usage->input = value[COUNT_INPUT] + usage->cache_read + usage->cache_write;
    usage->output = value[COUNT_OUTPUT];
    usage->reasoning = value[COUNT_REASONING];
}

static void
s_messages_write (const br_usage_t *usage, json_writer_t *writer)
{
    s_put (writer, "input_tokens", br_usage_input_uncached (usage));
    s_put (writer, "cache_creation_input_tokens", usage->cache_write);
    s_put (writer, "cache_read_input_tokens", usage->cache_read);
    json_open (writer, "cache_creation", '{');
    s_put (writer, "ephemeral_5m_input_tokens",
           usage->cache_write - usage->cache_write_1h);
    s_put (writer, "ephemeral_1h_input_tokens", usage->cache_write_1h);
    json_close (writer, '}');
    s_put (writer, "output_tokens", usage->output);
    json_open (writer, "output_tokens_details", '{');
    s_put (writer, "thinking_tokens", usage->reasoning);
    json_close (writer, '}');
}

static const form_t s_messages = {
    .groups = {
        { NULL,
          { { "input_tokens", COUNT_INPUT },
            { "output_tokens", COUNT_OUTPUT },
            { "cache_read_input_tokens", COUNT_CACHE_READ },
            { "cache_creation_input_tokens", COUNT_CACHE_WRITE } } },
        { "cache_creation",
          { { "ephemeral_5m_input_tokens", COUNT_CACHE_WRITE_5M },
            { "ephemeral_1h_input_tokens", COUNT_CACHE_WRITE_1H } } },
        { "output_tokens_details", { { "thinking_tokens", COUNT_REASONING } } },
    },
    .formula = s_messages_formula,
    .write = s_messages_write,
};

//  ---- Google: candidates are without the thoughts

static void
s_google_formula (const counts_t *counts, br_usage_t *usage)
{
    const uint64_t *value = counts->value;
    usage->input = value[COUNT_INPUT] + value[COUNT_INPUT_TOOLS];
    usage->cache_read = value[COUNT_CACHE_READ];
    usage->reasoning = value[COUNT_REASONING];
    usage->output = value[COUNT_OUTPUT] + usage->reasoning;
    usage->audio_input = value[COUNT_AUDIO_INPUT];
    usage->audio_output = value[COUNT_AUDIO_OUTPUT];
}

static void
s_put_kind (const char *kind, uint64_t count, json_writer_t *writer)
{
    json_open (writer, NULL, '{');
    json_put_string (writer, "modality", kind);
    s_put (writer, "tokenCount", count);
    json_close (writer, '}');
}

//  Only where there was sound.
static void
s_put_kinds (const char *key, uint64_t total, uint64_t audio, json_writer_t *writer)
{
    if (!audio)
        return;
    json_open (writer, key, '[');
    if (total > audio)
        s_put_kind ("TEXT", total - audio, writer);
    s_put_kind ("AUDIO", audio, writer);
    json_close (writer, ']');
}

static void
s_google_write (const br_usage_t *usage, json_writer_t *writer)
{
    s_put (writer, "promptTokenCount", usage->input);
    if (usage->cache_read)
        s_put (writer, "cachedContentTokenCount", usage->cache_read);
    s_put (writer, "candidatesTokenCount", br_usage_output_text (usage));
    if (usage->reasoning)
        s_put (writer, "thoughtsTokenCount", usage->reasoning);
    s_put (writer, "totalTokenCount", usage->input + usage->output);
    s_put_kinds ("promptTokensDetails", usage->input, usage->audio_input, writer);
    s_put_kinds ("candidatesTokensDetails", br_usage_output_text (usage),
                 usage->audio_output, writer);
}

static const form_t s_google = {
    .groups = {
        { NULL,
          { { "promptTokenCount", COUNT_INPUT },
            { "candidatesTokenCount", COUNT_OUTPUT },
            { "thoughtsTokenCount", COUNT_REASONING },
            { "cachedContentTokenCount", COUNT_CACHE_READ },
            { "toolUsePromptTokenCount", COUNT_INPUT_TOOLS } } },
    },
    .lists = { { "promptTokensDetails", COUNT_AUDIO_INPUT },
               { "toolUsePromptTokensDetails", COUNT_AUDIO_INPUT },
               { "candidatesTokensDetails", COUNT_AUDIO_OUTPUT } },
    .formula = s_google_formula,
    .texts = true,
    .write = s_google_write,
};

static const form_t *const s_forms[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = &s_chat,           [BR_PROTOCOL_COMPLETIONS] = &s_chat,
    [BR_PROTOCOL_RESPONSES] = &s_responses, [BR_PROTOCOL_MESSAGES] = &s_messages,
    [BR_PROTOCOL_GOOGLE] = &s_google,
};

//  ---- reading

//  Counts are at most 2^53, so that sums of a few never wrap.
static bool
s_read_count (const form_t *form, const uint8_t *bytes, const json_row_t *row,
              uint64_t *ret_count)
{
    size_t quote = form->texts && row->type == JSON_STRING ? 1 : 0;
    int64_t count = 0;
    if (row->type != JSON_NUMBER && !quote)
        return false;
    if (json_integer (bytes + row->offset + quote, row->size - 2 * quote, &count, NULL)
        || count < 0 || count > (int64_t) 1 << 53)
        return false;
    *ret_count = (uint64_t) count;
    return true;
}

//  in:   bytes, an object
static int
s_read_group (const form_t *form, const group_t *group, const uint8_t *bytes, size_t size,
              counts_t *counts)
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
        if (counts->known[count])
            continue;
        counts->known[count] = s_read_count (form, bytes, &rows[i],
                                             &counts->value[count]);
        bool is_total = count == COUNT_INPUT || count == COUNT_OUTPUT;
        if (is_total && !counts->known[count] && rows[i].type == JSON_NUMBER)
            return -1; //  who says -1 or a half has not counted
    }
    return 0;
}

//  Adds up the tokens of sound.
static void
s_read_list (const form_t *form, const uint8_t *bytes, size_t size, uint64_t *count)
{
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, bytes, size, NULL);
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1) {
        json_row_t rows[] = { { .key = "modality" }, { .key = "tokenCount" } };
        const uint8_t *at = bytes + item.offset;
        uint64_t tokens = 0;
        if (item.type == JSON_OBJECT && json_members (at, item.size, rows, 2, NULL) == 0
            && json_string_is (at + rows[0].offset, rows[0].size, "AUDIO")
            && s_read_count (form, at, &rows[1], &tokens) && *count <= (uint64_t) 1 << 53)
            *count += tokens;
    }
}

static int
s_read_lists (const form_t *form, const uint8_t *bytes, size_t size, counts_t *counts)
{
    for (size_t i = 0; i < LISTS_MAX && form->lists[i].name; i++) {
        const list_t *list = &form->lists[i];
        json_row_t row = { .key = list->name };
        if (json_members (bytes, size, &row, 1, NULL))
            return -1;
        if (row.type == JSON_ARRAY)
            s_read_list (form, bytes + row.offset, row.size, &counts->value[list->count]);
    }
    return 0;
}

static int
s_read_counts (const form_t *form, const uint8_t *bytes, size_t size, counts_t *counts)
{
    for (size_t i = 0; i < GROUPS_MAX && form->groups[i].fields[0].key; i++) {
        const group_t *group = &form->groups[i];
        json_row_t row = { .key = group->name, .type = JSON_OBJECT, .size = size };
        int rc = 0;
        if (group->name)
            rc = json_members (bytes, size, &row, 1, NULL);
        if (rc == 0 && row.type == JSON_OBJECT)
            rc = s_read_group (form, group, bytes + row.offset, row.size, counts);
        if (rc)
            return -1;
    }
    return s_read_lists (form, bytes, size, counts);
}

static void
s_normal (const form_t *form, const counts_t *counts, br_usage_t *ret_usage)
{
    br_usage_t usage = { .known = true };
    form->formula (counts, &usage);
    usage.cache_read = s_least (usage.cache_read, usage.input);
    usage.cache_write = s_least (usage.cache_write, usage.input - usage.cache_read);
    usage.cache_write_1h = s_least (usage.cache_write_1h, usage.cache_write);
    usage.reasoning = s_least (usage.reasoning, usage.output);
    usage.audio_input = s_least (usage.audio_input, usage.input);
    usage.audio_output = s_least (usage.audio_output, br_usage_output_text (&usage));
    *ret_usage = usage;
}

//  ---- public

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

int
br_usage_read (br_protocol_t protocol, const void *bytes, size_t size,
               br_usage_t *ret_usage)
{
    const form_t *form = s_forms[protocol];
    counts_t counts = { 0 };
    if (s_read_counts (form, bytes, size, &counts))
        return -1;
    if (!counts.known[COUNT_INPUT] && !counts.known[COUNT_OUTPUT])
        return -1;
    br_usage_t usage;
    s_normal (form, &counts, &usage);
    if (usage.input == 0 && usage.output == 0)
        return -1;
    *ret_usage = usage;
    return 0;
}

int
br_usage_merge (br_usage_t *self, const void *bytes, size_t size)
{
    counts_t counts = { 0 };
    if (s_read_counts (&s_messages, bytes, size, &counts))
        return -1;
    bool tells = self->known || counts.known[COUNT_INPUT] || counts.known[COUNT_OUTPUT];
    bool tells_write = counts.known[COUNT_CACHE_WRITE_5M]
                       || counts.known[COUNT_CACHE_WRITE_1H];
    const uint64_t before[COUNTS] = {
        [COUNT_INPUT] = br_usage_input_uncached (self),
        [COUNT_CACHE_READ] = self->cache_read,
        [COUNT_CACHE_WRITE] = self->cache_write,
        [COUNT_CACHE_WRITE_5M] = self->cache_write - self->cache_write_1h,
        [COUNT_CACHE_WRITE_1H] = self->cache_write_1h,
        [COUNT_OUTPUT] = self->output,
        [COUNT_REASONING] = self->reasoning,
    };
    for (size_t i = 0; i < COUNTS; i++)
        if (!counts.known[i])
            counts.value[i] = before[i];
    //  Of a sum and its parts, what came last holds.
    counts.known[COUNT_CACHE_WRITE] |= !tells_write;
    s_normal (&s_messages, &counts, self);
    self->known = tells && (self->input || self->output);
    return 0;
}

void
br_usage_write (const br_usage_t *self, br_protocol_t protocol, const char *key,
                json_writer_t *writer)
{
    json_open (writer, key, '{');
    s_forms[protocol]->write (self, writer);
    json_close (writer, '}');
}
