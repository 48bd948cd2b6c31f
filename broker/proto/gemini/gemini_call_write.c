//  gemini_call_write: writes the body of a request. What the contents are made of stands
//  in gemini_contents_write.c, the rest in gemini_config_write.c.

#include "broker/proto/gemini/gemini_parts.h"

void
gemini_lose (const gemini_task_t *task, const gemini_name_t *name, bool changed)
{
    const char *own = name->of[task->call->protocol];
    const char *field = own ? own : name->of[BR_PROTOCOL_CHAT];
    if (field)
        br_loss_add (task->losses, task->call->arena, br_text (field), changed);
}

void
gemini_lose_path (const gemini_task_t *task, br_text_t path, const char *member,
                  bool changed)
{
    if (path.size == 0)
        return;
    br_arena_t *arena = task->call->arena;
    br_loss_add (task->losses, arena,
                 br_arena_textf (arena, "%.*s%s", (int) path.size, path.at, member),
                 changed);
}

//  What Google has no place for at all.
static void
s_lose_rest (const gemini_task_t *task)
{
    static const gemini_name_t min_p = { { "min_p", "min_p", "min_p", "min_p" } };
    static const gemini_name_t bias = { { "logit_bias", "logit_bias", NULL, NULL } };
    static const gemini_name_t verbosity = { { "verbosity", "text.verbosity", NULL,
                                               NULL } };
    static const gemini_name_t metadata = { { "metadata", "metadata", "metadata",
                                              "labels" } };
    static const gemini_name_t user = { { "user", "user", "metadata.user_id", NULL } };
    static const gemini_name_t store = { { "store", "store", NULL, "store" } };
    static const gemini_name_t key = { { "prompt_cache_key", "prompt_cache_key", NULL,
                                         NULL } };
    static const gemini_name_t parallel = {
        { "parallel_tool_calls", "parallel_tool_calls",
          "tool_choice.disable_parallel_tool_use", NULL }
    };
    const br_call_t *call = task->call;
    const struct {
        bool given;
        const gemini_name_t *name;
    } rows[] = { { call->min_p.raw.at, &min_p },
                 { call->logit_bias.at, &bias },
                 { call->verbosity.at, &verbosity },
                 { call->metadata.at, &metadata },
                 { call->user.at, &user },
                 { call->store == BR_YES, &store },
                 { call->cache_key.at, &key },
                 { call->parallel == BR_NO && call->tools, &parallel } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].given)
            gemini_lose (task, rows[i].name, false);
}

//  Caches are implicit here: one word for all marks.
static void
s_lose_marks (const gemini_task_t *task)
{
    static const gemini_name_t marks = { { "cache_control", "cache_control",
                                           "cache_control", NULL } };
    bool some = false;
    for (const br_block_t *b = task->call->system; b; b = b->next)
        some = some || b->cache.at;
    for (const br_tool_t *t = task->call->tools; t; t = t->next)
        some = some || t->cache.at;
    for (const br_turn_t *t = task->call->turns; t; t = t->next)
        for (const br_block_t *b = t->blocks; b; b = b->next)
            some = some || b->cache.at;
    if (some)
        gemini_lose (task, &marks, false);
}

static void
s_write_system (gemini_task_t *task)
{
    bool open = false;
    for (const br_block_t *b = task->call->system; b; b = b->next) {
        if (b->text.size == 0)
            continue;
        if (!open) {
            json_open (&task->writer, "systemInstruction", '{');
            json_open (&task->writer, "parts", '[');
        }
        open = true;
        json_open (&task->writer, NULL, '{');
        json_put (&task->writer, "text", b->text);
        json_close (&task->writer, '}');
    }
    if (!open)
        return;
    json_close (&task->writer, ']');
    json_close (&task->writer, '}');
}

static int
s_write_members (gemini_task_t *task)
{
    s_write_system (task);
    if (gemini_write_contents (task) || gemini_write_tools (task))
        return -1;
    if (task->call->count_only)
        return 0;
    s_lose_rest (task);
    s_lose_marks (task);
    return gemini_write_config (task);
}

//  To count tokens, the request stands inside of another, with its model.
static int
s_write (gemini_task_t *task)
{
    json_writer_t *writer = &task->writer;
    const char *model = task->target->model;
    bool counts = task->call->count_only;
    json_open (writer, NULL, '{');
    if (counts) {
        bool whole = br_text_has (br_text (model), "/");
        json_open (writer, "generateContentRequest", '{');
        json_text_begin (writer, "model");
        json_text_add (writer, whole ? BR_TEXT ("") : BR_TEXT ("models/"));
        json_text_add (writer, br_text (model));
        json_text_end (writer);
    }
    int rc = s_write_members (task);
    if (counts)
        json_close (writer, '}');
    json_close (writer, '}');
    return rc;
}

int
gemini_write_call (const br_call_t *call, const br_target_t *target, br_loss_t **losses,
                   br_buf_t *out, br_error_t *reterr)
{
    if (call->previous_id.size)
        return br_error_set (reterr, BR_EINVALID,
                             "previous_response_id cannot be sent to %s: it keeps no "
                             "responses; send the whole conversation",
                             target->provider);
    gemini_task_t task = { .call = call,
                           .target = target,
                           .losses = losses,
                           .writer = json_writer (out),
                           .tree = json_tree_new (),
                           .reterr = reterr };
    int rc = s_write (&task);
    json_tree_destroy (&task.tree);
    if (rc == 0 && out->overflow)
        rc = br_error_set (reterr, BR_EINVALID,
                           "the request for %s would be over its maximum size",
                           target->provider);
    return rc;
}
