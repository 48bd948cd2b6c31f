//  control: lines in and out over a real socket; the admin door behind it is real, who
//  answers there is the test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/control.h"

#define TURNS_MAX 20000 //  of a millisecond; for broken code alone

static struct {
    char dir[64];
    char path[96];
    void *zmq;
    br_loop_t *loop;
    br_door_t *door;
    br_control_t *control;
    bool late;         //  answers do not come before ask returns
    uint64_t ticket;   //  of the last question
    uint64_t answered; //  the last one by s_answer_next
    char args[128];
} s;

static const struct {
    const char *command;
    const char *answer;
} s_answers[] = {
    { "status", "{\"pid\":42,\"version\":\"1\",\"listen\":[\"127.0.0.1:8787\"]}" },
    { "routes", "[{\"name\":\"fast\"},{\"name\":\"smart\"}]" },
    { "reload", "{\"generation\":2}" },
    { "stop", "{\"drain_ms\":1}" },
    { "hosts", "[]" },
    { "resolve", "{\"model\":\"m\",\"how\":\"route\",\"strategy\":\"priority\",\"chain\":"
                 "[{\"provider\":\"p\",\"service_id\":\"x\"}]}" },
};

static const char *
s_answer_to (const char *command)
{
    for (size_t i = 0; i < sizeof s_answers / sizeof *s_answers; i++)
        if (strcmp (s_answers[i].command, command) == 0)
            return s_answers[i].answer;
    return NULL;
}

static unsigned
s_ask (void *arg, const br_admin_row_t *row, uint64_t ticket, const char *args)
{
    assert_ptr_equal (arg, &s);
    s.ticket = ticket;
    snprintf (s.args, sizeof s.args, "%s", args);
    const char *answer = s_answer_to (row->name);
    if (!answer)
        br_door_refuse (s.door, ticket, BR_ECONFLICT, "not now");
    else if (!s.late)
        br_door_answer (s.door, ticket, NULL, answer);
    return 1;
}

static const br_door_handler_t s_handler = { .ask = s_ask };

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-control-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    char endpoint[128];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/admin.sock", s.dir);
    snprintf (s.path, sizeof s.path, "%s/bitrouter.sock", s.dir);
    s.zmq = zmq_ctx_new ();
    s.loop = br_loop_new (br_clock_real ());
    s.door = br_door_new (s.loop, s.zmq, endpoint, &s_handler, &s, NULL);
    br_error_t error = { .code = BR_OK };
    s.control = br_control_new (s.loop, s.door, s.path, &error);
    if (!s.control)
        fail_msg ("%s", error.text);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_control_destroy (&s.control);
    assert_null (s.control);
    assert_int_equal (access (s.path, F_OK), -1);
    br_door_destroy (&s.door);
    br_loop_destroy (&s.loop);
    zmq_ctx_term (s.zmq);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s.dir);
    return system (command);
}

static int
s_connect (void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy (address.sun_path, s.path);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
    return fd;
}

static void
s_write (int fd, const char *text)
{
    assert_int_equal (send (fd, text, strlen (text), MSG_NOSIGNAL), strlen (text));
}

//  Turns the loop until a line has come, or the end.
static void
s_read (int fd, const char *expected)
{
    char line[4096];
    size_t size = 0;
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        br_loop_turn (s.loop, 1);
        ssize_t got = recv (fd, line + size, 1, MSG_DONTWAIT);
        while (got == 1 && line[size] != '\n') {
            size++;
            assert_true (size < sizeof line - 1);
            got = recv (fd, line + size, 1, MSG_DONTWAIT);
        }
        if (got == 0 || (got == 1 && line[size] == '\n'))
            break;
    }
    line[size] = 0;
    assert_string_equal (line, expected);
}

static void
given_a_command_then_its_line_comes_back (void **state)
{
    (void) state;
    static const struct {
        const char *line;
        const char *reply;
        const char *args;
    } rows[] = {
        { "{\"cmd\":\"status\"}\n",
          "{\"resp\":\"status\",\"pid\":42,\"version\":\"1\",\"listen\":\"127.0.0.1:"
          "8787\","
          "\"models\":[\"fast\",\"smart\"]}",
          "{}" },
        { "{\"cmd\":\"reload\",\"env\":[[\"A\",\"b\"]]}\n", "{\"resp\":\"ok\"}", "{}" },
        { "{\"cmd\":\"stop\"}\n", "{\"resp\":\"ok\"}", "{}" },
        { "{\"cmd\":\"route\",\"model\":\"m\"}\n",
          "{\"resp\":\"route\",\"how\":\"route\",\"strategy\":\"priority\",\"chain\":["
          "{\"provider\":\"p\",\"service_id\":\"x\"}]}",
          "{\"cmd\":\"route\",\"model\":\"m\"}" },
        { "{\"cmd\":\"hosts\"}\n", "{\"resp\":\"ok\",\"result\":[]}", "{}" },
        { "{\"cmd\":\"route_remove\",\"args\":{\"name\":\"x\"}}\n",
          "{\"resp\":\"error\",\"message\":\"not now\"}", "{\"name\":\"x\"}" },
        { "{\"cmd\":\"dance\"}\n",
          "{\"resp\":\"error\",\"message\":\"no such command; see `bitrouter admin "
          "--help`\"}",
          NULL },
        { "nonsense\n",
          "{\"resp\":\"error\",\"message\":\"send a line like {\\\"cmd\\\": "
          "\\\"status\\\"}\"}",
          NULL },
        { "{\"cmd\":\"stop\"} {\"cmd\":\n", //  more than one, and half of it
          "{\"resp\":\"error\",\"message\":\"send a line like {\\\"cmd\\\": "
          "\\\"status\\\"}\"}",
          NULL },
        { "\n",
          "{\"resp\":\"error\",\"message\":\"send a line like {\\\"cmd\\\": "
          "\\\"status\\\"}\"}",
          NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_connect ();
        s_write (fd, rows[i].line);
        s_read (fd, rows[i].reply);
        if (rows[i].args)
            assert_string_equal (s.args, rows[i].args);
        close (fd);
    }
}

static void
given_several_lines_and_pieces_then_each_is_answered_in_order (void **state)
{
    (void) state;
    int fd = s_connect ();
    s_write (fd, "{\"cmd\":\"hosts\"}\n{\"cmd\":\"reload\"}\n{\"cmd\":\"sta");
    s_read (fd, "{\"resp\":\"ok\",\"result\":[]}");
    s_read (fd, "{\"resp\":\"ok\"}");
    s_write (fd, "tus\"}\n");
    shutdown (fd, SHUT_WR);
    s_read (fd, "{\"resp\":\"status\",\"pid\":42,\"version\":\"1\",\"listen\":"
                "\"127.0.0.1:8787\",\"models\":[\"fast\",\"smart\"]}");
    s_read (fd, ""); //  the end
    close (fd);
}

//  Turns until a question has come that is not answered, and answers it.
static void
s_answer_next (void)
{
    for (unsigned i = 0; i < TURNS_MAX && s.ticket == s.answered; i++)
        br_loop_turn (s.loop, 1);
    assert_true (s.ticket != s.answered);
    s.answered = s.ticket;
    br_door_answer (s.door, s.ticket, NULL, "{}");
}

static void
given_lines_at_once_and_late_answers_then_each_is_answered_also_after_the_end (
    void **state)
{
    (void) state;
    s.late = true;
    int fd = s_connect ();
    s_write (fd, "{\"cmd\":\"reload\"}\n{\"cmd\":\"stop\"}\n{\"cmd\":\"hosts\"}\n");
    s_answer_next ();
    s_read (fd, "{\"resp\":\"ok\"}");
    shutdown (fd, SHUT_WR);
    s_answer_next ();
    s_answer_next ();
    s_read (fd, "{\"resp\":\"ok\"}");
    s_read (fd, "{\"resp\":\"ok\",\"result\":[{}]}");
    s_read (fd, ""); //  the end
    close (fd);
}

static void
given_who_leaves_before_the_answer_then_it_goes_nowhere (void **state)
{
    (void) state;
    s.late = true;
    int fd = s_connect ();
    s_write (fd, "{\"cmd\":\"reload\"}\n");
    for (unsigned i = 0; i < TURNS_MAX && !s.ticket; i++)
        br_loop_turn (s.loop, 1);
    struct linger hard = { .l_onoff = 1 };
    setsockopt (fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close (fd);
    int work = 0; //  that a connection is dead is not told in each turn
    for (unsigned i = 0; i < 30; i++)
        work += br_loop_turn (s.loop, 1);
    assert_in_range (work, 0, 5);
    br_door_answer (s.door, s.ticket, NULL, "{}");
    s.late = false;
    fd = s_connect ();
    s_write (fd, "{\"cmd\":\"reload\"}\n");
    s_read (fd, "{\"resp\":\"ok\"}");
    close (fd);
}

static void
given_an_endless_line_then_the_connection_ends (void **state)
{
    (void) state;
    int fd = s_connect ();
    char *bytes = malloc (65536);
    assert_non_null (bytes);
    memset (bytes, 'x', 65536);
    bool is_open = true;
    for (unsigned i = 0; i < TURNS_MAX && is_open; i++) {
        ssize_t sent = send (fd, bytes, 65536, MSG_NOSIGNAL | MSG_DONTWAIT);
        is_open = sent >= 0 || errno == EAGAIN;
        br_loop_turn (s.loop, 0);
    }
    assert_false (is_open);
    free (bytes);
    close (fd);
}

static void
given_a_socket_then_it_is_its_users_alone_and_nobody_takes_it (void **state)
{
    (void) state;
    struct stat facts;
    assert_int_equal (stat (s.path, &facts), 0);
    assert_int_equal (facts.st_mode & 0777, 0600);
    br_error_t error;
    assert_null (br_control_new (s.loop, s.door, s.path, &error));
    assert_non_null (strstr (error.text, "another program listens there"));
    int fd = s_connect (); //  the first one is as it was
    s_write (fd, "{\"cmd\":\"stop\"}\n");
    s_read (fd, "{\"resp\":\"ok\"}");
    close (fd);
}

static void
given_a_socket_that_was_left_then_it_is_replaced (void **state)
{
    (void) state;
    char path[128];
    snprintf (path, sizeof path, "%s/left.sock", s.dir);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy (address.sun_path, path);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (fd, (struct sockaddr *) &address, sizeof address), 0);
    close (fd);
    br_control_t *control = br_control_new (s.loop, s.door, path, NULL);
    assert_non_null (control);
    br_control_destroy (&control);
}

static void
given_a_file_of_that_name_then_it_stays (void **state)
{
    (void) state;
    char path[128];
    snprintf (path, sizeof path, "%s/file", s.dir);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fclose (file);
    br_error_t error;
    assert_null (br_control_new (s.loop, s.door, path, &error));
    assert_int_equal (access (path, F_OK), 0);
    assert_non_null (strstr (error.text, "something else than a socket has that name"));
}

//  Also a link to a socket that was left: it is not ours.
static void
given_a_link_of_that_name_then_it_stays (void **state)
{
    (void) state;
    char path[128];
    snprintf (path, sizeof path, "%s/link", s.dir);
    assert_int_equal (symlink ("nowhere", path), 0);
    br_error_t error;
    assert_null (br_control_new (s.loop, s.door, path, &error));
    struct stat facts;
    assert_int_equal (lstat (path, &facts), 0);
    assert_non_null (strstr (error.text, "move it away"));
}

//  Thousands of lines at once keep nobody else waiting.
static void
given_a_flood_of_lines_then_others_are_answered_in_between (void **state)
{
    (void) state;
    static char flood[60000];
    for (size_t i = 0; i < sizeof flood; i++)
        flood[i] = "{\"cmd\":\"x\"}\n"[i % 12];
    int fd = s_connect ();
    int sent = (int) send (fd, flood, sizeof flood / 12 * 12,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    assert_in_range (sent, 12000, sizeof flood);
    br_loop_turn (s.loop, 1);
    int other = s_connect ();
    s_write (other, "{\"cmd\":\"reload\"}\n");
    char bytes[65536];
    size_t lines = 0;
    bool is_answered = false;
    for (unsigned i = 0; i < 20 && !is_answered; i++) {
        br_loop_turn (s.loop, 1);
        is_answered = recv (other, bytes, sizeof bytes, MSG_DONTWAIT) > 0;
    }
    assert_true (is_answered);
    for (unsigned i = 0; i < TURNS_MAX && lines < (size_t) sent / 12; i++) {
        br_loop_turn (s.loop, 0);
        ssize_t got = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
        for (ssize_t k = 0; k < got; k++)
            lines += bytes[k] == '\n';
    }
    assert_int_equal (lines, sent / 12);
    close (other);
    close (fd);
}

static void
given_too_many_connections_then_the_next_is_told_so (void **state)
{
    (void) state;
    int fds[BR_CONTROL_CONNECTIONS_MAX];
    for (size_t i = 0; i < BR_CONTROL_CONNECTIONS_MAX; i++) {
        fds[i] = s_connect ();
        br_loop_turn (s.loop, 1);
    }
    int fd = s_connect ();
    s_read (fd, "{\"resp\":\"error\",\"message\":\"too many connections are open; close "
                "one, and try again\"}");
    close (fd);
    close (fds[0]);
    for (unsigned i = 0; i < 5; i++)
        br_loop_turn (s.loop, 1);
    fd = s_connect ();
    s_write (fd, "{\"cmd\":\"reload\"}\n");
    s_read (fd, "{\"resp\":\"ok\"}");
    close (fd);
    for (size_t i = 1; i < BR_CONTROL_CONNECTIONS_MAX; i++)
        close (fds[i]);
}

static void
given_a_path_that_is_too_long_then_it_says_what_to_set (void **state)
{
    (void) state;
    char path[200];
    memset (path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = 0;
    br_error_t error;
    assert_null (br_control_new (s.loop, s.door, path, &error));
    assert_non_null (strstr (error.text, "set server.control.socket to a shorter one"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (given_a_command_then_its_line_comes_back,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_several_lines_and_pieces_then_each_is_answered_in_order, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_lines_at_once_and_late_answers_then_each_is_answered_also_after_the_end,
            s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_who_leaves_before_the_answer_then_it_goes_nowhere, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (given_an_endless_line_then_the_connection_ends,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_socket_then_it_is_its_users_alone_and_nobody_takes_it, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (given_a_socket_that_was_left_then_it_is_replaced,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (given_a_link_of_that_name_then_it_stays, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (
            given_too_many_connections_then_the_next_is_told_so, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_flood_of_lines_then_others_are_answered_in_between, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (given_a_file_of_that_name_then_it_stays, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_path_that_is_too_long_then_it_says_what_to_set, s_setup, s_teardown),
    };
    return cmocka_run_group_tests_name ("control", tests, NULL, NULL);
}
