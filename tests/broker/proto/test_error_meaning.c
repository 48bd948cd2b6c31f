//  error_meaning: each row of the table, with the statuses that it may come with.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/proto/error_meaning.h"

typedef struct {
    const char *word; //  a name, or a message
    unsigned status;
    br_failure_t failure;
} case_t;

static br_failure_t
s_of_name (const char *word, unsigned status)
{
    error_said_t said = { .code = br_text (word) };
    return error_meaning (&said, status);
}

static br_failure_t
s_of_message (const char *word, unsigned status)
{
    error_said_t said = { .type = br_text ("invalid_request_error"),
                          .message = br_text (word) };
    return error_meaning (&said, status);
}

static void
given_names_when_judged_then_each_row_counts (void **state)
{
    (void) state;
    static const case_t cases[] = {
        { "insufficient_quota", 429, BR_FAILURE_CREDIT },
        { "insufficient_quota", 0, BR_FAILURE_CREDIT },
        { "billing_not_active", 429, BR_FAILURE_CREDIT },
        { "billing_hard_limit_reached", 400, BR_FAILURE_CREDIT },
        { "billing_error", 402, BR_FAILURE_CREDIT },
        { "CreditsError", 401, BR_FAILURE_CREDIT },
        { "insufficient_balance", 403, BR_FAILURE_CREDIT },
        { "insufficient_credits", 400, BR_FAILURE_CREDIT },
        { "insufficient_funds", 402, BR_FAILURE_CREDIT },
        { "insufficient_permissions", 403, BR_FAILURE_NONE },
        { "context_length_exceeded", 400, BR_FAILURE_CONTEXT },
        { "model_context_window_exceeded", 400, BR_FAILURE_CONTEXT },
        { "exceed_context_size_error", 400, BR_FAILURE_CONTEXT },
        { "context_length_exceeded", 0, BR_FAILURE_CONTEXT },
        { "content_filter", 400, BR_FAILURE_POLICY },
        { "ResponsibleAIPolicyViolation", 400, BR_FAILURE_POLICY },
        { "responsible_ai_policy", 400, BR_FAILURE_POLICY },
        { "content_policy_violation", 400, BR_FAILURE_POLICY },
        { "content_policy_violation", 403, BR_FAILURE_POLICY },
        { "moderation_blocked", 400, BR_FAILURE_POLICY },
        { "invalid_prompt", 400, BR_FAILURE_POLICY },
        { "bio_policy", 0, BR_FAILURE_POLICY },
        { "data_inspection_failed", 400, BR_FAILURE_POLICY },
        { "model_not_found", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "model_not_found", 403, BR_FAILURE_UNKNOWN_MODEL },
        { "DeploymentNotFound", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "invalid_model", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "model_decommissioned", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "API_KEY_INVALID", 400, BR_FAILURE_AUTH },
        { "rate_limit_exceeded", 413, BR_FAILURE_REFUSED },
        { "rate_limit_exceeded", 429, BR_FAILURE_NONE }, //  the status says it
        { "FAILED_PRECONDITION", 400, BR_FAILURE_REFUSED },
        { "overloaded_error", 529, BR_FAILURE_OVERLOADED },
        { "overloaded_error", 500, BR_FAILURE_OVERLOADED },
        { "overloaded_error", 0, BR_FAILURE_OVERLOADED },
        { "engine_overloaded_error", 429, BR_FAILURE_OVERLOADED },
        { "rate_limit_error", 0, BR_FAILURE_RATE },
        { "RESOURCE_EXHAUSTED", 0, BR_FAILURE_RATE },
        { "quota_exceeded", 0, BR_FAILURE_RATE },
        { "UNAVAILABLE", 0, BR_FAILURE_OVERLOADED },
        { "authentication_error", 0, BR_FAILURE_AUTH },
        { "UNAUTHENTICATED", 0, BR_FAILURE_AUTH },
        { "permission_error", 0, BR_FAILURE_AUTH },
        { "invalid_api_key", 0, BR_FAILURE_AUTH },
        { "not_found_error", 0, BR_FAILURE_UNKNOWN_MODEL },
        { "timeout_error", 0, BR_FAILURE_TIMEOUT },
        { "DEADLINE_EXCEEDED", 0, BR_FAILURE_TIMEOUT },
        { "invalid_request_error", 0, BR_FAILURE_REQUEST },
        { "INVALID_ARGUMENT", 0, BR_FAILURE_REQUEST },
        { "server_error", 0, BR_FAILURE_NONE },
        //  what stays what its status is
        { "invalid_request_error", 400, BR_FAILURE_NONE },
        { "request_too_large", 413, BR_FAILURE_NONE },
        { "previous_response_not_found", 400, BR_FAILURE_NONE },
        { "permission_error", 403, BR_FAILURE_NONE },
        { "content_filter", 500, BR_FAILURE_NONE },
        { "insufficient_quota", 500, BR_FAILURE_NONE },
        { "", 400, BR_FAILURE_NONE },
        { "", 0, BR_FAILURE_NONE },
        { "model_not_found", 418, BR_FAILURE_NONE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal (s_of_name (cases[i].word, cases[i].status), cases[i].failure);
}

static void
given_messages_when_judged_then_each_row_counts (void **state)
{
    (void) state;
    static const case_t cases[] = {
        { "Your credit balance is too low to access the API", 400, BR_FAILURE_CREDIT },
        { "You have reached your specified API usage limits. You will regain", 400,
          BR_FAILURE_CREDIT },
        { "Billing hard limit has been reached", 400, BR_FAILURE_CREDIT },
        { "Insufficient Balance", 402, BR_FAILURE_CREDIT },
        { "Your account has insufficient credits", 403, BR_FAILURE_CREDIT },
        { "you have insufficient funds left", 401, BR_FAILURE_CREDIT },
        { "you are out of credits", 429, BR_FAILURE_CREDIT },
        { "insufficient balance", 0, BR_FAILURE_CREDIT },
        { "prompt is too long: 9 tokens > 8 maximum", 400, BR_FAILURE_CONTEXT },
        { "prompt is too long", 413, BR_FAILURE_CONTEXT },
        { "input length and `max_tokens` exceed context limit: 5 + 4 > 8", 400,
          BR_FAILURE_CONTEXT },
        { "This model's maximum context length is 8 tokens", 400, BR_FAILURE_CONTEXT },
        { "This model's maximum prompt length is 8", 400, BR_FAILURE_CONTEXT },
        { "The input token count (9) exceeds the maximum", 400, BR_FAILURE_CONTEXT },
        { "over the maximum number of tokens allowed (8)", 400, BR_FAILURE_CONTEXT },
        { "the context length is exceeded", 422, BR_FAILURE_CONTEXT },
        { "Your input exceeds the context window of this model", 400,
          BR_FAILURE_CONTEXT },
        { "the request exceeds the available context size", 400, BR_FAILURE_CONTEXT },
        { "Input is too long for requested model.", 400, BR_FAILURE_CONTEXT },
        { "m requires moderation on P. Your input was flagged. No credits were charged",
          403, BR_FAILURE_POLICY },
        { "Output blocked by content filtering policy", 400, BR_FAILURE_POLICY },
        { "by Azure OpenAI's content management policy", 400, BR_FAILURE_POLICY },
        { "Content Exists Risk", 400, BR_FAILURE_POLICY },
        { "Model Not Exist", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "model not found", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "The requested model 'x' does not exist.", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "x is not a valid model ID", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "Invalid model: x", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "Unknown model x", 400, BR_FAILURE_UNKNOWN_MODEL },
        { "Incorrect API key provided: x", 400, BR_FAILURE_AUTH },
        { "API key not valid. Please pass", 400, BR_FAILURE_AUTH },
        { "Extra usage is required for long context requests.", 429, BR_FAILURE_REFUSED },
        { "rate limit exceeded", 0, BR_FAILURE_RATE },
        //  Google's limit a minute, which is no lack of money
        { "You exceeded your current quota, please check your plan.", 429,
          BR_FAILURE_NONE },
        { "context window compression is on", 400, BR_FAILURE_NONE },
        { "no such tool", 400, BR_FAILURE_NONE },
        { "prompt is too long", 500, BR_FAILURE_NONE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal (s_of_message (cases[i].word, cases[i].status),
                          cases[i].failure);
}

static void
given_a_message_that_repeats_the_client_when_judged_then_no_key_is_lost (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "Invalid value: 'your credit balance is too low'",
        "unknown role \\\"insufficient balance\\\"",
        "bad name: out of credit",
        "no enum 'incorrect api key'",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal (s_of_message (texts[i], 400), BR_FAILURE_NONE);
        assert_int_equal (s_of_message (texts[i], 0), BR_FAILURE_REQUEST);
    }
}

static void
given_an_inner_code_and_a_long_message_when_judged_then_both_are_bounded (void **state)
{
    (void) state;
    error_said_t said = { .inner = BR_TEXT ("ResponsibleAIPolicyViolation") };
    assert_int_equal (error_meaning (&said, 400), BR_FAILURE_POLICY);
    static char text[8192 + 32];
    for (size_t i = 0; i < 8192; i++)
        text[i] = 'x';
    static const char words[] = "prompt is too long";
    for (size_t i = 0; i < sizeof words; i++)
        text[8192 + i] = words[i];
    assert_int_equal (s_of_message (text, 400), BR_FAILURE_NONE);
    assert_int_equal (s_of_message (text + 8000, 400), BR_FAILURE_CONTEXT);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_names_when_judged_then_each_row_counts),
        cmocka_unit_test (given_messages_when_judged_then_each_row_counts),
        cmocka_unit_test (
            given_a_message_that_repeats_the_client_when_judged_then_no_key_is_lost),
        cmocka_unit_test (
            given_an_inner_code_and_a_long_message_when_judged_then_both_are_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
