//  wizard: sets bitrouter up by questions on a terminal. What is answered is held until the
//  end; until somebody says yes to the summary nothing is on disk.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_home.h"
#include "broker/core/conf_listen.h"
#include "broker/identity/key_file.h"
#include "cli/env_file.h"
#include "cli/wizard.h"
#include "cli/wizard_cloud.h"

#define CONFIG_MAX (4u << 20) //  bytes of a configuration that is kept as .bak

typedef struct {
    br_conf_home_t home;
    br_conf_env_t *env;
    br_conf_env_t *process;
    cli_prompt_t *prompt;
    wizard_answers_t answers;
    wizard_asking_t asking;
    bool is_cloud;
} wizard_t;

bool
cli_wizard_can_ask (void)
{
    return isatty (STDIN_FILENO) && isatty (STDOUT_FILENO);
}

//  ---- life

static void
s_close (wizard_t *self)
{
    wizard_answers_clear (&self->answers);
    br_conf_env_destroy (&self->process);
    br_conf_env_destroy (&self->env);
    br_conf_home_clear (&self->home);
    cli_prompt_destroy (&self->prompt); //  a signal may end the program here
}

static int
s_open (wizard_t *self, const cli_t *cli, br_error_t *reterr)
{
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_locate (&self->home, &cli->flags, environ_v, reterr))
        return -1;
    self->env = br_conf_env_new (environ_v);
    self->process = br_conf_env_new (environ_v);
    if (br_conf_env_read (self->env, self->home.env_file, false, NULL, reterr))
        return -1;
    self->prompt = cli_prompt_new (STDIN_FILENO, STDOUT_FILENO, cli_prompt_may_color (),
                                   reterr);
    self->asking = (wizard_asking_t) { self->prompt, self->env, self->process,
                                       &self->answers };
    return self->prompt ? 0 : -1;
}

//  ---- the configuration that is there

//  Whether a file says anything but comments.
static bool
s_says_something (const char *text)
{
    while (*text) {
        text += strspn (text, " \t\r\n");
        if (*text && *text != '#')
            return true;
        text += strcspn (text, "\n");
    }
    return false;
}

//  Its text where it says something, or NULL. "caller frees"
static char *
s_existing (const wizard_t *self)
{
    size_t size = 0;
    char *text = br_conf_file_read (self->home.config_file, CONFIG_MAX, &size, NULL);
    if (text && s_says_something (text))
        return text;
    free (text);
    return NULL;
}

//  Whether the home can be made or written, or the folder that it would be in: before
//  somebody answers all questions in vain.
static int
s_check_place (const wizard_t *self, br_error_t *reterr)
{
    char *place = br_strdup (self->home.home);
    char *slash = strrchr (place, '/');
    while (access (place, F_OK) && errno == ENOENT && slash && slash != place) {
        *slash = 0;
        slash = strrchr (place, '/');
    }
    int rc = access (place, W_OK | X_OK);
    if (rc && errno != ENOENT)
        br_error_set (reterr, BR_ESYSTEM,
                      "%s cannot be written: %s; give another home with --home-dir",
                      place, strerror (errno));
    else
        rc = 0;
    free (place);
    return rc;
}

//  ---- questions

static void
s_ask (wizard_t *self)
{
    static const char *const s_modes[] = { "Default (BitRouter Cloud)",
                                           "Bring Your Own Key" };
    self->is_cloud = cli_prompt_select (self->prompt, "Choose a provider mode:", s_modes,
                                        2, 0)
                     == 0;
    if (cli_prompt_end (self->prompt) != CLI_PROMPT_GOOD)
        return;
    cli_prompt_say (self->prompt, "\n");
    if (self->is_cloud)
        wizard_cloud_ask (&self->asking);
    else
        wizard_keys_ask (&self->asking);
}

//  A path as people write it. "caller frees"
static char *
s_short (const char *path)
{
    const char *home = getenv ("HOME");
    size_t size = home ? strlen (home) : 0;
    if (size > 1 && strncmp (path, home, size) == 0 && path[size] == '/')
        return br_strf ("~%s", path + size);
    return br_strdup (path);
}

static void
s_sum_up_provider (wizard_t *self, const wizard_provider_t *provider)
{
    const char *base = provider->api_base ? provider->api_base : "";
    if (self->is_cloud && !provider->variable)
        cli_prompt_say (self->prompt,
                        "  %s: a token of this machine's wallet, good for "
                        "%d days\n",
                        provider->label, WIZARD_CLOUD_DAYS);
    else if (!provider->variable)
        cli_prompt_say (self->prompt, "  %s: %s (no key)\n", provider->label, base);
    else
        cli_prompt_say (self->prompt, "  %s: %s%s%s%s\n", provider->label, base,
                        *base ? ", " : "", provider->variable,
                        provider->secret ? " (to .env)" : " (as it is set)");
}

static bool
s_agrees (wizard_t *self)
{
    if (cli_prompt_end (self->prompt) != CLI_PROMPT_GOOD)
        return false;
    char *path = s_short (self->home.config_file);
    cli_prompt_say (self->prompt, "\nSummary\n  Configuration: %s\n", path);
    free (path);
    for (size_t i = 0; i < self->answers.count; i++)
        s_sum_up_provider (self, &self->answers.providers[i]);
    if (!self->answers.count)
        cli_prompt_say (self->prompt, "  No providers: keys in the environment count.\n");
    cli_prompt_say (self->prompt, "  Listen: %s\n",
                    self->answers.listen ? self->answers.listen : BR_CONF_LISTEN_DEFAULT);
    return cli_prompt_confirm (self->prompt, "Write this configuration?", true);
}

//  ---- files

//  What was there stays beside the new one.
static int
s_back_up (const wizard_t *self, const char *old, br_error_t *reterr)
{
    char *path = br_strf ("%s.bak", self->home.config_file);
    int rc = old ? cli_env_file_replace (path, old, reterr) : 0;
    free (path);
    return rc;
}

static int
s_write (wizard_t *self, const char *old, br_error_t *reterr)
{
    if (br_conf_home_scaffold (self->home.home, reterr))
        return -1;
    if (self->is_cloud) {
        char *folder = br_key_file_folder (self->home.home);
        int rc = wizard_cloud_make (&self->asking, folder, reterr);
        free (folder);
        if (rc)
            return -1;
    }
    if (s_back_up (self, old, reterr)
        || wizard_answers_write (&self->answers, self->home.config_file,
                                 self->home.env_file, reterr))
        return -1;
    char *path = s_short (self->home.config_file);
    cli_prompt_done (self->prompt, "Configuration saved to %s", path);
    if (old)
        cli_prompt_say (self->prompt, "  What was there is now %s.bak\n", path);
    free (path);
    return 0;
}

//  ---- all of it

//  Whether what is there may go.
static bool
s_may_overwrite (wizard_t *self, const char *old, cli_wizard_mode_t mode)
{
    static const char *const s_ways[] = { "Reconfigure from scratch", "Exit" };
    if (!old || mode == CLI_WIZARD_OVERWRITE)
        return true;
    char *path = s_short (self->home.config_file);
    cli_prompt_say (self->prompt, "%s is there already.\n", path);
    free (path);
    return cli_prompt_select (self->prompt, "What now?", s_ways, 2, 1) == 0;
}

//  How it ended before anything was written.
static int
s_ended (const wizard_t *self, const br_error_t *error)
{
    cli_prompt_end_t end = cli_prompt_end (self->prompt);
    if (end == CLI_PROMPT_BREAK)
        fputs ("\nSetup was broken off; nothing was written.\n", stderr);
    if (end == CLI_PROMPT_BREAK)
        return CLI_BREAK;
    if (end == CLI_PROMPT_END)
        return cli_fail ("the input ended; nothing was written");
    if (error->code != BR_OK)
        return cli_fail ("%s", error->text);
    return cli_fail ("nothing was written; run `bitrouter init` to begin again");
}

//  Asks and writes. CLI_OK or how it ended.
static int
s_go (wizard_t *self, cli_wizard_mode_t mode, bool *ret_written)
{
    br_error_t error = { .code = BR_OK };
    cli_prompt_say (self->prompt, "\nBitRouter Setup\n\n");
    char *old = s_existing (self);
    bool goes_on = s_may_overwrite (self, old, mode);
    if (!goes_on && cli_prompt_end (self->prompt) == CLI_PROMPT_GOOD) {
        free (old);
        return CLI_OK;
    }
    if (goes_on)
        s_ask (self);
    *ret_written = goes_on && s_agrees (self) && s_write (self, old, &error) == 0;
    free (old);
    return *ret_written ? CLI_OK : s_ended (self, &error);
}

int
cli_wizard_set_up (const cli_t *cli, cli_wizard_mode_t mode, bool *ret_written)
{
    wizard_t self = { .prompt = NULL };
    br_error_t error = { .code = BR_OK };
    *ret_written = false;
    int rc = s_open (&self, cli, &error) || s_check_place (&self, &error)
                 ? cli_fail ("%s", error.text)
                 : s_go (&self, mode, ret_written);
    s_close (&self);
    return rc;
}

int
cli_wizard_run (const cli_t *cli)
{
    bool written;
    return cli_wizard_set_up (cli, CLI_WIZARD_ASK, &written);
}
