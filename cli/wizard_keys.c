//  wizard_keys: the questions of the wizard to somebody with keys of their own.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_builtin.h"
#include "broker/core/conf_listen.h"
#include "cli/wizard_keys.h"

#define TRIES_MAX 5     //  of one question whose answer makes no sense
#define NAME_BYTES 40   //  of a provider's name
#define SHORT_KEY 8     //  letters; a mask of so few would show it all
#define BASE_BYTES 1024 //  of an address

//  Those that are asked for one by one, and the variables that may hold their keys.
static const struct {
    const char *name;
    const char *label;
    const char *variables[3];
} s_builtins[] = {
    { "openai", "OpenAI", { "OPENAI_API_KEY" } },
    { "anthropic", "Anthropic", { "ANTHROPIC_API_KEY" } },
    { "google", "Google", { "GOOGLE_API_KEY", "GEMINI_API_KEY" } },
};
#define BUILTINS (sizeof s_builtins / sizeof *s_builtins)

static bool
s_goes_on (const wizard_asking_t *asking)
{
    return cli_prompt_end (asking->prompt) == CLI_PROMPT_GOOD;
}

//  ---- texts

char *
wizard_keys_mask (const char *key)
{
    size_t size = strlen (key);
    if (size <= SHORT_KEY)
        return br_strdup ("****");
    return br_strf ("%.4s...%s", key, key + size - 4);
}

char *
wizard_keys_name (const char *text)
{
    char *name = br_strdup (text);
    size_t size = strlen (name);
    bool is_good = size > 0 && size <= NAME_BYTES && isalpha ((unsigned char) *name);
    for (size_t i = 0; i < size; i++) {
        unsigned char letter = (unsigned char) name[i];
        name[i] = letter == ' ' || letter == '_' ? '-' : (char) tolower (letter);
        is_good = is_good && (isalnum (letter) || strchr (" _-", letter));
    }
    br_conf_builtin_t *builtin = is_good ? br_conf_builtin_new (NULL) : NULL;
    is_good = builtin && !br_conf_builtin_has (builtin, name)
              && !br_conf_builtin_by_alias (builtin, name);
    br_conf_builtin_destroy (&builtin);
    if (is_good)
        return name;
    free (name);
    return NULL;
}

char *
wizard_keys_prefix (const char *name)
{
    char *prefix = br_strdup (name);
    for (char *at = prefix; *at; at++)
        *at = *at == '-' ? '_' : (char) toupper ((unsigned char) *at);
    return prefix;
}

bool
wizard_keys_is_base (const char *text)
{
    bool is_web = strncmp (text, "http://", 7) == 0 || strncmp (text, "https://", 8) == 0;
    const char *host = is_web ? strstr (text, "//") + 2 : text;
    if (!is_web || strlen (text) > BASE_BYTES || !*host || *host == '/')
        return false;
    for (const char *at = text; *at; at++)
        if (!isgraph ((unsigned char) *at) || strchr ("\"'<>\\^`{|}", *at))
            return false;
    return true;
}

//  ---- keys

//  The first of a provider's variables that is set, or NULL.
static const char *
s_detected (const wizard_asking_t *asking, const char *const *variables)
{
    for (; *variables; variables++)
        if (br_conf_env_get_full (asking->env, *variables))
            return *variables;
    return NULL;
}

//  Asks until something that can be a key is there; "" gives up. Free with
//  cli_prompt_forget.
static char *
s_ask_secret (const wizard_asking_t *asking, const char *question)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        char *secret = cli_prompt_secret (asking->prompt, question);
        bool is_good = true;
        for (const char *at = secret; *at; at++)
            is_good = is_good && isgraph ((unsigned char) *at);
        if (is_good)
            return secret;
        cli_prompt_say (asking->prompt, "  A key is one word; try again.\n");
        cli_prompt_forget (&secret);
    }
    return br_strdup ("");
}

//  A typed key goes to .env, over which the environment of the process wins.
static void
s_warn_of_process (const wizard_asking_t *asking, const char *variable)
{
    if (br_conf_env_get_full (asking->process, variable))
        cli_prompt_say (asking->prompt,
                        "  Note: %s of the environment wins over .env; unset it.\n",
                        variable);
}

//  Where the provider's key comes from. Returns false when there is none.
static bool
s_ask_key (const wizard_asking_t *asking, wizard_provider_t *provider,
           const char *detected, const char *variable)
{
    bool reuse = false;
    if (detected) {
        char *mask = wizard_keys_mask (br_conf_env_get_full (asking->env, detected));
        char *question = br_strf ("%s API key detected (%s). Use this?", provider->label,
                                  mask);
        reuse = cli_prompt_confirm (asking->prompt, question, true);
        free (question);
        free (mask);
    }
    provider->variable = br_strdup (reuse ? detected : variable);
    if (reuse)
        return true;
    char *question = br_strf ("%s API key (not shown)", provider->label);
    provider->secret = s_ask_secret (asking, question);
    free (question);
    if (*provider->secret) {
        s_warn_of_process (asking, variable);
        return true;
    }
    cli_prompt_forget (&provider->secret);
    free (provider->variable);
    provider->variable = NULL;
    return false;
}

static void
s_drop_last (wizard_answers_t *answers)
{
    wizard_provider_t *provider = &answers->providers[--answers->count];
    free (provider->name);
    free (provider->label);
}

static void
s_ask_builtin (const wizard_asking_t *asking, size_t index)
{
    const char *label = s_builtins[index].label;
    const char *detected = s_detected (asking, s_builtins[index].variables);
    char *question = br_strf ("Configure %s?", label);
    bool wanted = cli_prompt_confirm (asking->prompt, question, detected != NULL);
    free (question);
    if (!wanted)
        return;
    wizard_provider_t *provider = wizard_answers_add (asking->answers);
    provider->name = br_strdup (s_builtins[index].name);
    provider->label = br_strdup (label);
    if (s_ask_key (asking, provider, detected, s_builtins[index].variables[0]))
        return;
    if (s_goes_on (asking))
        cli_prompt_say (asking->prompt, "  No key, so %s is left out.\n", label);
    s_drop_last (asking->answers);
}

//  ---- providers that are not built in

//  "caller frees", or NULL when there is none in the end.
static char *
s_ask_name (const wizard_asking_t *asking)
{
    for (int i = 0; i < TRIES_MAX && s_goes_on (asking); i++) {
        char *text = cli_prompt_line (asking->prompt, "Provider name", "");
        char *name = wizard_keys_name (text);
        bool is_taken = false;
        for (size_t j = 0; name && j < asking->answers->count; j++)
            is_taken |= strcmp (asking->answers->providers[j].name, name) == 0;
        bool is_empty = !*text;
        free (text);
        if (name && !is_taken)
            return name;
        free (name);
        if (is_empty)
            return NULL;
        cli_prompt_say (asking->prompt, "  A name has letters, digits and -, and is none "
                                        "of a provider that\n  is known already.\n");
    }
    return NULL;
}

//  "caller frees", or NULL.
static char *
s_ask_base (const wizard_asking_t *asking, const char *otherwise)
{
    for (int i = 0; i < TRIES_MAX && s_goes_on (asking); i++) {
        char *base = cli_prompt_line (asking->prompt, "Base URL", otherwise);
        if (wizard_keys_is_base (base))
            return base;
        free (base);
        if (s_goes_on (asking))
            cli_prompt_say (asking->prompt,
                            "  Give an address that begins with http:// or https://\n");
    }
    return NULL;
}

static void
s_ask_other (const wizard_asking_t *asking)
{
    static const char *const s_labels[] = { "OpenAI compatible", "Anthropic compatible" };
    static const char *const s_protocols[] = { "openai", "anthropic" };
    static const char *const s_bases[] = { "https://api.example.com/v1",
                                           "https://api.example.com" };
    char *name = s_ask_name (asking);
    if (!name)
        return;
    size_t protocol = cli_prompt_select (asking->prompt, "Protocol:", s_labels, 2, 0);
    char *base = s_ask_base (asking, s_bases[protocol]);
    wizard_provider_t *provider = base ? wizard_answers_add (asking->answers) : NULL;
    if (!provider) {
        free (base);
        free (name);
        return;
    }
    provider->name = name;
    provider->label = br_strdup (name);
    provider->protocol = s_protocols[protocol];
    provider->api_base = base;
    provider->env_prefix = wizard_keys_prefix (name);
    char *variable = br_strf ("%s_API_KEY", provider->env_prefix);
    const char *const variables[] = { variable, NULL };
    if (!s_ask_key (asking, provider, s_detected (asking, variables), variable)
        && s_goes_on (asking))
        cli_prompt_say (asking->prompt, "  No key: calls go there without one.\n");
    free (variable);
}

//  ---- all of it

static void
s_ask_listen (const wizard_asking_t *asking)
{
    for (int i = 0; i < TRIES_MAX && s_goes_on (asking); i++) {
        char *text = cli_prompt_line (asking->prompt, "Listen address",
                                      BR_CONF_LISTEN_DEFAULT);
        br_conf_words_t *words = br_conf_words_new ();
        bool is_good = br_conf_listen_add (words, text) == 0;
        br_conf_words_destroy (&words);
        bool is_default = strcmp (text, BR_CONF_LISTEN_DEFAULT) == 0;
        if (is_good && !is_default)
            asking->answers->listen = text;
        else
            free (text);
        if (is_good)
            return;
        if (s_goes_on (asking))
            cli_prompt_say (asking->prompt, "  Give an address like 127.0.0.1:8787\n");
    }
}

static void
s_show_detected (const wizard_asking_t *asking)
{
    for (size_t i = 0; i < BUILTINS; i++) {
        const char *variable = s_detected (asking, s_builtins[i].variables);
        if (variable)
            cli_prompt_done (asking->prompt, "%s (%s)", s_builtins[i].label, variable);
    }
}

void
wizard_keys_ask (const wizard_asking_t *asking)
{
    s_show_detected (asking);
    for (size_t i = 0; i < BUILTINS && s_goes_on (asking); i++)
        s_ask_builtin (asking, i);
    while (s_goes_on (asking) && asking->answers->count < WIZARD_PROVIDERS_MAX
           && cli_prompt_confirm (asking->prompt, "Add another provider?", false))
        s_ask_other (asking);
    s_ask_listen (asking);
}
