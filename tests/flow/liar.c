//  liar: see liar.h.

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/flow/liar.h"

#define REQUEST_MAX 65536 //  bytes
//  It closes after each answer, and says so where it is not about to lie of that.
#define OK "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n"
#define LINE "x-more: 0123456789012345678901234567890123456789012345678901234567890\r\n"

#define BAD "upstream_bad_gateway"
#define INVALID "upstream_invalid_response"
#define CUT "upstream_truncated"

const liar_row_t liar_rows[] = {
    { "ssh", "SSH-2.0-OpenSSH_9.9\r\n", 0, 502, INVALID },
    { "no-number", "HTTP/1.1 abc OK\r\n\r\n", 0, 502, INVALID },
    { "endless-head", "HTTP/1.1 200 OK\r\n" LINE, 200000, 502, INVALID },
    { "half-head", "HTTP/1.1 200 OK\r\ncontent-ty", 0, 502, CUT },
    { "short", OK "content-length: 1000\r\n\r\n{\"id\":", 0, 502, CUT },
    { "half-chunk", OK "transfer-encoding: chunked\r\n\r\n40\r\n{\"id\"", 0, 502, CUT },
    { "bad-chunk", OK "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n", 0, 502, INVALID },
    { "no-body", OK "content-length: 0\r\n\r\n", 0, 502, INVALID },
    { "no-content", "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", 0, 502,
      INVALID },
    { "no-json", OK "content-length: 5\r\n\r\nhello", 0, 502, INVALID },
    { "no-gzip", OK "content-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello", 0, 502,
      INVALID },
    { "moved",
      "HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: http://127.0.0.1:1/\r\n"
      "content-length: 0\r\n\r\n",
      0, 502, BAD },
    { "500-page",
      "HTTP/1.1 500 Oh\r\nconnection: close\r\ncontent-type: "
      "text/html\r\ncontent-length: 13\r\n\r\n"
      "<html></html>",
      0, 500, BAD },
    { .model = NULL },
};

static void
s_say (int fd, const char *text)
{
    for (size_t left = strlen (text); left;) {
        ssize_t sent = send (fd, text, left, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        left -= (size_t) sent;
    }
}

static void
s_answer (int fd, const char *request)
{
    const liar_row_t *row = liar_rows;
    while (row->model) {
        const char *found = strstr (request, row->model);
        if (found && found[strlen (row->model)] == '"')
            break;
        row++;
    }
    if (!row->model)
        return;
    s_say (fd, row->answer);
    for (unsigned i = 0; i < row->times; i++)
        s_say (fd, LINE);
}

//  Requests are small: all of one has come when its last brace has.
static void
s_serve (int listener)
{
    static char request[REQUEST_MAX];
    for (;;) {
        int fd = accept (listener, NULL, NULL);
        size_t size = 0;
        ssize_t part = 1;
        while (part > 0 && size < sizeof request - 1
               && (size == 0 || request[size - 1] != '}')) {
            part = recv (fd, request + size, sizeof request - 1 - size, 0);
            size += part > 0 ? (size_t) part : 0;
        }
        request[size] = 0;
        s_answer (fd, request);
        shutdown (fd, SHUT_WR);
        while (recv (fd, request, sizeof request, 0) > 0)
            ; //  else what was not read would reset the connection
        close (fd);
    }
}

unsigned
liar_start (pid_t *ret_pid)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind (fd, (struct sockaddr *) &address, size) || listen (fd, 64)
        || getsockname (fd, (struct sockaddr *) &address, &size))
        return 0;
    *ret_pid = fork ();
    if (*ret_pid == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        s_serve (fd);
    }
    close (fd);
    return ntohs (address.sin_port);
}
