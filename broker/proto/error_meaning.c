//  error_meaning: words of providers, and what they say.

#include <string.h>
#include <strings.h>

#include "broker/proto/error_meaning.h"

#define LOOK_MAX 4096 //  bytes of a message that are looked at

//  Statuses of one kind, as bits.
enum {
    IN_SUCCESS = 1, //  none
    IN_BAD = 2,     //  400, 413, 422
    IN_KEY = 4,     //  401, 402, 403
    IN_LIMIT = 8,   //  429
    IN_FAULT = 16,  //  5xx
};

#define OF_MONEY (IN_SUCCESS | IN_BAD | IN_KEY | IN_LIMIT)
#define OF_INPUT (IN_SUCCESS | IN_BAD)
#define OF_POLICY (IN_SUCCESS | IN_BAD | IN_KEY)

//  A word is looked for anywhere and without regard to case; and, if there is one, the
//  other one too.
typedef struct {
    const char *word;
    const char *other;
    unsigned statuses;
    br_failure_t failure;
} row_t;

//  In type, code and inner code. The first row that fits counts, here and below. The
//  sources are the recorded errors of the corpus, and the providers' pages on errors.
static const row_t s_names[] = {
    { "insufficient_quota", NULL, OF_MONEY, BR_FAILURE_CREDIT }, //  OpenAI, as a 429
    { "billing_not_active", NULL, OF_MONEY, BR_FAILURE_CREDIT }, //  OpenAI
    { "billing_hard_limit", NULL, OF_MONEY, BR_FAILURE_CREDIT }, //  OpenAI, as a 400
    { "billing_error", NULL, OF_MONEY, BR_FAILURE_CREDIT },      //  Anthropic
    { "creditserror", NULL, OF_MONEY, BR_FAILURE_CREDIT },       //  OpenCode, as a 401
    { "insufficient_", "balance", OF_MONEY, BR_FAILURE_CREDIT },
    { "insufficient_", "credit", OF_MONEY, BR_FAILURE_CREDIT },
    { "insufficient_", "funds", OF_MONEY, BR_FAILURE_CREDIT },
    { "context_length_exceeded", NULL, OF_INPUT, BR_FAILURE_CONTEXT },
    { "model_context_window_exceeded", NULL, OF_INPUT, BR_FAILURE_CONTEXT },
    { "exceed_context_size", NULL, OF_INPUT, BR_FAILURE_CONTEXT }, //  llama.cpp
    { "content_filter", NULL, OF_POLICY, BR_FAILURE_POLICY },      //  Azure
    { "responsibleaipolicy", NULL, OF_POLICY, BR_FAILURE_POLICY }, //  Azure, inside
    { "responsible_ai_policy", NULL, OF_POLICY, BR_FAILURE_POLICY },
    { "content_policy_violation", NULL, OF_POLICY, BR_FAILURE_POLICY },
    { "moderation_blocked", NULL, OF_POLICY, BR_FAILURE_POLICY }, //  OpenAI, of images
    { "invalid_prompt", NULL, OF_POLICY, BR_FAILURE_POLICY },     //  OpenAI, Responses
    { "bio_policy", NULL, OF_POLICY, BR_FAILURE_POLICY },         //  OpenAI, Responses
    { "data_inspection_failed", NULL, OF_POLICY, BR_FAILURE_POLICY },   //  DashScope
    { "model_not_found", NULL, OF_POLICY, BR_FAILURE_UNKNOWN_MODEL },   //  403: no access
    { "deploymentnotfound", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL }, //  Azure
    { "invalid_model", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL },      //  Mistral
    { "model_decommissioned", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL }, //  Groq
    { "api_key_invalid", NULL, OF_INPUT, BR_FAILURE_AUTH },               //  Google
    //  Groq says 413 of one request that is over the tokens of a minute: others may take it.
    { "rate_limit_exceeded", NULL, IN_BAD, BR_FAILURE_REFUSED },
    //  Google: billing or region of the account.
    { "failed_precondition", NULL, OF_INPUT, BR_FAILURE_REFUSED },
    { "overloaded", NULL, IN_SUCCESS | IN_LIMIT | IN_FAULT, BR_FAILURE_OVERLOADED },
    //  Errors inside of a success, which have no status: in streams, and of OpenRouter.
    { "rate_limit", NULL, IN_SUCCESS, BR_FAILURE_RATE },
    { "resource_exhausted", NULL, IN_SUCCESS, BR_FAILURE_RATE },
    { "quota", NULL, IN_SUCCESS, BR_FAILURE_RATE },
    { "unavailable", NULL, IN_SUCCESS, BR_FAILURE_OVERLOADED },
    { "authentication", NULL, IN_SUCCESS, BR_FAILURE_AUTH },
    { "unauthenticated", NULL, IN_SUCCESS, BR_FAILURE_AUTH },
    { "permission", NULL, IN_SUCCESS, BR_FAILURE_AUTH },
    { "invalid_api_key", NULL, IN_SUCCESS, BR_FAILURE_AUTH },
    { "not_found", NULL, IN_SUCCESS, BR_FAILURE_UNKNOWN_MODEL },
    { "timeout", NULL, IN_SUCCESS, BR_FAILURE_TIMEOUT },
    { "deadline_exceeded", NULL, IN_SUCCESS, BR_FAILURE_TIMEOUT },
};

//  In the message.
static const row_t s_messages[] = {
    { "your credit balance is too low", NULL, OF_MONEY, BR_FAILURE_CREDIT }, //  Anthropic
    { "you have reached your specified api usage limits", NULL, OF_MONEY,
      BR_FAILURE_CREDIT }, //  Anthropic, as a 400: a limit of spend, for days
    { "billing hard limit", NULL, OF_MONEY, BR_FAILURE_CREDIT },
    { "insufficient balance", NULL, OF_MONEY, BR_FAILURE_CREDIT }, //  DeepSeek, MiniMax
    { "insufficient credit", NULL, OF_MONEY, BR_FAILURE_CREDIT },
    { "insufficient funds", NULL, OF_MONEY, BR_FAILURE_CREDIT },
    { "out of credit", NULL, OF_MONEY, BR_FAILURE_CREDIT },
    { "prompt is too long", NULL, OF_INPUT, BR_FAILURE_CONTEXT },     //  Anthropic
    { "exceed context limit", NULL, OF_INPUT, BR_FAILURE_CONTEXT },   //  Anthropic
    { "maximum context length", NULL, OF_INPUT, BR_FAILURE_CONTEXT }, //  DeepSeek, vLLM
    { "maximum prompt length", NULL, OF_INPUT, BR_FAILURE_CONTEXT },  //  xAI
    { "input token count", "exceeds", OF_INPUT, BR_FAILURE_CONTEXT }, //  Google
    { "maximum number of tokens allowed", NULL, OF_INPUT, BR_FAILURE_CONTEXT },
    { "context length", "exceed", OF_INPUT, BR_FAILURE_CONTEXT },
    { "context window", "exceed", OF_INPUT, BR_FAILURE_CONTEXT }, //  OpenAI, Responses
    { "context size", "exceed", OF_INPUT, BR_FAILURE_CONTEXT },   //  llama.cpp
    { "input is too long", NULL, OF_INPUT, BR_FAILURE_CONTEXT },  //  Bedrock
    //  OpenRouter, as a 403; it has nothing to do with the credential.
    { "requires moderation", "flagged", OF_POLICY, BR_FAILURE_POLICY },
    { "content filtering policy", NULL, OF_INPUT, BR_FAILURE_POLICY },  //  Anthropic
    { "content management policy", NULL, OF_INPUT, BR_FAILURE_POLICY }, //  Azure
    { "content exists risk", NULL, OF_INPUT, BR_FAILURE_POLICY },       //  DeepSeek
    { "model not exist", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL },    //  DeepSeek
    { "model not found", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL },
    { "model", "does not exist", OF_INPUT, BR_FAILURE_UNKNOWN_MODEL },
    { "is not a valid model", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL }, //  OpenRouter
    { "invalid model", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL },
    { "unknown model", NULL, OF_INPUT, BR_FAILURE_UNKNOWN_MODEL },
    { "incorrect api key", NULL, OF_INPUT,
      BR_FAILURE_AUTH }, //  xAI says 400 of a bad key
    { "api key not valid", NULL, OF_INPUT, BR_FAILURE_AUTH }, //  and so does Google
    //  Anthropic, as a 429: of this request alone, and no time helps.
    { "required for long context requests", NULL, IN_LIMIT, BR_FAILURE_REFUSED },
    { "rate limit", NULL, IN_SUCCESS, BR_FAILURE_RATE }, //  MiniMax, behind a number
};

//  Only where nothing above says more: an error of the request inside of a success.
static const row_t s_last[] = {
    { "invalid_request", NULL, IN_SUCCESS, BR_FAILURE_REQUEST },
    { "invalid_argument", NULL, IN_SUCCESS, BR_FAILURE_REQUEST },
};

static unsigned
s_kind (unsigned status)
{
    static const struct {
        unsigned first, last;
        unsigned bit;
    } rows[] = {
        { 0, 0, IN_SUCCESS },   { 400, 400, IN_BAD }, { 413, 413, IN_BAD },
        { 422, 422, IN_BAD },   { 401, 403, IN_KEY }, { 429, 429, IN_LIMIT },
        { 500, 599, IN_FAULT },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (status >= rows[i].first && status <= rows[i].last)
            return rows[i].bit;
    return 0;
}

//  Where a word stands in a text, in bytes; -1 = nowhere.
static long
s_find (br_text_t text, const char *word)
{
    size_t size = strlen (word);
    size_t look = text.size < LOOK_MAX ? text.size : LOOK_MAX;
    for (size_t at = 0; at + size <= look; at++)
        if (strncasecmp (text.at + at, word, size) == 0)
            return (long) at;
    return -1;
}

static bool
s_fits (const row_t *row, unsigned kind, br_text_t text)
{
    return row->statuses & kind && s_find (text, row->word) >= 0
           && (!row->other || s_find (text, row->other) >= 0);
}

static br_failure_t
s_of_names (const row_t *rows, size_t count, const error_said_t *said, unsigned kind)
{
    for (size_t i = 0; i < count; i++)
        if (s_fits (&rows[i], kind, said->type) || s_fits (&rows[i], kind, said->code)
            || s_fits (&rows[i], kind, said->inner))
            return rows[i].failure;
    return BR_FAILURE_NONE;
}

//  The message of a request that was looked into may repeat what the client wrote. What
//  takes the endpoint away from everybody must be the provider's own word: it stands at
//  the beginning then.
static bool
s_is_own_word (const row_t *row, unsigned kind, br_text_t message)
{
    bool takes_away = br_failure_mark (row->failure) == BR_MARK_KEY;
    return !takes_away || kind == IN_KEY || kind == IN_LIMIT
           || s_find (message, row->word) == 0;
}

br_failure_t
error_meaning (const error_said_t *said, unsigned status)
{
    unsigned kind = s_kind (status);
    br_failure_t failure = s_of_names (s_names, sizeof s_names / sizeof *s_names, said,
                                       kind);
    if (failure != BR_FAILURE_NONE)
        return failure;
    for (size_t i = 0; i < sizeof s_messages / sizeof *s_messages; i++)
        if (s_fits (&s_messages[i], kind, said->message)
            && s_is_own_word (&s_messages[i], kind, said->message))
            return s_messages[i].failure;
    return s_of_names (s_last, sizeof s_last / sizeof *s_last, said, kind);
}
