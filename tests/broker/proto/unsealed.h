//  unsealed: what tests of envelopes in passing requests share. JSON stands in them with ' for
//  ", and @ stands for an envelope.

#ifndef BR_TESTS_UNSEALED_H
#define BR_TESTS_UNSEALED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/block.h"
#include "broker/proto/unseal.h"

#define OUT_MAX (1u << 20) //  bytes

static __attribute__ ((unused))
const br_opaque_t unsealed_sign = { .family = BR_FAMILY_ANTHROPIC,
                                    .kind = BR_OPAQUE_SIGNATURE,
                                    .model = { "claude-opus-4-1", 15 },
                                    .bytes = { "SIG+/=", 6 } };
static __attribute__ ((unused)) const br_opaque_t unsealed_redacted = {
    .family = BR_FAMILY_ANTHROPIC, .kind = BR_OPAQUE_REDACTED, .bytes = { "RED", 3 }
};
static __attribute__ ((unused))
const br_opaque_t unsealed_encrypted = { .family = BR_FAMILY_OPENAI,
                                         .kind = BR_OPAQUE_ENCRYPTED,
                                         .bytes = { "ENC", 3 },
                                         .id = { "rs_9", 4 } };
static __attribute__ ((unused)) const br_opaque_t unsealed_thought = {
    .family = BR_FAMILY_GOOGLE, .kind = BR_OPAQUE_THOUGHT, .bytes = { "TH", 2 }
};
static __attribute__ ((unused))
const br_opaque_t unsealed_details = { .family = BR_FAMILY_OPENROUTER,
                                       .kind = BR_OPAQUE_DETAILS,
                                       .bytes = { "[{\"odd\": 1}]", 12 } };
static __attribute__ ((unused))
const br_opaque_t unsealed_empty = { .family = BR_FAMILY_PLAIN,
                                     .kind = BR_OPAQUE_SIGNATURE };

typedef struct {
    br_protocol_t protocol;
    const char *provider, *model;
} whom_t;

#define OPUS ((whom_t) { BR_PROTOCOL_MESSAGES, "anthropic", "claude-opus-4-1" })
#define SONNET ((whom_t) { BR_PROTOCOL_MESSAGES, "anthropic", "claude-sonnet-4-5" })
#define DEEPSEEK ((whom_t) { BR_PROTOCOL_MESSAGES, "deepseek", "deepseek-chat" })
#define GPT ((whom_t) { BR_PROTOCOL_RESPONSES, "openai", "gpt-5" })
#define DEEPSEEK_R ((whom_t) { BR_PROTOCOL_RESPONSES, "deepseek", "deepseek-chat" })
#define GEMINI ((whom_t) { BR_PROTOCOL_GOOGLE, "google", "gemini-3-pro" })
#define GEMINI_OLD ((whom_t) { BR_PROTOCOL_GOOGLE, "google", "gemini-2.0-flash" })
#define GPT_4 ((whom_t) { BR_PROTOCOL_CHAT, "openai", "gpt-4o" })
#define ROUTER(model) ((whom_t) { BR_PROTOCOL_CHAT, "openrouter", model })
#define GEMINI_CHAT ((whom_t) { BR_PROTOCOL_CHAT, "google", "gemini-3-pro" })

static inline br_target_t
unsealed_target (whom_t whom)
{
    return (br_target_t) { .protocol = whom.protocol,
                           .provider = whom.provider,
                           .model = whom.model,
                           .dialect = br_dialect_of (whom.protocol, whom.provider,
                                                     whom.model) };
}

//  "caller frees"
static inline char *
unsealed_json (const char *text, const br_opaque_t *opaque)
{
    br_arena_t *arena = br_arena_new ();
    br_text_t sealed = opaque ? br_envelope_seal (opaque, arena) : BR_TEXT_NONE;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    for (; *text; text++)
        if (*text == '@')
            br_buf_add (&out, sealed.at, sealed.size);
        else
            br_buf_addc (&out, *text == '\'' ? '"' : *text);
    char *json = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    br_arena_destroy (&arena);
    return json;
}

//  text: NULL when all passes as it is
static inline void
unsealed_expect (whom_t whom, const br_opaque_t *opaque, const char *body,
                 const char *text, const char *warnings)
{
    char *json = unsealed_json (body, opaque);
    char *wanted = text ? unsealed_json (text, opaque) : NULL;
    br_target_t target = unsealed_target (whom);
    br_unseal_model_t model = { .at = 0 };
    const char *named = strstr (json, "\"model\": ");
    if (named) {
        model.at = (size_t) (named + 9 - json);
        model.size = (size_t) (strchr (named + 10, '"') + 1 - named) - 9;
    }
    br_buf_t out;
    br_buf_t told;
    br_buf_init (&out, OUT_MAX);
    br_buf_init (&told, OUT_MAX);
    br_error_t error = { .text = "" };
    int rc = br_unseal (&target, br_text (json), model, &out, &told, &error);
    assert_string_equal (error.text, "");
    assert_int_equal (rc, wanted ? 1 : 0);
    assert_string_equal (br_buf_text (&out), wanted ? wanted : "");
    assert_string_equal (br_buf_text (&told), warnings);
    br_buf_free (&told);
    br_buf_free (&out);
    free (wanted);
    free (json);
}

#endif
