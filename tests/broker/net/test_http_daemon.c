//  http_daemon: many connections, spread over several libmicrohttpds, behave as if there
//  were one.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/broker/net/http_world.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define STREAMS 300
#define EPOLLS_OF_ONE 2 //  the loop's, and that of the daemon that is always there

typedef struct {
    world_t *world;
    int fds[STREAMS];
    size_t size;
} crowd_t;

//  Descriptors of epoll in this process.
static size_t
s_epolls (void)
{
    size_t count = 0;
    DIR *folder = opendir ("/proc/self/fd");
    assert_non_null (folder);
    for (const struct dirent *entry = readdir (folder); entry; entry = readdir (folder)) {
        char path[300];
        char target[100] = "";
        snprintf (path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        if (readlink (path, target, sizeof target - 1) > 0
            && !strcmp (target, "anon_inode:[eventpoll]"))
            count++;
    }
    closedir (folder);
    return count;
}

static void
s_open (crowd_t *crowd, world_t *world, size_t size)
{
    struct rlimit limit;
    getrlimit (RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit (RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * STREAMS + 100)
        skip ();
    crowd->world = world;
    while (crowd->size < size) {
        int fd = world_connect (world);
        world_says (world, fd, GET ("/stream"));
        crowd->fds[crowd->size++] = fd;
        world_until_calls (world, crowd->size);
    }
}

static void
s_close (crowd_t *crowd)
{
    while (crowd->size)
        close (crowd->fds[--crowd->size]);
    world_settle (crowd->world);
}

//  given streams on several daemons, when single calls come in between, on connections of
//  their own, and all streams go on, each gets what is its own
static void
test_streams_and_single_calls_live_side_by_side (void **state)
{
    world_t *self = *state;
    world_start (self);
    int idle = world_connect (self);
    crowd_t crowd = { 0 };
    for (size_t size = 10; size <= STREAMS; size += 10) {
        s_open (&crowd, self, size);
        world_says (self, idle, GET ("/now"));
        world_read (self, idle, WORLD_BODY);
        world_ask (self, GET ("/now"), WORLD_BODY);
    }
    assert_int_equal (http_server_open_calls (self->server), STREAMS);
    assert_int_equal (http_server_open_connections (self->server), STREAMS + 1);
    assert_in_range (s_epolls (), EPOLLS_OF_ONE + 2, EPOLLS_OF_ONE + 9);
    for (size_t i = 0; i < STREAMS; i++) {
        char text[20];
        snprintf (text, sizeof text, "stream %03zu", i);
        http_call_write (self->calls[i], text, strlen (text));
        http_call_end (self->calls[i]);
    }
    for (size_t i = 0; i < STREAMS; i++) {
        char text[40];
        snprintf (text, sizeof text, "a\r\nstream %03zu\r\n0\r\n\r\n", i);
        world_read (self, crowd.fds[i], text);
        world_says (self, crowd.fds[i], GET ("/now"));
        world_read (self, crowd.fds[i], WORLD_BODY);
    }
    s_close (&crowd);
    close (idle);
}

//  given daemons that have become empty, they go after a while, and all but one
static void
test_empty_daemons_go (void **state)
{
    world_t *self = *state;
    world_start (self);
    assert_int_equal (s_epolls (), EPOLLS_OF_ONE);
    crowd_t crowd = { 0 };
    s_open (&crowd, self, STREAMS);
    size_t most = s_epolls ();
    s_close (&crowd);
    assert_int_equal (http_server_open_connections (self->server), 0);
    assert_int_equal (s_epolls (), most);
    world_wait (self, 12000);
    assert_int_equal (s_epolls (), EPOLLS_OF_ONE);
    world_ask (self, GET ("/now"), WORLD_BODY);
    assert_non_null (strstr (self->text, WORLD_OK));
}

//  given the limit of connections, when it lies above what one daemon holds, it counts for
//  all together
static void
test_the_limit_is_that_of_the_whole_server (void **state)
{
    world_t *self = *state;
    self->conf.connections_max = 200;
    world_start (self);
    crowd_t crowd = { 0 };
    s_open (&crowd, self, 200);
    world_ask (self, GET ("/now"), NULL);
    assert_int_equal (self->refused.code, BR_EBUSY);
    close (crowd.fds[--crowd.size]);
    world_settle (self);
    world_ask (self, GET ("/now"), WORLD_BODY);
    assert_non_null (strstr (self->text, WORLD_OK));
    s_close (&crowd);
}

//  given a full daemon, when no descriptor is left for one more, it takes the connection
static void
test_without_descriptors_the_old_daemon_serves (void **state)
{
    world_t *self = *state;
    world_start (self);
    crowd_t crowd = { 0 };
    s_open (&crowd, self, 64);
    struct rlimit before;
    getrlimit (RLIMIT_NOFILE, &before);
    int first = dup (0);
    int second = dup (0);
    struct rlimit limit = { .rlim_cur = (rlim_t) second + 1,
                            .rlim_max = before.rlim_max };
    close (second);
    close (first);
    setrlimit (RLIMIT_NOFILE, &limit);
    int fd = world_connect (self); //  takes one; the accepted socket takes the other
    world_says (self, fd, GET ("/now"));
    world_read (self, fd, WORLD_BODY);
    setrlimit (RLIMIT_NOFILE, &before);
    assert_int_equal (s_epolls (), EPOLLS_OF_ONE);
    assert_int_equal (http_server_open_connections (self->server), 65);
    close (fd);
    s_close (&crowd);
}

//  given streams and idle connections on many daemons, when the server drains, the idle
//  ones close, and each stream is served to its end
static void
test_draining_reaches_all_daemons (void **state)
{
    world_t *self = *state;
    world_start (self);
    crowd_t crowd = { 0 };
    s_open (&crowd, self, 200);
    for (size_t i = 0; i < 200; i += 2) {
        http_call_end (self->calls[i]);
        world_read (self, crowd.fds[i], "0\r\n\r\n");
    }
    http_server_drain (self->server);
    world_wait (self, 1500);
    assert_int_equal (http_server_open_connections (self->server), 100);
    for (size_t i = 1; i < 200; i += 2) {
        http_call_write (self->calls[i], "x", 1);
        http_call_end (self->calls[i]);
        world_read (self, crowd.fds[i], "1\r\nx\r\n0\r\n\r\n");
    }
    world_wait (self, 1500);
    assert_int_equal (http_server_open_connections (self->server), 0);
    s_close (&crowd);
}

static void
test_destroy_cuts_all_daemons_silently (void **state)
{
    world_t *self = *state;
    world_start (self);
    crowd_t crowd = { 0 };
    s_open (&crowd, self, 200);
    self->notes[0] = '\0';
    http_call_end (self->calls[7]); //  kicked, and not run any more
    http_server_destroy (&self->server);
    assert_string_equal (self->notes, "");
    assert_int_equal (s_epolls (), 1);
    world_read (self, crowd.fds[199], NULL);
    s_close (&crowd);
}

int
main (void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown (fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_streams_and_single_calls_live_side_by_side),
        WORLD_TEST (test_empty_daemons_go),
        WORLD_TEST (test_the_limit_is_that_of_the_whole_server),
        WORLD_TEST (test_without_descriptors_the_old_daemon_serves),
        WORLD_TEST (test_draining_reaches_all_daemons),
        WORLD_TEST (test_destroy_cuts_all_daemons_silently),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
