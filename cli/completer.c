//  completer: goes down the words as dispatch does, then offers commands, options or
//  values.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_home.h"
#include "broker/core/events.h"
#include "cli/completer.h"
#include "cli/effective.h"
#include "cli/syntax.h"
#include "cli/table.h"

#define QUICK_MS 300   //  for the answer of a server; a shell waits
#define PATH_BYTES 128 //  of the words of a command, with its end

typedef struct {
    const cli_t *cli;             //  with the flags of the words
    const cli_command_t *command; //  as far as the words go
    char path[PATH_BYTES];        //  its words
    int arguments;                //  count of words behind it that are no options
    const char *option;           //  the one that waits for its value, or NULL
    char *prefix;                 //  owned; what the shell keeps: "--provider=", or ""
    const char *begun;            //  the last word, behind the prefix
    FILE *file;
} completer_t;

//  Behind an option, or as an argument of a command from a place on: words with blanks
//  between, or @SOURCE.
static const struct {
    const char *where;
    int from;
    const char *values;
} s_values[] = {
    { "--strategy", 0, "priority load_balance least_latency least_busy cheapest" },
    { "--log-level", 0, "trace debug info warn error" },
    { "--log-format", 0, "text json" },
    { "--by", 0, "model provider account run agent key day" },
    { "--since", 0, "today yesterday 24h 7d 30d" },
    { "--until", 0, "today yesterday 24h 7d 30d" },
    { "--scope", 0, "api admin" },
    { "--chain", 0, "solana base tempo" },
    { "--budget-scope", 0, "session account" },
    { "--budget-range", 0, "rounds: duration:" },
    { "--exp", 0, "5m 1h 30d never" },
    { "--direction", 0, "upgoing downgoing" },
    { "--protocol", 0, "text chat responses messages google" },
    { "--input-modality", 0, "text image audio video file" },
    { "--output-modality", 0, "text image audio video file" },
    { "--supports", 0, "tools images audio files prompt_caching" },
    { "--provider", 0, "@providers" },
    { "--route", 0, "@routes" },
    { "--endpoint", 0, "@models" },
    { "--models", 0, "@models" },
    { "--model", 0, "@models" },
    { "--topology", 0, "one processes hosts" },
    { "route", 0, "@routes @models" },
    { "route show", 0, "@routes @models" },
    { "route rm", 0, "@dynamic" },
    { "route add", 1, "@models" },
    { "events", 0, "@events" },
    { "login", 0, "@providers" },
    { "topology show", 0, "one processes hosts" },
    { "topology check", 0, "one processes hosts" },
    { "receipt verify", 0, "@files" },
};

//  ---- offering

static void
s_offer (const completer_t *self, const char *word, const char *about)
{
    if (strncmp (word, self->begun, strlen (self->begun)) != 0)
        return;
    char *clean = cli_table_clean (word);
    fprintf (self->file, "%s%s%s%s\n", self->prefix, clean, *about ? "\t" : "", about);
    free (clean);
}

static void
s_offer_rows (const completer_t *self, const cJSON *rows, const char *source)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, rows)
    {
        if (!source || strcmp (cli_effective_text (row, "source", ""), source) == 0)
            s_offer (self, cli_effective_text (row, "name", ""), "");
    }
}

//  Where the files are; nothing is made for that.
static int
s_locate (const completer_t *self, br_conf_home_t *ret_home)
{
    br_error_t error;
    const br_conf_flags_t *flags = &self->cli->flags;
    const char *const *environ_v = flags->environ_v ? flags->environ_v
                                                    : (const char *const *) environ;
    return br_conf_home_locate (ret_home, flags, environ_v, &error);
}

//  Routes of the running server.
static void
s_offer_routes (const completer_t *self, const char *source)
{
    br_error_t error;
    br_conf_home_t home;
    if (s_locate (self, &home))
        return;
    cli_question_t question = { home.run_dir, "routes", NULL, QUICK_MS };
    cli_answer_t answer = { .result = NULL };
    if (cli_door_ask (&question, &answer, &error) == 0)
        s_offer_rows (self, answer.result, source);
    cJSON_Delete (answer.result);
    br_conf_home_clear (&home);
}

//  What the files say. "caller destroys", or NULL
static br_conf_t *
s_files (const completer_t *self)
{
    br_error_t error;
    br_conf_home_t home;
    if (s_locate (self, &home))
        return NULL;
    bool is_there = access (home.home, R_OK | X_OK) == 0;
    br_conf_home_clear (&home);
    return is_there ? br_conf_load (&self->cli->flags, &error) : NULL;
}

static void
s_offer_providers (const completer_t *self)
{
    br_conf_t *conf = s_files (self);
    const char *name;
    for (size_t i = 0; conf && (name = br_conf_provider_names (conf, i)); i++)
        s_offer (self, name, br_conf_provider_active (conf, name) ? "active" : "");
    br_conf_destroy (&conf);
}

static void
s_offer_models (const completer_t *self)
{
    br_conf_t *conf = s_files (self);
    char *text = conf ? br_conf_slice (conf, "ingress") : NULL;
    cJSON *slice = cJSON_Parse (text ? text : "{}");
    const cJSON *provider;
    const cJSON *model;
    cJSON_ArrayForEach (provider, cJSON_GetObjectItemCaseSensitive (slice, "providers"))
    {
        cJSON_ArrayForEach (model, cJSON_GetObjectItemCaseSensitive (provider, "models"))
        {
            char *id = br_strf ("%s:%s", provider->string, model->string);
            s_offer (self, id, "");
            free (id);
        }
    }
    cJSON_Delete (slice);
    free (text);
    br_conf_destroy (&conf);
}

static void
s_offer_events (const completer_t *self)
{
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++)
        s_offer (self, br_event_name (i), "");
}

static void
s_offer_source (const completer_t *self, const char *source)
{
    if (strcmp (source, "@files") == 0)
        fputs ("@files\n", self->file);
    else if (strcmp (source, "@routes") == 0)
        s_offer_routes (self, NULL);
    else if (strcmp (source, "@dynamic") == 0)
        s_offer_routes (self, "dynamic");
    else if (strcmp (source, "@providers") == 0)
        s_offer_providers (self);
    else if (strcmp (source, "@models") == 0)
        s_offer_models (self);
    else if (strcmp (source, "@events") == 0)
        s_offer_events (self);
    else
        s_offer (self, source, "");
}

static bool
s_offer_values (const completer_t *self, const char *where, int place)
{
    for (size_t i = 0; i < sizeof s_values / sizeof *s_values; i++) {
        if (strcmp (s_values[i].where, where) != 0 || place < s_values[i].from)
            continue;
        const char *at = s_values[i].values;
        while (*at) {
            size_t size = strcspn (at, " ");
            char *word = br_strndup (at, size);
            s_offer_source (self, word);
            free (word);
            at += size + (at[size] == ' ');
        }
        return true;
    }
    return false;
}

//  ---- options

typedef void (option_fn) (void *arg, const cli_option_t *option, const char *about);

static void
s_each_in (const char *text, const char *about, option_fn *fn, void *arg)
{
    cli_option_t option;
    for (const char *at = text; cli_syntax_next (&at, &option);)
        fn (arg, &option, about);
}

//  Lines of help that begin with an option, like "  -g, --generate-key  make one".
static void
s_each_in_help (const char *help, option_fn *fn, void *arg)
{
    while (help && *help) {
        size_t size = strcspn (help, "\n");
        size_t blanks = strspn (help, " ");
        if (help[blanks] == '-') {
            char *line = br_strndup (help + blanks, size - blanks);
            char *gap = strstr (line, "  ");
            const char *about = gap ? gap + strspn (gap, " ") : "";
            if (gap)
                *gap = '\0';
            s_each_in (line, about, fn, arg);
            free (line);
        }
        help += size + (help[size] == '\n');
    }
}

static void
s_each_option (const completer_t *self, option_fn *fn, void *arg)
{
    s_each_in_help (self->command->help, fn, arg);
    s_each_in (self->command->args, "", fn, arg);
    s_each_in_help (cli_flags_help, fn, arg);
}

typedef struct {
    const completer_t *self;
    char seen[2048]; //  names with blanks around
} offered_t;

static void
s_offer_option (void *arg, const cli_option_t *option, const char *about)
{
    offered_t *offered = arg;
    char word[CLI_SYNTAX_NAME_BYTES + 3];
    snprintf (word, sizeof word, " %s ", option->name);
    size_t used = strlen (offered->seen);
    if (strstr (offered->seen, word) || used + strlen (word) >= sizeof offered->seen)
        return;
    strcpy (offered->seen + used, word);
    s_offer (offered->self, option->name, about);
}

static void
s_offer_options (const completer_t *self)
{
    offered_t offered = { .self = self };
    s_each_option (self, s_offer_option, &offered);
}

typedef struct {
    const char *name;
    size_t size;
    bool takes;
} sought_t;

static void
s_look (void *arg, const cli_option_t *option, const char *about)
{
    (void) about;
    sought_t *sought = arg;
    if (strlen (option->name) == sought->size
        && strncmp (option->name, sought->name, sought->size) == 0 && *option->value)
        sought->takes = true;
}

//  Whether a word is an option whose value is the next word.
static bool
s_waits (const completer_t *self, const char *word)
{
    sought_t sought = { .name = word, .size = strcspn (word, "=") };
    if (*word == '-' && !word[sought.size])
        s_each_option (self, s_look, &sought);
    return sought.takes;
}

//  ---- words

static const cli_command_t *
s_below (const cli_command_t *command, const char *word)
{
    for (const cli_command_t *const *row = command->commands; row && *row; row++)
        if (strcmp ((*row)->name, word) == 0)
            return *row;
    return NULL;
}

static void
s_take_word (completer_t *self, const char *word)
{
    if (self->option) {
        self->option = NULL;
        return;
    }
    if (*word == '-') {
        self->option = s_waits (self, word) ? word : NULL;
        return;
    }
    const cli_command_t *below = self->arguments ? NULL : s_below (self->command, word);
    if (!below) {
        self->arguments++;
        return;
    }
    size_t used = strlen (self->path);
    snprintf (self->path + used, sizeof self->path - used, "%s%s", used ? " " : "",
              below->name);
    self->command = below;
}

static void
s_offer_commands (const completer_t *self)
{
    const cli_command_t *const *row = self->arguments ? NULL : self->command->commands;
    for (; row && *row; row++)
        s_offer (self, (*row)->name, (*row)->about);
}

//  An option whose value has no list is likely to take a file.
static void
s_offer_value (const completer_t *self)
{
    if (!s_offer_values (self, self->option, 0))
        fputs ("@files\n", self->file);
}

//  "--provider=op" is the value of an option, of which the shell keeps what is in front.
static void
s_split (completer_t *self, char *word)
{
    char *equals = *word == '-' ? strchr (word, '=') : NULL;
    if (!equals)
        return;
    free (self->prefix);
    self->prefix = br_strndup (word, (size_t) (equals + 1 - word));
    self->begun = equals + 1;
    *equals = '\0';
    self->option = word;
}

void
cli_completer_print (const cli_t *cli, int count, char *const *words, FILE *file)
{
    if (count < 1)
        return;
    completer_t self = { .cli = cli, .command = cli->program, .file = file };
    for (int i = 0; i < count - 1; i++)
        s_take_word (&self, words[i]);
    //  Flags among the words say which server and which files; one without its value, not.
    cli_t inner = *cli;
    int argc = self.option ? count - 1 : count;
    char **argv = br_alloc ((size_t) count + 1, sizeof *argv);
    argv[0] = words[count - 1]; //  stands for the program's name
    memcpy (argv + 1, words, ((size_t) argc - 1) * sizeof *argv);
    cli_take_flags (&inner, &argc, argv);
    self.cli = &inner;
    char *last = br_strdup (words[count - 1]);
    self.prefix = br_strdup ("");
    self.begun = last;
    if (!self.option)
        s_split (&self, last);
    if (self.option)
        s_offer_value (&self);
    else if (*last == '-')
        s_offer_options (&self);
    else {
        s_offer_commands (&self);
        s_offer_values (&self, self.path, self.arguments);
    }
    free (self.prefix);
    free (last);
    free (argv);
}
