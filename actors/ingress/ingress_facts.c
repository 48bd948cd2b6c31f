//  ingress_facts: members of a model's row.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "actors/ingress/ingress_facts.h"
#include "broker/proto/candidates.h"

#define NANO_DIGITS 9       //  of a USD that are kept
#define PRICE_MAX 1000000.0 //  USD per million tokens; more counts as so much
#define TOKENS_MAX 1e15

static const cJSON *
s_in (const cJSON *node, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive (node, key);
}

//  ---- prices

//  USD as nano-USD. The digits are those that the number is written with: they are read
//  as a whole number, so that no sum is ever one of fractions.
static uint64_t
s_nusd (double usd)
{
    char text[64];
    snprintf (text, sizeof text, "%.*f", NANO_DIGITS, usd < PRICE_MAX ? usd : PRICE_MAX);
    uint64_t nusd = 0;
    for (const char *at = text; *at; at++)
        if (*at != '.')
            nusd = nusd * 10 + (uint64_t) (*at - '0');
    return nusd;
}

static bool
s_rate (const cJSON *pricing, const char *part, const char *bucket, uint64_t *ret_nusd)
{
    const cJSON *rate = s_in (s_in (pricing, part), bucket);
    if (!cJSON_IsNumber (rate) || !(rate->valuedouble >= 0))
        return false;
    *ret_nusd = s_nusd (rate->valuedouble);
    return true;
}

static uint64_t
s_price (const cJSON *pricing)
{
    uint64_t input;
    uint64_t output;
    if (!s_rate (pricing, "input_tokens", "no_cache", &input)
        || !s_rate (pricing, "output_tokens", "text", &output))
        return 0;
    return input + output ? input + output : 1;
}

//  ---- what it can do

static bool
s_lists (const cJSON *list, const char *word)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        if (cJSON_IsString (item) && strcasecmp (item->valuestring, word) == 0)
            return true;
    }
    return false;
}

static unsigned
s_lacks_media (const cJSON *modalities)
{
    static const struct {
        const char *word;
        unsigned need;
    } rows[] = { { "image", BR_NEED_IMAGES },
                 { "audio", BR_NEED_AUDIO },
                 { "file", BR_NEED_FILES } };
    unsigned lacks = 0;
    if (cJSON_GetArraySize (modalities) == 0)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!s_lists (modalities, rows[i].word))
            lacks |= rows[i].need;
    return lacks;
}

//  Capabilities are free form: these are the words that are in use.
static unsigned
s_lacks_tools (const cJSON *capabilities)
{
    static const char *const words[] = { "tools",          "tool_use",
                                         "tool_call",      "tool_calls",
                                         "tool_calling",   "function_calling",
                                         "function_call",  "functions",
                                         "supports_tools", "supports_function_calling" };
    size_t count = sizeof words / sizeof *words;
    bool is_list = cJSON_IsArray (capabilities) && cJSON_GetArraySize (capabilities);
    for (size_t i = 0; i < count; i++) {
        if (is_list && s_lists (capabilities, words[i]))
            return 0;
        if (!is_list && cJSON_IsFalse (s_in (capabilities, words[i])))
            return BR_NEED_TOOLS;
    }
    return is_list ? BR_NEED_TOOLS : 0;
}

ingress_facts_t
ingress_facts_read (const cJSON *model)
{
    ingress_facts_t facts = { .context = 0 };
    const cJSON *context = s_in (model, "max_input_tokens");
    if (cJSON_IsNumber (context) && context->valuedouble >= 1
        && context->valuedouble <= TOKENS_MAX)
        facts.context = (uint64_t) context->valuedouble;
    facts.price_nusd = s_price (s_in (model, "pricing"));
    facts.lacks = s_lacks_media (s_in (model, "input_modalities"))
                  | s_lacks_tools (s_in (model, "capabilities"));
    return facts;
}
