//  tui: the terminal view of a running bitrouter.

#include <stdlib.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_home.h"
#include "cli/door_client.h"
#include "cli/tui.h"
#include "tui/tui.h"
#include "tui/tui_view.h"

#define WORDS_MAX 24
#define DAYS "30d" //  of history

//  What prints the days: this program once more, with the same files.
typedef struct {
    const char *words[WORDS_MAX]; //  borrowed
    size_t count;
} words_t;

static void
s_add (words_t *words, const char *flag, const char *value)
{
    if (flag && value && words->count + 2 < WORDS_MAX) {
        words->words[words->count++] = flag;
        words->words[words->count++] = value;
    }
}

static void
s_add_word (words_t *words, const char *word)
{
    if (words->count + 1 < WORDS_MAX)
        words->words[words->count++] = word;
}

static void
s_make_words (const cli_t *cli, words_t *words)
{
    s_add_word (words, "/proc/self/exe");
    s_add_word (words, "spend");
    s_add_word (words, "--json");
    s_add (words, "--by", "day");
    s_add (words, "--since", DAYS);
    s_add (words, "--home-dir", cli->flags.home_dir);
    s_add (words, "--config-file", cli->flags.config_file);
    s_add (words, "--env-file", cli->flags.env_file);
    s_add (words, "--run-dir", cli->flags.run_dir);
    s_add (words, "--logs-dir", cli->flags.logs_dir);
    s_add (words, "--db", cli->flags.db);
}

int
cli_tui_show (const cli_t *cli, const cli_tui_t *wish)
{
    br_error_t error;
    br_conf_home_t home;
    cli_door_t door;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_tui_check (&error)
        || br_conf_home_find (&home, &cli->flags, environ_v, NULL, &error))
        return cli_fail ("%s", error.text);
    if (cli_door_find (cli, &door, &error)) {
        br_conf_home_clear (&home);
        return cli_fail ("%s", error.text);
    }
    bool is_here = !wish->url && !door.broker;
    words_t words = { .count = 0 };
    s_make_words (cli, &words);
    char *log_file = br_strf ("%s/bitrouter.err.log", home.logs_dir);
    br_tui_conf_t conf = { .run_dir = home.run_dir,
                           .pane = wish->pane,
                           .days = is_here ? words.words : NULL,
                           .log_file = is_here ? log_file : NULL,
                           .broker = door.broker,
                           .keys = &door.keys,
                           .url = wish->url,
                           .token = wish->token,
                           .mouse = wish->mouse,
                           .ascii = wish->ascii,
                           .stats = wish->stats };
    int rc = br_tui_run (&conf);
    free (log_file);
    br_conf_home_clear (&home);
    cli_door_clear (&door);
    return rc;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    cli_tui_t wish = { .pane = cli_take_option (&argc, argv, "--pane") };
    wish.url = cli_take_option (&argc, argv, "--url");
    wish.token = cli_take_option (&argc, argv, "--token");
    if (!wish.token)
        wish.token = getenv ("BITROUTER_ADMIN_TOKEN");
    wish.mouse = cli_take_switch (&argc, argv, "--mouse");
    wish.ascii = cli_take_switch (&argc, argv, "--ascii");
    wish.stats = cli_take_switch (&argc, argv, "--stats");
    if (cli_take_no_more ("tui", 1, argc, argv))
        return CLI_USAGE;
    if (cli->json)
        return cli_usage ("tui", "tui draws for people; for JSON ask `bitrouter status "
                                 "--json` or `bitrouter events`");
    if (wish.url && cli->broker)
        return cli_usage ("tui", "give --broker or --url, not both");
    if (wish.pane && !tui_view_has_pane (wish.pane))
        return cli_usage ("tui",
                          "no pane '%s'; there are home, calls, runs, spend, providers, "
                          "guard, routes, logs",
                          wish.pane);
    return cli_tui_show (cli, &wish);
}

const cli_command_t cli_tui = {
    .name = "tui",
    .args = "[--pane NAME] [--url URL [--token TOKEN]] [--mouse] [--ascii] [--stats]",
    .about = "the terminal view: calls, runs, spend, providers, findings, routes, logs",
    .help =
        "  --pane NAME  begin with home, calls, runs, spend, providers, guard, "
        "routes or\n"
        "               logs\n"
        "  --url URL    a server elsewhere, like https://host:8787, asked over HTTP: it\n"
        "               tells no calls, runs, findings and charges; with --broker\n"
        "               tcp://HOST:7701 all is told\n"
        "  --token T    for it, of the scope admin; better in BITROUTER_ADMIN_TOKEN; "
        "over\n"
        "               http:// it goes to this machine alone\n"
        "  --mouse      clicks choose panes and lines, the wheel moves\n"
        "  --ascii      no letters beyond ASCII, whatever the locale says\n"
        "  --stats      at the end, as JSON on standard error: its turns, pictures,\n"
        "               keys, news (events and answers), and CPU time\n"
        "\n"
        "Shows the server of the run directory, and waits for one when none runs.\n"
        "q quits, ? tells all keys. Without colours when NO_COLOR is set.\n",
    .run = s_run,
    .takes_broker = true,
};
