//  guard_world: sets the stage.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/slip.h"
#include "tests/actors/guard/guard_world.h"

const char guard_world_slice[] =
    "{\"families\":["
    "{\"id\":\"api_keys\",\"about\":\"API keys from common providers\","
    "\"direction\":\"upgoing\",\"patterns\":[{\"name\":\"sk\","
    "\"regex\":\"sk-[a-z0-9]{8}\",\"hints\":[\"sk-\"],\"lead\":0,\"reach\":11}]},"
    "{\"id\":\"suspicious_commands\",\"about\":\"Dangerous shell commands\","
    "\"direction\":\"downgoing\",\"patterns\":[{\"name\":\"rm\",\"regex\":\"rm -rf /\","
    "\"hints\":[\"rm \"],\"lead\":0,\"reach\":8}]},"
    "{\"id\":\"pii_emails\",\"about\":\"Email addresses\",\"direction\":\"upgoing\","
    "\"patterns\":[{\"name\":\"email\",\"regex\":\"[a-z]{1,20}@[a-z]{1,20}[.]com\","
    "\"hints\":[\"@\"],\"lead\":20,\"reach\":45}]}],"
    "\"custom\":[{\"name\":\"word\",\"regex\":\"xyzzy\"}],"
    "\"sets\":["
    "{\"upgoing\":{\"api_keys\":\"redact\"},\"downgoing\":{\"api_keys\":\"redact\","
    "\"suspicious_commands\":\"block\"}},"
    "{\"upgoing\":{\"pii_emails\":\"warn\"},\"downgoing\":{\"pii_emails\":\"warn\"}},"
    "{\"custom_upgoing\":{\"word\":\"block\"}},"
    "{\"upgoing\":{\"api_keys\":\"redact\"},\"fail\":{\"api_keys\":\"open\"}},"
    "{\"downgoing\":{\"api_keys\":\"redact\"},\"fail\":{\"api_keys\":\"open\"}}]}";

//  ---- begin and end

const char *
guard_world_configure (guard_world_t *self, uint64_t generation, const char *slice)
{
    struct br_conf_try try = { .generation = generation, .slice = slice };
    struct br_conf_take take = { .generation = generation };
    stage_heard (&self->stage, "router");
    stage_send (&self->stage, "router", self->guard, BR_CONF_TRY, 0, 0, &try, NULL);
    const char *heard = stage_heard (&self->stage, "router");
    if (strcmp (heard, "conf.accept#0 ") != 0)
        return heard;
    stage_send (&self->stage, "router", self->guard, BR_CONF_TAKE, 0, 0, &take, NULL);
    return stage_heard (&self->stage, "router");
}

static void
s_write_slip (guard_world_t *self)
{
    br_addr_t ingress = br_host_ctx (self->stage.host, "ingress")->addr;
    const br_slip_t slip = { .up = { self->guard, self->router },
                             .up_size = 2,
                             .down = { self->guard, ingress },
                             .down_size = 2 };
    br_buf_t bytes;
    br_buf_init (&bytes, sizeof self->slip);
    br_slip_encode (&slip, &bytes);
    memcpy (self->slip, bytes.data, bytes.size);
    self->slip_size = bytes.size;
    br_buf_free (&bytes);
}

static guard_conf_t *
s_new_conf (const char *slice)
{
    br_error_t error;
    guard_rules_t *rules = guard_rules_new (slice, &error);
    assert_non_null (rules);
    guard_tools_t *tools = guard_tools_new (slice, &error);
    assert_non_null (tools);
    return guard_conf_new (&rules, &tools, 1);
}

void
guard_world_use_tools (guard_world_t *self, const char *tools)
{
    char *slice = br_strf ("{\"tools\":%s,%s", tools, guard_world_slice + 1);
    guard_conf_let_go (&self->conf);
    self->conf = s_new_conf (slice);
    free (slice);
}

int
guard_world_setup (void **state)
{
    static guard_world_t world;
    guard_world_t *self = &world;
    *self = (guard_world_t) { .seq = 0 };
    stage_begin (&self->stage, &br_guard_actor, false);
    self->guard = stage_start (&self->stage, "guard");
    self->router = stage_start (&self->stage, "router");
    self->upstream = stage_start (&self->stage, "upstream/openai");
    stage_start (&self->stage, "metrics");
    s_write_slip (self);
    br_buf_init (&self->text, 64u << 20);
    assert_string_equal (guard_world_configure (self, 1, guard_world_slice),
                         "conf.taken#0 ");
    self->conf = s_new_conf (guard_world_slice);
    self->env.ctx = br_host_ctx (self->stage.host, "guard");
    self->env.queue = guard_queue_new (self->env.ctx);
    self->env.tally = guard_tally_new (self->env.ctx);
    self->env.looks = guard_looks_new (&self->env);
    *state = self;
    return 0;
}

int
guard_world_teardown (void **state)
{
    guard_world_t *self = *state;
    guard_looks_destroy (&self->env.looks);
    guard_queue_destroy (&self->env.queue);
    guard_tally_destroy (&self->env.tally);
    guard_conf_let_go (&self->conf);
    stage_end (&self->stage);
    br_buf_free (&self->text);
    return 0;
}

//  ---- words

void
guard_world_open_with (guard_world_t *self, uint64_t call, struct br_call_open open,
                       const char *body, size_t size)
{
    open.slip = open.slip.size ? open.slip : (br_bytes_t) { self->slip, self->slip_size };
    open.surface = open.surface ? open.surface : BR_SURFACE_CHAT;
    br_blob_t *blob = br_blob_new (body, size);
    stage_send (&self->stage, "ingress", self->guard, BR_CALL_OPEN, call, 0, &open, blob);
    br_blob_destroy (&blob);
}

void
guard_world_open (guard_world_t *self, uint64_t call, uint64_t sets, const char *body)
{
    struct br_call_open open = { .generation = 1, .guard_sets = sets };
    const char *model = strstr (body, "\"m-1\"");
    open.model_at = model ? (uint64_t) (model - body) : 0;
    open.model_size = model ? 5 : 0;
    guard_world_open_with (self, call, open, body, strlen (body));
    stage_settle (&self->stage);
}

void
guard_world_say (guard_world_t *self, const char *from, br_verb_t verb, uint64_t call,
                 uint32_t attempt, const void *fields, const char *text)
{
    br_blob_t *body = text ? br_blob_new (text, strlen (text)) : NULL;
    stage_send (&self->stage, from, self->guard, verb, call, attempt, fields, body);
    br_blob_destroy (&body);
    stage_settle (&self->stage);
}

void
guard_world_head (guard_world_t *self, uint64_t call, uint32_t attempt, const char *type,
                  const char *text)
{
    self->seq = 1;
    self->upto = strlen (text);
    struct br_reply_head head = { .upto = self->upto, .status = 200 };
    head.content_type = type;
    head.provider = "openai";
    guard_world_say (self, "upstream/openai", BR_REPLY_HEAD, call, attempt, &head, text);
}

void
guard_world_delta (guard_world_t *self, uint64_t call, uint32_t attempt, const char *text)
{
    self->upto += strlen (text);
    struct br_reply_delta delta = { .seq = self->seq++, .upto = self->upto };
    guard_world_say (self, "upstream/openai", BR_REPLY_DELTA, call, attempt, &delta,
                     text);
}

void
guard_world_end (guard_world_t *self, uint64_t call, uint32_t attempt)
{
    struct br_reply_end end = { .seq = self->seq++, .usage_known = 1 };
    end.output_tokens = 7;
    guard_world_say (self, "upstream/openai", BR_REPLY_END, call, attempt, &end, NULL);
}

br_msg_t *
guard_world_word (guard_world_t *self, br_verb_t verb, uint32_t attempt,
                  const void *fields, const char *text)
{
    br_blob_t *body = text ? br_blob_new (text, strlen (text)) : NULL;
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 1, 9 }, attempt, fields, body);
    msg->from = self->upstream;
    msg->to = self->guard;
    br_blob_destroy (&body);
    return msg;
}

//  ---- what was heard

const char *
guard_world_body (guard_world_t *self, const char *peer, br_verb_t verb)
{
    const br_msg_t *msg = stage_last (&self->stage, peer, verb);
    br_buf_clear (&self->text);
    if (msg)
        br_buf_add (&self->text, br_blob_data (msg->body), br_blob_size (msg->body));
    return msg ? br_buf_text (&self->text) : "nothing";
}

const char *
guard_world_events (guard_world_t *self)
{
    stage_pass (&self->stage, 100);
    return br_buf_text (&self->stage.events);
}
