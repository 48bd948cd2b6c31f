//  conf_fixed: one function for each setting writes what it is; texts are compared.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_fixed.h"
#include "broker/core/conf_state.h"

#define TEXT_MAX (1u << 20) //  bytes, of one setting

static void
s_add_texts (char *const *texts, unsigned count, br_buf_t *buf)
{
    for (unsigned i = 0; i < count; i++)
        br_buf_addf (buf, "%s\n", texts[i] ? texts[i] : "");
}

static void
s_write_listen (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) conf;
    s_add_texts (server->listen, server->listen_count, buf);
}

static void
s_write_extra (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) conf;
    s_add_texts (server->extra_listen, server->extra_listen_count, buf);
}

static void
s_write_level (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) server;
    br_buf_adds (buf, br_conf_log_level (conf));
}

static void
s_write_format (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) server;
    br_buf_adds (buf, br_conf_log_format (conf));
}

static void
s_write_socket (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) server;
    br_buf_adds (buf, br_conf_control_socket (conf));
}

static void
s_write_body (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) conf;
    if (server->body_max)
        br_buf_addf (buf, "%llu", (unsigned long long) *server->body_max);
}

static void
s_write_header (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) conf;
    if (server->header_max)
        br_buf_addf (buf, "%llu", (unsigned long long) *server->header_max);
}

//  Which files does not matter: they are read anew.
static void
s_write_tls (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) conf;
    br_buf_adds (buf, server->tls && server->tls->cert_file ? "tls" : "");
}

static void
s_write_remote (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) server;
    if (br_conf_remote_admin (conf))
        br_buf_addf (buf, "%s\n%s", br_conf_remote_admin (conf),
                     br_conf_remote_events (conf));
}

static void
s_write_receipts (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf)
{
    (void) server;
    br_buf_adds (buf, conf->root->receipts && *conf->root->receipts ? "on" : "");
}

static const struct {
    const char *name;
    void (*write) (const br_conf_t *conf, const br_conf_server_t *server, br_buf_t *buf);
    bool may_end; //  a reload can turn it off
} s_settings[] = {
    { "server.listen", s_write_listen, false },
    { "server.extra_listen", s_write_extra, false },
    { "server.log_level", s_write_level, false },
    { "server.log_format", s_write_format, false },
    { "server.control.socket", s_write_socket, false },
    { "server.body_max", s_write_body, false },
    { "server.header_max", s_write_header, false },
    { "server.tls", s_write_tls, false },
    { "server.remote", s_write_remote, false },
    { "receipts", s_write_receipts, true },
};

#define SETTINGS (sizeof s_settings / sizeof *s_settings)

br_conf_words_t *
br_conf_fixed_of (const br_conf_t *conf)
{
    static const br_conf_server_t none = { .listen = NULL };
    const br_conf_server_t *server = conf->root->server ? conf->root->server : &none;
    br_conf_words_t *self = br_conf_words_new ();
    for (size_t i = 0; i < SETTINGS; i++) {
        br_buf_t buf;
        br_buf_init (&buf, TEXT_MAX);
        s_settings[i].write (conf, server, &buf);
        br_conf_words_add (self, br_buf_text (&buf));
        br_buf_free (&buf);
    }
    return self;
}

char *
br_conf_fixed_changed (const br_conf_words_t *self, const br_conf_t *conf)
{
    br_conf_words_t *now = br_conf_fixed_of (conf);
    char *names = NULL;
    for (size_t i = 0; i < SETTINGS; i++) {
        const char *is = br_conf_words_at (now, i);
        if (strcmp (br_conf_words_at (self, i), is) == 0
            || (s_settings[i].may_end && !*is))
            continue;
        char *more = br_strf ("%s%s%s", names ? names : "", names ? ", " : "",
                              s_settings[i].name);
        free (names);
        names = more;
    }
    br_conf_words_destroy (&now);
    return names;
}
