//  ledger_mysql_url: the address of a MariaDB or a MySQL.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/text.h"
#include "broker/ledger/ledger_mysql_url.h"

#define PORT_MAX 65535

static const char s_scheme[] = "mysql://";

static int
s_refuse (br_error_t *reterr, const char *what)
{
    return br_error_set (reterr, BR_ECONFIG,
                         "%s in the address of the database: it is "
                         "mysql://USER:PASSWORD@HOST:PORT/NAME, with %%40 for an @ in a "
                         "password",
                         what);
}

//  ---- parts of the address

//  What stands before a mark, which is taken out with it; all of it without the mark.
static br_text_t
s_cut (br_text_t *rest, char mark, bool *found)
{
    const char *at = rest->size ? memchr (rest->at, mark, rest->size) : NULL;
    *found = at != NULL;
    br_text_t part = { rest->at, at ? (size_t) (at - rest->at) : rest->size };
    size_t taken = at ? part.size + 1 : part.size;
    *rest = (br_text_t) { rest->at + taken, rest->size - taken };
    return part;
}

static int
s_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

//  The text without its %HH; NULL when one is malformed, or is a zero. "caller frees"
static char *
s_decode (br_text_t text)
{
    char *decoded = br_alloc (text.size + 1, 1);
    char *to = decoded;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] != '%') {
            *to++ = text.at[i];
            continue;
        }
        int high = i + 2 < text.size ? s_digit (text.at[i + 1]) : -1;
        int low = i + 2 < text.size ? s_digit (text.at[i + 2]) : -1;
        if (high < 0 || low < 0 || (high == 0 && low == 0)) {
            sodium_memzero (decoded, text.size);
            free (decoded);
            return NULL;
        }
        *to++ = (char) (high << 4 | low);
        i += 2;
    }
    return decoded;
}

//  Over what was there before. An empty one counts as not given.
static int
s_take (char **member, br_text_t text)
{
    char *decoded = s_decode (text);
    if (!decoded)
        return -1;
    free (*member);
    *member = decoded;
    if (!**member) {
        free (*member);
        *member = NULL;
    }
    return 0;
}

static int
s_read_user (ledger_mysql_url_t *self, br_text_t text, br_error_t *reterr)
{
    bool has_password = false;
    br_text_t user = s_cut (&text, ':', &has_password);
    if (s_take (&self->user, user) || (has_password && s_take (&self->password, text)))
        return s_refuse (reterr, "a malformed % of user or password");
    return 0;
}

static int
s_read_port (ledger_mysql_url_t *self, br_text_t text, br_error_t *reterr)
{
    unsigned port = 0;
    bool is_good = text.size > 0;
    for (size_t i = 0; is_good && i < text.size; i++) {
        is_good = text.at[i] >= '0' && text.at[i] <= '9' && port <= PORT_MAX;
        port = port * 10 + (unsigned) (text.at[i] - '0');
    }
    if (!is_good || port == 0 || port > PORT_MAX)
        return s_refuse (reterr, "a malformed port");
    self->port = port;
    return 0;
}

//  A host that is a path is that of a socket.
static int
s_take_host (ledger_mysql_url_t *self, br_text_t text)
{
    if (s_take (&self->host, text))
        return -1;
    if (self->host && *self->host == '/') {
        free (self->socket);
        self->socket = self->host;
        self->host = NULL;
    }
    return 0;
}

static int
s_read_host (ledger_mysql_url_t *self, br_text_t text, br_error_t *reterr)
{
    bool has_port = false, is_six = text.size > 0 && *text.at == '[';
    if (is_six) {
        s_cut (&text, '[', &is_six);
        br_text_t host = s_cut (&text, ']', &is_six);
        if (!is_six || s_take_host (self, host) || (text.size && *text.at != ':'))
            return s_refuse (reterr, "a malformed host");
        s_cut (&text, ':', &has_port);
    } else if (s_take_host (self, s_cut (&text, ':', &has_port))) {
        return s_refuse (reterr, "a malformed host");
    }
    return has_port ? s_read_port (self, text, reterr) : 0;
}

//  ---- options

static int
s_option_host (ledger_mysql_url_t *self, br_text_t value)
{
    return s_take_host (self, value);
}

static int
s_option_socket (ledger_mysql_url_t *self, br_text_t value)
{
    return s_take (&self->socket, value);
}

static int
s_option_ca (ledger_mysql_url_t *self, br_text_t value)
{
    return s_take (&self->ssl_ca, value);
}

static int
s_option_ssl (ledger_mysql_url_t *self, br_text_t value)
{
    static const struct {
        const char *word;
        ledger_ssl_t ssl;
    } rows[] = {
        { "disabled", LEDGER_SSL_DISABLED },      { "disable", LEDGER_SSL_DISABLED },
        { "preferred", LEDGER_SSL_PREFERRED },    { "prefer", LEDGER_SSL_PREFERRED },
        { "required", LEDGER_SSL_REQUIRED },      { "require", LEDGER_SSL_REQUIRED },
        { "verify_ca", LEDGER_SSL_VERIFY },       { "verify-ca", LEDGER_SSL_VERIFY },
        { "verify_identity", LEDGER_SSL_VERIFY }, { "verify-full", LEDGER_SSL_VERIFY },
    };
    char *word = s_decode (value);
    int rc = -1;
    for (size_t i = 0; word && i < sizeof rows / sizeof *rows; i++)
        if (strcasecmp (word, rows[i].word) == 0) {
            self->ssl = rows[i].ssl;
            rc = 0;
        }
    free (word);
    return rc;
}

static const struct {
    const char *name;
    int (*read) (ledger_mysql_url_t *self, br_text_t value);
} s_options[] = {
    { "host", s_option_host },    { "socket", s_option_socket },
    { "ssl-mode", s_option_ssl }, { "sslmode", s_option_ssl },
    { "ssl-ca", s_option_ca },    { "sslrootcert", s_option_ca },
};

static int
s_read_option (ledger_mysql_url_t *self, br_text_t text, br_error_t *reterr)
{
    bool has_value = false;
    br_text_t name = s_cut (&text, '=', &has_value);
    for (size_t i = 0; i < sizeof s_options / sizeof *s_options; i++) {
        if (!br_text_is (name, s_options[i].name))
            continue;
        if (s_options[i].read (self, text) == 0)
            return 0;
        return br_error_set (reterr, BR_ECONFIG,
                             "the option %s in the address of the database has no such "
                             "value",
                             s_options[i].name);
    }
    return s_refuse (reterr, "an option other than host, socket, ssl-mode and ssl-ca");
}

static int
s_read_options (ledger_mysql_url_t *self, br_text_t text, br_error_t *reterr)
{
    bool more = text.size > 0;
    while (more) {
        br_text_t option = s_cut (&text, '&', &more);
        if (option.size && s_read_option (self, option, reterr))
            return -1;
    }
    return 0;
}

//  ---- the whole

static int
s_read (ledger_mysql_url_t *self, br_text_t rest, br_error_t *reterr)
{
    bool has_options = false, has_path = false, has_user = false;
    br_text_t main_part = s_cut (&rest, '?', &has_options);
    br_text_t path = main_part;
    br_text_t host = s_cut (&path, '/', &has_path);
    br_text_t user = s_cut (&host, '@', &has_user);
    if (has_user ? s_read_user (self, user, reterr) : 0)
        return -1;
    if (memchr (host.size ? host.at : "", '@', host.size))
        return s_refuse (reterr, "an @ that is none of user and host");
    if (s_read_host (self, has_user ? host : user, reterr))
        return -1;
    if (!has_path || s_take (&self->database, path) || !self->database)
        return s_refuse (reterr, "no name of a database");
    return has_options ? s_read_options (self, rest, reterr) : 0;
}

int
ledger_mysql_url_read (ledger_mysql_url_t *ret_self, const char *url, br_error_t *reterr)
{
    *ret_self = (ledger_mysql_url_t) { .port = 0 };
    if (strncmp (url, s_scheme, sizeof s_scheme - 1) != 0)
        return s_refuse (reterr, "another scheme");
    int rc = s_read (ret_self, br_text (url + sizeof s_scheme - 1), reterr);
    if (rc)
        ledger_mysql_url_clear (ret_self);
    return rc;
}

void
ledger_mysql_url_clear (ledger_mysql_url_t *self)
{
    if (self->password)
        sodium_memzero (self->password, strlen (self->password));
    free (self->user);
    free (self->password);
    free (self->host);
    free (self->socket);
    free (self->database);
    free (self->ssl_ca);
    *self = (ledger_mysql_url_t) { .port = 0 };
}
