//  conf_home: where bitrouter's files are.

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_home.h"

//  The first files of a home.
typedef struct {
    const char *name;
    mode_t mode;
    const char *text;
} home_file_t;

static const home_file_t s_files[] = {
    { "bitrouter.yaml", 0644,
      "#  bitrouter's configuration. Everything here is optional: with a provider's key "
      "in\n"
      "#  the environment or in .env, \"provider:model\" works as it is.\n"
      "#\n"
      "#  providers:\n"
      "#    openai:\n"
      "#      api_key: ${OPENAI_API_KEY}\n"
      "#\n"
      "#  models:\n"
      "#    default:\n"
      "#      strategy: priority\n"
      "#      endpoints:\n"
      "#        - provider: openai\n"
      "#          service_id: gpt-4o\n" },
    { ".env", 0600,
      "#  Keys of providers, one NAME=value a line. The process environment wins.\n"
      "#  OPENAI_API_KEY=\n"
      "#  ANTHROPIC_API_KEY=\n"
      "#  GOOGLE_API_KEY=\n" },
    { ".gitignore", 0644, ".env\n.keys/\nkeys/\nbitrouter.db*\nledger*\nlogs/\nrun/\n" },
    { "README.md", 0644,
      "# bitrouter's home\n"
      "\n"
      "- `bitrouter.yaml`: configuration\n"
      "- `.env`: keys of providers; never commit it\n"
      "- `run/`: sockets and the process id of the running server\n"
      "- `logs/`: what the server wrote\n"
      "- `bitrouter.db`: what was spent; `ledger.head`: how far it goes, signed\n"
      "- `.keys/`: accounts and keys that the server issued; never commit it\n" },
};

static const char *const s_folders[] = { "run", "logs" };

int
br_conf_home_scaffold (const char *home, br_error_t *reterr)
{
    int rc = br_conf_file_mkdir (home, 0700, reterr);
    for (size_t i = 0; rc == 0 && i < sizeof s_folders / sizeof *s_folders; i++) {
        char *path = br_strf ("%s/%s", home, s_folders[i]);
        rc = br_conf_file_mkdir (path, 0700, reterr);
        free (path);
    }
    for (size_t i = 0; rc == 0 && i < sizeof s_files / sizeof *s_files; i++) {
        char *path = br_strf ("%s/%s", home, s_files[i].name);
        rc = br_conf_file_create (path, s_files[i].text, s_files[i].mode, reterr);
        free (path);
    }
    return rc;
}

//  ~/.bitrouter, or NULL when nobody has a home. "caller frees"
static char *
s_default_home (const br_conf_env_t *env)
{
    const char *home = br_conf_env_get_full (env, "HOME");
    if (home)
        return br_strf ("%s/.bitrouter", home);
    const struct passwd *user = getpwuid (getuid ());
    return user && user->pw_dir ? br_strf ("%s/.bitrouter", user->pw_dir) : NULL;
}

//  The home by the rules, whether it exists or not. "caller frees"
static char *
s_choose (const br_conf_flags_t *flags, const br_conf_env_t *env)
{
    if (flags->home_dir && *flags->home_dir)
        return br_strdup (flags->home_dir);
    if (br_conf_file_exists ("bitrouter.yaml"))
        return br_strdup (".");
    const char *named = br_conf_env_get_full (env, "BITROUTER_HOME");
    if (named && br_conf_file_is_dir (named))
        return br_strdup (named);
    return s_default_home (env);
}

//  An absolute path for one that may be relative to the current directory; as it is when
//  the current directory has no name.
static char *
s_absolute (const char *path)
{
    char *real = realpath (path, NULL);
    if (real || *path == '/')
        return real ? real : br_strdup (path);
    char *folder = getcwd (NULL, 0);
    char *text = folder ? br_strf ("%s/%s", folder, path) : br_strdup (path);
    free (folder);
    return text;
}

//  The path of a flag, or a name inside of the home.
static char *
s_path (const char *flag, const char *home, const char *name)
{
    return flag && *flag ? s_absolute (flag) : br_strf ("%s/%s", home, name);
}

//  The home and all that is in it, for a path that may be relative.
static void
s_fill (br_conf_home_t *self, const br_conf_flags_t *flags, const char *home)
{
    *self = (br_conf_home_t) { .home = s_absolute (home) };
    self->config_file = s_path (flags->config_file, self->home, "bitrouter.yaml");
    self->env_file = s_path (flags->env_file, self->home, ".env");
    self->run_dir = s_path (flags->run_dir, self->home, "run");
    self->logs_dir = s_path (flags->logs_dir, self->home, "logs");
    self->has_config = br_conf_file_exists (self->config_file);
    self->config_is_own = flags->config_file && *flags->config_file;
    self->env_is_own = flags->env_file && *flags->env_file;
}

//  "caller frees", or NULL with BR_ECONFIG.
static char *
s_choose_any (const br_conf_flags_t *flags, const char *const *env_v, br_error_t *reterr)
{
    br_conf_env_t *env = br_conf_env_new (env_v);
    char *home = s_choose (flags, env);
    br_conf_env_destroy (&env);
    if (!home)
        br_error_set (reterr, BR_ECONFIG,
                      "there is no home directory: set HOME, or give --home-dir");
    return home;
}

int
br_conf_home_locate (br_conf_home_t *ret_self, const br_conf_flags_t *flags,
                     const char *const *env_v, br_error_t *reterr)
{
    char *home = s_choose_any (flags, env_v, reterr);
    if (!home)
        return -1;
    s_fill (ret_self, flags, home);
    free (home);
    return 0;
}

int
br_conf_home_find (br_conf_home_t *ret_self, const br_conf_flags_t *flags,
                   const char *const *env_v, br_conf_words_t *warnings,
                   br_error_t *reterr)
{
    char *home = s_choose_any (flags, env_v, reterr);
    if (!home)
        return -1;
    br_error_t error = { BR_OK, "" };
    if (br_conf_file_exists (home) && !br_conf_file_is_dir (home)) {
        br_error_set (reterr, BR_ECONFIG,
                      "the home %s is no folder; give another with --home-dir", home);
        free (home);
        return -1;
    }
    if (!br_conf_file_exists (home) && br_conf_home_scaffold (home, &error))
        br_conf_words_addf (warnings, "%s", error.text);
    s_fill (ret_self, flags, home);
    free (home);
    return 0;
}

void
br_conf_home_clear (br_conf_home_t *self)
{
    free (self->home);
    free (self->config_file);
    free (self->env_file);
    free (self->run_dir);
    free (self->logs_dir);
    *self = (br_conf_home_t) { .home = NULL };
}
