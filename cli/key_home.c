//  key_home: the folder of keys of a home, for a command.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_home.h"
#include "broker/identity/key_file.h"
#include "cli/key_home.h"

//  Two folders let callers in, and commands change only one of them.
static void
s_warn_of_older (const char *home, const char *folder)
{
    char *older = br_strf ("%s/keys", home);
    if (strcmp (older, folder) != 0 && br_conf_file_is_dir (older))
        fprintf (
            stderr,
            "Warning: keys in the older folder %s count too, and no command shows or "
            "changes them: move what is in it to %s\n",
            older, folder);
    free (older);
}

int
cli_key_home_open (cli_key_home_t *ret_self, const cli_t *cli)
{
    br_error_t error = { .code = BR_OK };
    br_conf_home_t home;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    *ret_self = (cli_key_home_t) { .folder = NULL };
    if (br_conf_home_find (&home, &cli->flags, environ_v, NULL, &error))
        return cli_fail ("%s", error.text);
    ret_self->folder = br_key_file_folder (home.home);
    s_warn_of_older (home.home, ret_self->folder);
    br_conf_home_clear (&home);
    br_conf_words_t *warnings = br_conf_words_new ();
    ret_self->accounts = br_accounts_new (ret_self->folder, warnings, &error);
    for (size_t i = 0; i < br_conf_words_count (warnings); i++)
        fprintf (stderr, "Warning: %s\n", br_conf_words_at (warnings, i));
    br_conf_words_destroy (&warnings);
    if (ret_self->accounts)
        return CLI_OK;
    cli_key_home_close (ret_self);
    return cli_fail ("%s", error.text);
}

void
cli_key_home_close (cli_key_home_t *self)
{
    br_accounts_destroy (&self->accounts);
    free (self->folder);
    self->folder = NULL;
}

const br_account_t *
cli_key_home_active (const cli_key_home_t *self)
{
    const br_account_t *active = br_accounts_active (self->accounts);
    if (!active)
        cli_fail ("No active account. Run `bitrouter account -g` to generate one.");
    return active;
}

uint64_t
cli_key_home_now_s (void)
{
    return (uint64_t) time (NULL);
}
