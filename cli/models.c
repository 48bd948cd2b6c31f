//  models: what can be asked for by the configuration's files, how much it takes, and
//  what it costs.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_schema.h"
#include "broker/core/conf_words.h"
#include "cli/door_client.h"
#include "cli/model_filter.h"
#include "cli/table.h"

//  What is asked for.
typedef struct {
    const char *provider; //  a name, or NULL for all and the routes
    cli_model_filter_t filter;
} wish_t;

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

//  ---- the list: an array of objects, sorted as the configuration is

static void
s_copy (cJSON *to, const char *name, const cJSON *from, const char *theirs)
{
    const cJSON *value = s_in (from, theirs);
    if (value)
        cJSON_AddItemToObject (to, name, cJSON_Duplicate (value, true));
    else
        cJSON_AddNullToObject (to, name);
}

static void
s_add (cJSON *list, const wish_t *wish, const char *id, const char *provider,
       const cJSON *model)
{
    if (!cli_model_filter_fits (&wish->filter, id, model))
        return;
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "id", id);
    cJSON_AddStringToObject (row, "provider", provider);
    s_copy (row, "context", model, "max_input_tokens");
    s_copy (row, "max_output", model, "max_output_tokens");
    s_copy (row, "pricing", model, "pricing");
    s_copy (row, "input_modalities", model, "input_modalities");
    s_copy (row, "output_modalities", model, "output_modalities");
    s_copy (row, "capabilities", model, "capabilities");
    cJSON_AddItemToArray (list, row);
}

static void
s_add_provider (cJSON *list, const wish_t *wish, const cJSON *provider)
{
    const cJSON *model;
    if (cJSON_IsTrue (s_in (provider, "routes_only")))
        return;
    cJSON_ArrayForEach (model, s_in (provider, "models"))
    {
        char *id = br_strf ("%s:%s", provider->string, model->string);
        s_add (list, wish, id, provider->string, model);
        free (id);
    }
}

//  "caller deletes"
static cJSON *
s_list (const cJSON *slice, const wish_t *wish)
{
    const char *only = wish->provider;
    cJSON *list = cJSON_CreateArray ();
    const cJSON *node;
    cJSON_ArrayForEach (node, s_in (slice, "models"))
    {
        if (!only && cJSON_GetArraySize (s_in (node, "endpoints")))
            s_add (list, wish, node->string, "", node);
    }
    cJSON_ArrayForEach (node, s_in (slice, "providers"))
    {
        if (!only || strcmp (only, node->string) == 0)
            s_add_provider (list, wish, node);
    }
    return list;
}

//  ---- showing

//  What is not known is a dash, not 0.
static void
s_add_number (cli_table_t *table, const cJSON *number)
{
    char *text = cJSON_IsNumber (number) ? cJSON_PrintUnformatted (number) : NULL;
    cli_table_add (table, text ? text : "-");
    cJSON_free (text);
}

static void
s_print (const cJSON *list)
{
    static const char *const heads[] = { "MODEL",   "CONTEXT",    "OUTPUT",      "$/M IN",
                                         "$/M OUT", "CACHE READ", "CACHE WRITE", NULL };
    cli_table_t *table = cli_table_new (heads);
    const cJSON *row;
    cJSON_ArrayForEach (row, list)
    {
        const cJSON *input = s_in (s_in (row, "pricing"), "input_tokens");
        const cJSON *output = s_in (s_in (row, "pricing"), "output_tokens");
        cli_table_add (table, cJSON_GetStringValue (s_in (row, "id")));
        s_add_number (table, s_in (row, "context"));
        s_add_number (table, s_in (row, "max_output"));
        s_add_number (table, s_in (input, "no_cache"));
        s_add_number (table, s_in (output, "text"));
        s_add_number (table, s_in (input, "cache_read"));
        s_add_number (table, s_in (input, "cache_write"));
    }
    cli_table_print (table, stdout);
    cli_table_destroy (&table);
}

static int
s_show (const cli_t *cli, const br_conf_t *conf, const wish_t *wish)
{
    const char *only = wish->provider;
    const cli_model_filter_t *filter = &wish->filter;
    bool is_filtered = filter->id || filter->input || filter->output || filter->supports;
    const char *hint = only ? br_conf_provider_hint (conf, only) : NULL;
    if (only && !br_conf_provider_active (conf, only))
        return cli_fail ("provider '%s' is not active%s%s", only, hint ? ": " : "",
                         hint ? hint : "");
    char *text = br_conf_slice (conf, "ingress");
    cJSON *slice = cJSON_Parse (text);
    cJSON *list = s_list (slice, wish);
    if (cli->json)
        cli_door_print (list);
    else if (cJSON_GetArraySize (list) == 0)
        puts (is_filtered
                  ? "  (no model is like that)"
                  : "  (no models: no provider is active, see `bitrouter providers`)");
    else
        s_print (list);
    cJSON_Delete (list);
    cJSON_Delete (slice);
    free (text);
    return CLI_OK;
}

//  A modality that nobody can have is a slip of the pen.
static int
s_check_modality (const char *option, const char *word)
{
    br_conf_words_t *words = br_conf_words_new ();
    for (uint32_t i = 0; i < br_conf_modality_words_count; i++)
        br_conf_words_add (words, br_conf_modality_words[i].str);
    int rc = CLI_OK;
    if (word && !br_conf_words_has (words, word))
        rc = cli_usage ("models",
                        "%s is one of text, image, audio, video and file, not '%s'",
                        option, word);
    br_conf_words_destroy (&words);
    return rc;
}

static int
s_take_wish (wish_t *wish, int argc, char **argv)
{
    wish->provider = cli_take_option (&argc, argv, "--provider");
    wish->filter.id = cli_take_option (&argc, argv, "--id");
    wish->filter.input = cli_take_option (&argc, argv, "--input-modality");
    wish->filter.output = cli_take_option (&argc, argv, "--output-modality");
    wish->filter.supports = cli_take_option (&argc, argv, "--supports");
    if (cli_take_no_more ("models", 1, argc, argv)
        || s_check_modality ("--input-modality", wish->filter.input)
        || s_check_modality ("--output-modality", wish->filter.output))
        return CLI_USAGE;
    return CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    wish_t wish = { .provider = NULL };
    if (s_take_wish (&wish, argc, argv))
        return CLI_USAGE;
    br_error_t error = { .code = BR_OK };
    br_conf_t *conf = br_conf_load (&cli->flags, &error);
    if (!conf)
        return cli_fail ("%s", error.text);
    int rc = s_show (cli, conf, &wish);
    br_conf_destroy (&conf);
    return rc;
}

const cli_command_t cli_models = {
    .name = "models",
    .args =
        "[--provider NAME] [--id TEXT] [--input-modality WORD] [--output-modality WORD] "
        "[--supports WORDS]",
    .about = "the models that can be asked for: window, output, price",
    .help =
        "  --provider NAME         of one provider\n"
        "  --id TEXT               with this in their ids\n"
        "  --input-modality WORD   that take text, image, audio, video or file\n"
        "  --output-modality WORD  that answer in it\n"
        "  --supports WORDS        that can do all of these, with commas between: "
        "tools,\n"
        "                          images, audio, files, prompt_caching, or what their\n"
        "                          capabilities name\n"
        "\n"
        "Reads the configuration's files, whether bitrouter runs or not. Windows and\n"
        "outputs are tokens, prices USD per million tokens; a dash is not known.\n",
    .run = s_run,
};
