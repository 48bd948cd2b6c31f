//  meter_entry: rows from settles, and what is told of them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/proto/attribution.h"
#include "broker/proto/surface.h"
#include "broker/proto/tries.h"
#include "actors/meter/meter_entry.h"
#include "tests/actors/meter/scratch.h"

static const char s_prices[] = "{\"openai\":{\"gpt-4o\":{\"input\":2500000000,"
                               "\"output\":10000000000}}}";

//  A settle with two attempts of which the first used some output, and what it points to.
typedef struct {
    br_buf_t who;
    br_buf_t tries;
    struct br_call_settle settle;
    br_tariff_t *tariff;
} case_t;

static void
s_make (case_t *self, const char *first_provider)
{
    br_attribution_t who;
    br_attribution_init (&who);
    who.account = "acme";
    who.key = "key-1";
    who.session = "talk";
    who.run = "run";
    who.agent = "coder";
    who.step = "3";
    who.trace = "0af7651916cd43dd8448eb211c80319c";
    br_buf_init (&self->who, BR_ATTRIBUTION_MAX);
    br_buf_init (&self->tries, 4096);
    assert_int_equal (br_attribution_write (&who, &self->who), 0);
    br_try_t row = { .attempt = 1, .provider = first_provider, .endpoint = "west" };
    row.model = "gpt-4o";
    row.usage.output = 10;
    br_tries_add (&self->tries, &row);
    row.attempt = 2;
    row.provider = "openai";
    row.usage.output = 100;
    br_tries_add (&self->tries, &row);
    self->settle = scratch_settle ();
    self->settle.attempts = 2;
    self->settle.surface = BR_SURFACE_MESSAGES;
    self->settle.elsewhere_us = 77;
    self->settle.cache_write_tokens = 20;
    self->settle.cache_write_1h_tokens = 5;
    self->settle.audio_input_tokens = 6;
    self->settle.audio_output_tokens = 7;
    self->settle.who = (br_bytes_t) { self->who.data, self->who.size };
    self->settle.tries = (br_bytes_t) { self->tries.data, self->tries.size };
    self->tariff = br_tariff_new ();
    assert_int_equal (br_tariff_read (self->tariff, s_prices, sizeof s_prices - 1, NULL),
                      0);
}

static void
s_free (case_t *self)
{
    br_tariff_destroy (&self->tariff);
    br_buf_free (&self->who);
    br_buf_free (&self->tries);
}

static void
a_row_has_all_that_a_settle_tells (void **state)
{
    (void) state;
    case_t self;
    s_make (&self, "openai");
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, (br_id_t) { 1, 2 }, 2, &self.settle,
                                NULL);
    br_price_cost_t cost = { .nusd = 42, .operator_nusd = BR_PRICE_UNKNOWN };
    ledger_entry_t entry;
    meter_entry_fill (&entry, msg, &cost, "v1", 99);
    assert_true (br_id_is (entry.call, (br_id_t) { 1, 2 }));
    assert_false (entry.is_lost);
    assert_string_equal (entry.request_id, "req-1");
    assert_string_equal (entry.route, "fast");
    assert_string_equal (entry.account, "acme");
    assert_string_equal (entry.key, "key-1");
    assert_string_equal (entry.session, "talk");
    assert_string_equal (entry.run, "run");
    assert_string_equal (entry.agent, "coder");
    assert_string_equal (entry.step, "3");
    assert_string_equal (entry.trace, "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal (entry.surface, "messages");
    assert_string_equal (entry.outcome, "ok");
    assert_string_equal (entry.error_type, "");
    assert_int_equal (entry.usage.cache_write_1h, 5);
    assert_int_equal (entry.usage.audio_input, 6);
    assert_int_equal (entry.usage.audio_output, 7);
    assert_true (entry.usage.known && entry.stream);
    assert_int_equal (entry.cost_nusd, 42);
    assert_int_equal (entry.operator_nusd, LEDGER_UNKNOWN);
    assert_string_equal (entry.price_version, "v1");
    assert_int_equal (entry.elsewhere_us, 77);
    assert_int_equal (entry.settled_ms, 99);
    assert_int_equal (entry.tries_count, 2);
    assert_string_equal (entry.tries[0].endpoint, "west");
    assert_int_equal (entry.tries[1].usage.output, 100);
    br_msg_destroy (&msg);
    s_free (&self);
}

static void
strange_settles_are_rows_too (void **state)
{
    (void) state;
    struct br_call_settle settle = scratch_settle ();
    static const uint8_t junk[] = { 0xff, 0xff, 0xff };
    settle.input_tokens = UINT64_MAX;
    settle.latency_us = UINT64_MAX;
    settle.surface = 100000;
    settle.outcome = BR_OUTCOME_LOST;
    settle.code = BR_EUPCUT;
    settle.tries = (br_bytes_t) { junk, sizeof junk };
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, (br_id_t) { 1, 2 }, 2, &settle, NULL);
    br_price_cost_t cost = { .nusd = 0 };
    ledger_entry_t entry;
    meter_entry_fill (&entry, msg, &cost, "", 99);
    assert_true (entry.is_lost);
    assert_string_equal (entry.outcome, "lost");
    assert_string_equal (entry.error_type, "upstream_truncated");
    assert_string_equal (entry.surface, "");
    assert_string_equal (entry.account, "");
    assert_int_equal (entry.usage.input, INT64_MAX);
    assert_int_equal (entry.latency_us, INT64_MAX);
    assert_int_equal (entry.tries_count, 0);
    br_msg_destroy (&msg);
}

static void
attempts_that_failed_cost_the_operator (void **state)
{
    (void) state;
    case_t self;
    br_price_cost_t cost = { .nusd = 0, .operator_nusd = 1000 };
    s_make (&self, "openai");
    assert_int_equal (meter_entry_operator (&self.settle, &cost, self.tariff), 101000);
    assert_false (meter_entry_is_joined (&self.settle));
    cost.operator_nusd = BR_PRICE_UNKNOWN;
    assert_int_equal (meter_entry_operator (&self.settle, &cost, self.tariff),
                      BR_PRICE_UNKNOWN);
    //  a settle that is the sum of its attempts: each one at its own price, once
    cost.operator_nusd = 999;
    self.settle.input_tokens = 0;
    self.settle.output_tokens = 110;
    assert_int_equal (meter_entry_operator (&self.settle, &cost, self.tariff), 1100000);
    assert_true (meter_entry_is_joined (&self.settle));
    s_free (&self);
    //  one that used something at nobody knows which price
    s_make (&self, "elsewhere");
    cost.operator_nusd = 1000;
    assert_int_equal (meter_entry_operator (&self.settle, &cost, self.tariff),
                      BR_PRICE_UNKNOWN);
    self.settle.tries = (br_bytes_t) { NULL, 0 };
    assert_int_equal (meter_entry_operator (&self.settle, &cost, self.tariff), 1000);
    s_free (&self);
}

static void
an_intent_knows_whose_it_is (void **state)
{
    (void) state;
    case_t self;
    ledger_intent_t row;
    s_make (&self, "openai");
    struct br_call_intent intent = scratch_intent ();
    intent.who = self.settle.who;
    br_msg_t *msg = br_msg_new (BR_CALL_INTENT, (br_id_t) { 1, 2 }, 3, &intent, NULL);
    msg->from = (br_addr_t) { .host = 7, .life = 2, .actor = 1 };
    meter_entry_intent (&row, msg);
    assert_string_equal (row.account, "acme");
    assert_string_equal (row.session, "talk");
    assert_string_equal (row.provider, "openai");
    assert_int_equal (row.attempt, 3);
    assert_int_equal (row.host, 7);
    assert_int_equal (row.life, 2);
    br_msg_destroy (&msg);
    s_free (&self);
}

static void
what_is_told_is_what_the_row_holds (void **state)
{
    (void) state;
    case_t self;
    s_make (&self, "openai");
    ledger_kept_t kept = { .seq = 9, .cost_nusd = LEDGER_UNKNOWN, .operator_nusd = 5 };
    struct br_call_metered metered = meter_entry_metered (&self.settle, &kept);
    assert_int_equal (metered.seq, 9);
    assert_int_equal (metered.cost_known, 0);
    assert_int_equal (metered.cost_nusd, 0);
    assert_int_equal (metered.operator_nusd, 5);
    assert_int_equal (metered.input_tokens, 1000);
    assert_int_equal (metered.surface, BR_SURFACE_MESSAGES);
    assert_int_equal (metered.tries.size, self.tries.size);
    kept.cost_nusd = 0;
    metered = meter_entry_metered (&self.settle, &kept);
    assert_int_equal (metered.cost_known, 1);
    s_free (&self);
}

static void
a_lost_row_is_told_with_whose_it_was (void **state)
{
    (void) state;
    ledger_entry_t entry;
    br_buf_t buf;
    br_attribution_t who;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    ledger_entry_init (&entry);
    entry.seq = 4;
    entry.account = "acme";
    entry.key = "key-1";
    struct br_call_metered metered = meter_entry_lost (&entry, &buf);
    br_attribution_read (&who, metered.who);
    assert_string_equal (who.account, "acme");
    assert_string_equal (who.key, "key-1");
    assert_int_equal (metered.outcome, BR_OUTCOME_LOST);
    assert_int_equal (metered.seq, 4);
    assert_int_equal (metered.cost_known, 0);
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_row_has_all_that_a_settle_tells),
        cmocka_unit_test (strange_settles_are_rows_too),
        cmocka_unit_test (attempts_that_failed_cost_the_operator),
        cmocka_unit_test (an_intent_knows_whose_it_is),
        cmocka_unit_test (what_is_told_is_what_the_row_holds),
        cmocka_unit_test (a_lost_row_is_told_with_whose_it_was),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
