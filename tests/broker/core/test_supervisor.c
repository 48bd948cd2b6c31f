//  supervisor: real processes and threads that end, are killed and come again after their
//  back-off. Time is the test's own; ends are real.
//
//  A process of the supervisor is this program again ("actor NAME ..."): see s_child.

#include "tests/broker/core/bus_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/supervisor.h"

#define MS 1000000u

static struct {
    char dir[64];
    void *zmq;
    uint64_t now_ns;
    br_loop_t *loop;
    br_supervisor_t *supervisor;
    size_t ends;
    char name[64]; //  of the last that ended
    char reason[64];
    bool gave_up; //  as the end was told
} s;

static const br_handler_row_t s_no_rows[] = { { 0, NULL } };
static const br_actor_t s_meter = { .name = "meter",
                                    .about = "m",
                                    .role = BR_ROLE_METER,
                                    .handlers = s_no_rows,
                                    .create = fixture_create,
                                    .destroy = fixture_destroy };
static const br_actor_t *const s_kinds[] = { &s_meter, NULL };

static char s_meter_pattern[] = "meter";
static char *s_patterns[] = { s_meter_pattern };
static char s_exits_name[] = "exits", s_stays_name[] = "stays",
            s_thread_name[] = "thread", s_far_name[] = "far";

#define HOST(label, where)                                                               \
    static const br_topology_host_t s_##label = { .name = s_##label##_name,              \
                                                  .place = where,                        \
                                                  .count = 1,                            \
                                                  .actors = s_patterns,                  \
                                                  .actors_count = 1 }
HOST (exits, BR_PLACE_PROCESS);
HOST (stays, BR_PLACE_PROCESS);
HOST (thread, BR_PLACE_THREAD);
HOST (far, BR_PLACE_REMOTE);

static void
s_ended (void *arg, const char *name, const char *reason)
{
    assert_ptr_equal (arg, &s);
    s.ends++;
    snprintf (s.name, sizeof s.name, "%s", name);
    snprintf (s.reason, sizeof s.reason, "%s", reason);
    s.gave_up = br_supervisor_gave_up (s.supervisor, name);
}

static void
s_begin (br_bus_t bus)
{
    br_supervisor_conf_t conf = { .actors = s_kinds, .zmq = s.zmq, .bus = bus };
    char broker[] = "inproc://broker", run_dir[64], home_dir[64];
    strcpy (run_dir, s.dir);
    strcpy (home_dir, s.dir);
    conf.log = (br_log_t) { .fd = -1, .level = BR_LOG_WARN, .format = BR_LOG_JSON };
    conf.broker = broker;
    conf.run_dir = run_dir;
    conf.home_dir = home_dir;
    s.supervisor = br_supervisor_new (s.loop, &conf, s_ended, &s);
    memset (broker, 'x', sizeof broker - 1); //  strings are copied
    memset (run_dir, 'x', sizeof run_dir - 1);
    memset (home_dir, 'x', sizeof home_dir - 1);
}

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-super-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    s.zmq = zmq_ctx_new ();
    s.now_ns = MS;
    s.loop = br_loop_new (br_clock_manual (&s.now_ns));
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_supervisor_destroy (&s.supervisor);
    assert_null (s.supervisor);
    br_supervisor_destroy (&s.supervisor);
    br_loop_destroy (&s.loop);
    zmq_ctx_term (s.zmq);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s.dir);
    return system (command);
}

#define UNTIL(condition) FIXTURE_UNTIL (s.loop, (br_loop_t *) NULL, condition)

static void
s_start (const br_topology_host_t *host)
{
    br_error_t error = { .code = BR_OK };
    if (br_supervisor_start (s.supervisor, host, &error))
        fail_msg ("%s", error.text);
}

//  ---- the child

//  Appends its arguments to HOME/args in one line, and exits or stays, by its name.
static int
s_child (int argc, char **argv)
{
    char line[1024] = "";
    const char *home = "/nowhere";
    for (int i = 1; i < argc; i++) {
        strncat (line, argv[i], sizeof line - strlen (line) - 2);
        strcat (line, " ");
        if (strcmp (argv[i - 1], "--home-dir") == 0)
            home = argv[i];
    }
    strcat (line, "\n");
    char path[256];
    snprintf (path, sizeof path, "%s/args", home);
    int fd = open (path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || write (fd, line, strlen (line)) < 0)
        return 99;
    close (fd);
    if (strcmp (argv[2], "exits") == 0)
        return 7;
    for (;;)
        pause ();
}

//  The n-th line that a child wrote, or an empty text.
static const char *
s_args (int n, char room[1024])
{
    char path[128];
    snprintf (path, sizeof path, "%s/args", s.dir);
    FILE *file = fopen (path, "r");
    room[0] = 0;
    for (int i = 0; file && i <= n; i++)
        if (!fgets (room, 1024, file))
            room[0] = 0;
    if (file)
        fclose (file);
    return strchr (room, '\n') ? room : "";
}

//  ---- processes

static void
test_a_process_is_told_all_that_it_needs (void **state)
{
    (void) state;
    char line[1024], expected[1024];
    s_begin (BR_BUS_IPC);
    s_start (&s_stays);
    UNTIL (*s_args (0, line));
    snprintf (expected, sizeof expected,
              "actor stays --broker inproc://broker --bind ipc://%s/stays.%d.1.sock "
              "--home-dir %s --log-level warn --log-format json \n",
              s.dir, (int) getpid (), s.dir);
    assert_string_equal (line, expected);
    assert_int_equal (br_supervisor_running (s.supervisor), 1);
    assert_int_equal (br_supervisor_restarts (s.supervisor, "stays"), 0);
    assert_int_equal (br_supervisor_restarts (s.supervisor, "nobody"), 0);
}

//  Given a child that exits at once, then each back-off is twice the last, up to its
//  maximum, each incarnation has an endpoint of its own, and the last crash of too many is
//  the end of it.
static void
test_restarts_back_off (void **state)
{
    (void) state;
    char line[1024];
    uint64_t backoff_ms = BR_BACKOFF_FIRST_MS;
    s_begin (BR_BUS_IPC);
    s_start (&s_exits);
    for (unsigned i = 0; i < BR_GIVE_UP_CRASHES - 1; i++) {
        UNTIL (s.ends == i + 1);
        assert_string_equal (s.name, "exits");
        assert_string_equal (s.reason, "exit 7");
        char bind[32];
        snprintf (bind, sizeof bind, ".%u.sock ", i + 1);
        assert_non_null (strstr (s_args ((int) i, line), bind));
        assert_int_equal (br_supervisor_running (s.supervisor), 0);
        s.now_ns += (backoff_ms - 1) * MS;
        br_loop_turn (s.loop, 0);
        assert_int_equal (br_supervisor_restarts (s.supervisor, "exits"), i);
        s.now_ns += MS;
        br_loop_turn (s.loop, 0);
        assert_int_equal (br_supervisor_restarts (s.supervisor, "exits"), i + 1);
        assert_false (br_supervisor_gave_up (s.supervisor, "exits"));
        backoff_ms = backoff_ms * 2 > BR_BACKOFF_MAX_MS ? BR_BACKOFF_MAX_MS
                                                        : backoff_ms * 2;
    }
    UNTIL (s.ends == BR_GIVE_UP_CRASHES);
    assert_true (s.gave_up); //  who is told of the end may ask
    s.now_ns += 10 * BR_BACKOFF_MAX_MS * (uint64_t) MS;
    br_loop_turn (s.loop, 0);
    assert_int_equal (br_supervisor_restarts (s.supervisor, "exits"),
                      BR_GIVE_UP_CRASHES - 1);
    assert_int_equal (br_supervisor_running (s.supervisor), 0);
    assert_false (br_supervisor_gave_up (s.supervisor, "nobody"));
}

//  Given lives that are short for a crash loop but for one that is long enough, then it
//  counts anew, and the host is not given up.
static void
test_a_life_of_some_length_is_no_crash_loop (void **state)
{
    (void) state;
    char line[1024];
    s_begin (BR_BUS_IPC);
    s_start (&s_stays);
    for (unsigned i = 0; i < 2 * BR_GIVE_UP_CRASHES - 1; i++) {
        UNTIL (*s_args ((int) i, line));
        bool is_long = i == BR_GIVE_UP_CRASHES - 1;
        s.now_ns += (is_long ? BR_GIVE_UP_LIFE_MS : BR_GIVE_UP_LIFE_MS - 1)
                    * (uint64_t) MS;
        br_loop_turn (s.loop, 0);
        assert_true (br_supervisor_kill (s.supervisor, "stays"));
        UNTIL (s.ends == i + 1);
        assert_false (s.gave_up);
        s.now_ns += BR_BACKOFF_MAX_MS * (uint64_t) MS;
        br_loop_turn (s.loop, 0);
    }
    UNTIL (*s_args (2 * BR_GIVE_UP_CRASHES - 1, line));
    br_loop_turn (s.loop, 0);
    assert_true (br_supervisor_kill (s.supervisor, "stays"));
    UNTIL (s.ends == 2 * BR_GIVE_UP_CRASHES);
    assert_true (s.gave_up);
}

//  kill -9, again and again; after a long life the back-off is the first again.
static void
test_a_killed_process_comes_again (void **state)
{
    (void) state;
    char line[1024];
    s_begin (BR_BUS_IPC);
    s_start (&s_stays);
    for (unsigned i = 0; i < 3; i++) {
        UNTIL (*s_args ((int) i, line));
        s.now_ns += (BR_BACKOFF_CALM_MS + 1) * (uint64_t) MS;
        br_loop_turn (s.loop, 0);
        assert_true (br_supervisor_kill (s.supervisor, "stays"));
        UNTIL (s.ends == i + 1);
        assert_string_equal (s.reason, "signal 9");
        assert_false (br_supervisor_kill (s.supervisor, "stays")); //  it is not here
        s.now_ns += BR_BACKOFF_FIRST_MS * (uint64_t) MS;
        br_loop_turn (s.loop, 0);
        assert_int_equal (br_supervisor_restarts (s.supervisor, "stays"), i + 1);
        assert_int_equal (br_supervisor_running (s.supervisor), 1);
    }
    assert_false (br_supervisor_kill (s.supervisor, "nobody"));
}

//  Log files are renamed while hosts run: a signal that most programs end by.
static void
test_signals_reach_processes_and_usr1_does_not_end_one (void **state)
{
    (void) state;
    char line[1024];
    s_begin (BR_BUS_IPC);
    s_start (&s_stays);
    UNTIL (*s_args (0, line));
    br_supervisor_signal (s.supervisor, SIGUSR1);
    br_supervisor_signal (s.supervisor, SIGKILL);
    UNTIL (s.ends == 1);
    assert_string_equal (s.reason, "signal 9");
}

static void
test_winding_down_nothing_comes_again (void **state)
{
    (void) state;
    char line[1024];
    s_begin (BR_BUS_IPC);
    s_start (&s_stays);
    s_start (&s_exits);
    UNTIL (s.ends == 1);
    br_supervisor_wind_down (s.supervisor); //  with a restart due
    UNTIL (*s_args (1, line));
    assert_true (br_supervisor_kill (s.supervisor, "stays"));
    UNTIL (s.ends == 2);
    s.now_ns += 100000 * (uint64_t) MS;
    br_loop_turn (s.loop, 0);
    assert_int_equal (br_supervisor_running (s.supervisor), 0);
    assert_int_equal (br_supervisor_restarts (s.supervisor, "stays"), 0);
    assert_int_equal (br_supervisor_restarts (s.supervisor, "exits"), 0);
}

static void
test_destroy_leaves_no_process (void **state)
{
    (void) state;
    s_begin (BR_BUS_IPC);
    s_start (&s_stays);
    s_start (&s_stays);
    br_supervisor_destroy (&s.supervisor);
    assert_int_equal (waitpid (-1, NULL, WNOHANG), -1);
    assert_int_equal (errno, ECHILD);
    assert_int_equal (s.ends, 0);
}

static void
test_remote_hosts_are_nobodys_here (void **state)
{
    (void) state;
    s_begin (BR_BUS_TCP);
    s_start (&s_far);
    assert_int_equal (br_supervisor_running (s.supervisor), 0);
    assert_false (br_supervisor_kill (s.supervisor, "far"));
    assert_int_equal (br_supervisor_restarts (s.supervisor, "far"), 0);
}

static void
test_tcp_binds_where_the_topology_says (void **state)
{
    (void) state;
    char line[1024];
    char bind[] = "tcp://10.0.0.9:*";
    br_topology_host_t host = s_stays;
    host.bind = bind;
    s_begin (BR_BUS_TCP);
    s_start (&host);
    UNTIL (*s_args (0, line));
    assert_non_null (strstr (line, "--bind tcp://10.0.0.9:* "));
    host.bind = NULL;
    s_start (&host);
    UNTIL (*s_args (1, line));
    assert_non_null (strstr (line, "--bind tcp://127.0.0.1:* "));
}

//  ---- threads

#define UNTIL_JOINED(broker, count)                                                      \
    FIXTURE_UNTIL (s.loop, br_host_loop ((broker).host),                                 \
                   (broker).notes->counts[BR_SYS_JOIN] >= (count))

static void
test_a_thread_that_ends_comes_again (void **state)
{
    (void) state;
    fixture_broker_t broker = fixture_broker (s.zmq, "inproc://broker");
    s_begin (BR_BUS_INPROC);
    s_start (&s_thread);
    for (unsigned i = 1; i <= 3; i++) {
        size_t joins = broker.notes->counts[BR_SYS_JOIN];
        UNTIL_JOINED (broker, joins + 1);
        const struct br_sys_join *join = br_msg_fields (broker.notes->last[BR_SYS_JOIN]);
        char endpoint[64];
        snprintf (endpoint, sizeof endpoint, "inproc://thread.%u", i);
        assert_string_equal (join->endpoint, endpoint);
        assert_string_equal (join->name, "thread");
        assert_false (br_supervisor_kill (s.supervisor, "thread")); //  none can be
        fixture_welcome (&broker, 2, i, i < 3 ? "not yet" : NULL);
        if (i == 3)
            br_supervisor_wind_down (s.supervisor);
        if (i == 3)
            fixture_tell (&broker, 2, i, BR_SYS_END, NULL);
        FIXTURE_UNTIL (s.loop, br_host_loop (broker.host), s.ends == i);
        assert_string_equal (s.reason, "thread ended");
        s.now_ns += BR_BACKOFF_MAX_MS * (uint64_t) MS;
    }
    br_loop_turn (s.loop, 0);
    assert_int_equal (br_supervisor_running (s.supervisor), 0);
    fixture_broker_end (&broker);
}

//  Given a thread that was told to end a moment ago, then destroy waits for it.
static void
test_destroy_waits_for_threads (void **state)
{
    (void) state;
    fixture_broker_t broker = fixture_broker (s.zmq, "inproc://broker");
    s_begin (BR_BUS_INPROC);
    s_start (&s_thread);
    UNTIL_JOINED (broker, 1);
    fixture_welcome (&broker, 2, 1, "go");
    br_supervisor_destroy (&s.supervisor);
    assert_int_equal (s.ends, 0);
    fixture_broker_end (&broker);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (int argc, char **argv)
{
    if (argc > 2 && strcmp (argv[1], "actor") == 0)
        return s_child (argc, argv);
    const struct CMUnitTest tests[] = {
        TEST (test_a_process_is_told_all_that_it_needs),
        TEST (test_restarts_back_off),
        TEST (test_a_life_of_some_length_is_no_crash_loop),
        TEST (test_a_killed_process_comes_again),
        TEST (test_signals_reach_processes_and_usr1_does_not_end_one),
        TEST (test_winding_down_nothing_comes_again),
        TEST (test_destroy_leaves_no_process),
        TEST (test_remote_hosts_are_nobodys_here),
        TEST (test_tcp_binds_where_the_topology_says),
        TEST (test_a_thread_that_ends_comes_again),
        TEST (test_destroy_waits_for_threads),
    };
    return cmocka_run_group_tests_name ("supervisor", tests, NULL, NULL);
}
