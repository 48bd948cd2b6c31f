//  login: the credential of a provider: a key for .env, or a token of its subscription.

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_words.h"
#include "cli/door_client.h"
#include "cli/env_file.h"
#include "cli/login_flow.h"
#include "cli/prompt.h"
#include "cli/table.h"
#include "cli/wizard.h"

typedef struct {
    const cli_t *cli;
    br_conf_t *conf;
    const char *name; //  of the provider, as it was typed
    bool from_stdin;
    bool wants_key;
    bool wants_device;
    bool wants_browser;
    bool opens; //  a browser
} login_t;

//  ---- the end

//  A server that runs takes what is new at once. Whether it did.
static bool
s_reload (const login_t *self)
{
    cli_question_t question = { br_conf_run_dir (self->conf), "reload", NULL,
                                CLI_DOOR_LONG_MS };
    cli_answer_t answer = { .result = NULL };
    br_error_t error = { .code = BR_OK };
    int rc = cli_door_ask (&question, &answer, &error);
    cJSON_Delete (answer.result);
    if (rc && error.code != BR_EUNAVAILABLE)
        fprintf (stderr, "Warning: the server did not take it: %s\n", error.text);
    return rc == 0;
}

static int
s_finish (const login_t *self, const char *what, const char *path)
{
    bool reloaded = s_reload (self);
    if (self->cli->json) {
        cJSON *json = cJSON_CreateObject ();
        cJSON_AddStringToObject (json, "provider", self->name);
        cJSON_AddStringToObject (json, "saved", what);
        cJSON_AddStringToObject (json, "path", path);
        cJSON_AddBoolToObject (json, "reloaded", reloaded);
        cli_door_print (json);
        cJSON_Delete (json);
    } else
        printf ("✓ %s of %s saved to %s%s\n", what, self->name, path,
                reloaded ? "; the server uses it" : "");
    return CLI_OK;
}

//  ---- a key

//  A key goes into a header: it is one word of visible letters.
static bool
s_is_key (const char *key)
{
    while (isgraph ((unsigned char) *key))
        key++;
    return !*key;
}

//  One line of standard input, without white space around it. Free with
//  cli_prompt_forget; NULL with a line on stderr.
static char *
s_read_key (void)
{
    char *line = br_alloc (CLI_ENV_VALUE_MAX + 2, 1);
    if (!fgets (line, CLI_ENV_VALUE_MAX + 2, stdin))
        *line = 0;
    char *start = line;
    while (isspace ((unsigned char) *start))
        start++;
    size_t size = strlen (start);
    while (size && isspace ((unsigned char) start[size - 1]))
        size--;
    char *key = br_strndup (start, size);
    sodium_memzero (line, CLI_ENV_VALUE_MAX + 2);
    free (line);
    if (size && s_is_key (key))
        return key;
    cli_prompt_forget (&key);
    cli_fail (size ? "what is on standard input is no key: a key is one word"
                   : "there is no key on standard input");
    return NULL;
}

//  The same on a terminal. Its end is in *ret_rc.
static char *
s_ask_key (const login_t *self, int *ret_rc)
{
    br_error_t error = { .code = BR_OK };
    cli_prompt_t *prompt = cli_prompt_new (STDIN_FILENO, STDERR_FILENO,
                                           cli_prompt_may_color (), &error);
    if (!prompt) {
        *ret_rc = cli_fail ("there is no terminal to ask on: give the key on standard "
                            "input, with --stdin");
        return NULL;
    }
    char *question = br_strf ("%s API key (not shown)", self->name);
    char *key = cli_prompt_secret (prompt, question);
    free (question);
    cli_prompt_end_t end = cli_prompt_end (prompt);
    cli_prompt_destroy (&prompt);
    if (end == CLI_PROMPT_GOOD && *key && s_is_key (key))
        return key;
    *ret_rc = end == CLI_PROMPT_BREAK
                  ? CLI_BREAK
                  : cli_fail (*key ? "that is no key: a key is one word"
                                   : "there is no key");
    cli_prompt_forget (&key);
    return NULL;
}

//  Puts it into .env.
static int
s_save_key (const login_t *self, const char *variable, const char *key)
{
    br_error_t error = { .code = BR_OK };
    const char *path = br_conf_env_file (self->conf);
    cli_env_file_t *file = cli_env_file_new (path, &error);
    int rc = file ? cli_env_file_put (file, variable, key, &error) : -1;
    if (rc == 0)
        rc = cli_env_file_save (file, &error);
    cli_env_file_destroy (&file);
    if (rc)
        return cli_fail ("%s", error.text);
    const char *set = getenv (variable);
    if (set && *set && strcmp (set, key) != 0)
        fprintf (stderr, "Warning: %s of the environment wins over .env; unset it\n",
                 variable);
    return s_finish (self, variable, path);
}

static int
s_login_key (const login_t *self)
{
    const char *prefix = br_conf_provider_prefix (self->conf, self->name);
    if (!prefix || !*prefix)
        return cli_fail ("provider \"%s\" has no env_prefix: give it one in %s, or its "
                         "api_key",
                         self->name, br_conf_config_file (self->conf));
    int rc = CLI_FAILED;
    char *key = self->from_stdin ? s_read_key () : s_ask_key (self, &rc);
    if (!key)
        return rc;
    char *variable = br_strf ("%s_API_KEY", prefix);
    rc = s_save_key (self, variable, key);
    free (variable);
    cli_prompt_forget (&key);
    return rc;
}

//  ---- a token

//  Whether a key is in the way of the token.
static void
s_warn_of_key (const login_t *self)
{
    br_conf_flags_t flags = self->cli->flags;
    flags.provider = self->name;
    br_conf_t *now = br_conf_load (&flags, NULL);
    const char *auth = now ? br_conf_provider_auth (now, self->name) : NULL;
    if (auth && strcmp (auth, "oauth") != 0)
        fprintf (stderr,
                 "Warning: a key of %s is set and wins; remove it to use the "
                 "login\n",
                 self->name);
    br_conf_destroy (&now);
}

static int
s_save_token (const login_t *self, const login_issuer_t *issuer,
              const br_login_token_t *token)
{
    br_error_t error = { .code = BR_OK };
    if (br_login_token_write (token, issuer->file, &error))
        return cli_fail ("%s", error.text);
    s_warn_of_key (self);
    return s_finish (self, "Login", issuer->file);
}

static int
s_login_oauth (const login_t *self, const login_issuer_t *issuer)
{
    br_error_t error = { .code = BR_OK };
    bool is_device = self->wants_device
                     || (!self->wants_browser && !issuer->authorize_url);
    if (is_device ? !issuer->device_url : !issuer->authorize_url)
        return cli_fail ("%s has no login by %s", self->name,
                         is_device ? "--device" : "--browser");
    br_login_token_t *token = is_device
                                  ? login_flow_device (issuer, &error)
                                  : login_flow_browser (issuer, self->opens, &error);
    int rc = token ? s_save_token (self, issuer, token)
                   : cli_fail ("the login to %s failed: %s", self->name, error.text);
    br_login_token_destroy (&token);
    return rc;
}

static int
s_refresh (const login_t *self, const login_issuer_t *issuer)
{
    br_error_t error = { .code = BR_OK };
    br_login_token_t *older = br_login_token_read (issuer->file, &error);
    if (!older)
        return cli_fail ("%s; run `bitrouter login %s`", error.text, self->name);
    br_login_token_t *token = login_issuer_refresh (issuer, older, &error);
    int rc = token ? s_save_token (self, issuer, token)
                   : cli_fail ("the login to %s cannot be renewed: %s; run `bitrouter "
                               "login %s`",
                               self->name, error.text, self->name);
    br_login_token_destroy (&token);
    br_login_token_destroy (&older);
    return rc;
}

static int
s_remove (const login_t *self, const login_issuer_t *issuer)
{
    if (unlink (issuer->file))
        return cli_fail ("nobody has logged in to %s", self->name);
    bool reloaded = s_reload (self);
    if (!self->cli->json)
        printf ("Removed the login of %s%s\n", self->name,
                reloaded ? "; the server uses it no more" : "");
    return CLI_OK;
}

typedef int (s_token_fn) (const login_t *self, const login_issuer_t *issuer);

static int
s_with_issuer (const login_t *self, s_token_fn *fn)
{
    br_error_t error = { .code = BR_OK };
    login_issuer_t issuer = { .json = NULL };
    char *text = br_conf_provider_login (self->conf, self->name, &error);
    int rc = text ? login_issuer_init (&issuer, self->name, text, &error) : -1;
    //  a token can be removed whoever gave it
    if (rc && fn == s_remove && issuer.file && *issuer.file)
        rc = 0;
    rc = rc ? cli_fail ("%s", error.text) : fn (self, &issuer);
    login_issuer_clear (&issuer);
    free (text);
    return rc;
}

//  ---- all of it

static bool
s_has_login (const login_t *self)
{
    char *text = br_conf_provider_login (self->conf, self->name, NULL);
    bool has_login = text != NULL;
    free (text);
    return has_login;
}

static bool
s_is_known (const login_t *self)
{
    const char *name;
    for (size_t i = 0; (name = br_conf_provider_names (self->conf, i)); i++)
        if (strcmp (name, self->name) == 0)
            return true;
    return false;
}

static int
s_unknown (const login_t *self)
{
    br_conf_words_t *names = br_conf_words_new ();
    const char *name;
    for (size_t i = 0; (name = br_conf_provider_names (self->conf, i)); i++)
        br_conf_words_add (names, name);
    const char *near = br_conf_words_nearest (names, self->name);
    int rc = near ? cli_fail ("there is no provider \"%s\"; did you mean \"%s\"?",
                              self->name, near)
                  : cli_fail ("there is no provider \"%s\"; see `bitrouter providers`",
                              self->name);
    br_conf_words_destroy (&names);
    return rc;
}

static int
s_go (login_t *self, s_token_fn *fn)
{
    br_error_t error = { .code = BR_OK };
    br_conf_flags_t flags = self->cli->flags;
    flags.provider = self->name;
    self->conf = br_conf_load (&flags, &error);
    if (!self->conf)
        return cli_fail ("%s", error.text);
    int rc;
    if (!s_is_known (self))
        rc = s_unknown (self);
    else if (fn)
        rc = s_with_issuer (self, fn);
    else if (self->from_stdin || self->wants_key
             || (!s_has_login (self) && !self->wants_device && !self->wants_browser))
        rc = s_login_key (self);
    else
        rc = s_with_issuer (self, s_login_oauth);
    br_conf_destroy (&self->conf);
    return rc;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    login_t self = { .cli = cli };
    self.from_stdin = cli_take_switch (&argc, argv, "--stdin");
    self.wants_key = cli_take_switch (&argc, argv, "--key");
    self.wants_device = cli_take_switch (&argc, argv, "--device");
    self.wants_browser = cli_take_switch (&argc, argv, "--browser");
    self.opens = !cli_take_switch (&argc, argv, "--no-open");
    bool refreshes = cli_take_switch (&argc, argv, "--refresh");
    bool removes = cli_take_switch (&argc, argv, "--rm");
    if (argc < 2)
        return cli_usage ("login", "name a provider, like `bitrouter login anthropic`");
    if (cli_take_no_more ("login", 2, argc, argv))
        return CLI_USAGE;
    if (self.from_stdin + self.wants_key + self.wants_device + self.wants_browser
            + refreshes + removes
        > 1)
        return cli_usage ("login", "one of --stdin, --key, --device, --browser, "
                                   "--refresh and --rm at a time");
    if (argv[1][0] == '-')
        return cli_usage ("login", "login takes no option '%s'", argv[1]);
    self.name = argv[1];
    return s_go (&self, refreshes ? s_refresh : removes ? s_remove : NULL);
}

const cli_command_t cli_login = {
    .name = "login",
    .args = "PROVIDER [--stdin | --key | --device | --browser | --refresh | --rm]",
    .about = "give bitrouter the key or the subscription of a provider",
    .help =
        "  --stdin    read a key from standard input\n"
        "  --key      ask for a key, also where there is a subscription\n"
        "  --browser  log in with a browser on this machine\n"
        "  --device   log in with a code that is entered elsewhere\n"
        "  --no-open  do not start a browser\n"
        "  --refresh  renew the token of a login now\n"
        "  --rm       forget the token of a login\n"
        "\n"
        "A key goes to .env. Where the provider has a login, and no key is asked for, a\n"
        "token goes to HOME/.keys/login, which a key of the provider wins over; a "
        "running\n"
        "server takes both at once, and renews the token by itself.\n",
    .run = s_run,
};
