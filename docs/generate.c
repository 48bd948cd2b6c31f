//  generate: writes the documents that are made from tables. Compiled and run by
//  docs/generate.sh; no part of the program.
//      generate WHAT        verbs, events, admin, errors (Markdown) or events.7 (mdoc)

#include <stdio.h>
#include <string.h>

enum {
#define BR_ROLE(id, name, about) ROLE_##id,
#include "broker/core/br_roles.def"
#undef BR_ROLE
    ROLE_COUNT
};

static const struct {
    const char *name;
    const char *about;
} s_roles[] = {
#define BR_ROLE(id, name, about) { name, about },
#include "broker/core/br_roles.def"
#undef BR_ROLE
};

//  A verb or event when type is NULL, else a field of the one before it.
typedef struct {
    const char *type;
    const char *name;
    const char *about;
    unsigned senders;  //  bits of roles
    unsigned handlers; //  bits of roles
} row_t;

#define R(id) (1u << ROLE_##id)

static const row_t s_verbs[] = {
#define BR_VERB(id, name, text, from, to, about) { NULL, text, about, from, to },
#define BR_FIELD(id, type, name, about) { #type, #name, about, 0, 0 },
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
};

static const row_t s_events[] = {
#define BR_EVENT(id, name, text, about) { NULL, text, about, 0, 0 },
#define BR_FIELD(id, type, name, about) { #type, #name, about, 0, 0 },
#include "broker/core/br_events.def"
#undef BR_EVENT
#undef BR_FIELD
};

static const struct {
    const char *name;
    unsigned role;
    const char *merge;
    const char *about;
} s_admin[] = {
#define BR_ADMIN(name, role, merge, effect, about) { #name, ROLE_##role, #merge, about },
#include "broker/core/br_admin.def"
#undef BR_ADMIN
};

static const struct {
    const char *code;
    unsigned status;
    const char *type;
    const char *label;
    const char *about;
} s_errors[] = {
#define BR_ERROR(code, status, type, label, about) { #code, status, type, label, about },
#include "broker/core/br_errors.def"
#undef BR_ERROR
};

static const struct {
    const char *label;
    const char *after;
    const char *mark;
    const char *about;
} s_failures[] = {
#define BR_FAILURE(id, label, after, mark, about) { label, #after, #mark, about },
#include "broker/core/br_failures.def"
#undef BR_FAILURE
};

#define COUNT(table) (sizeof table / sizeof *table)
#define MADE_FROM(file) "<!-- Made by docs/generate.sh from " file ". -->\n\n"

//  A cell of a Markdown table.
static void
s_cell (const char *text)
{
    fputs ("| ", stdout);
    for (; *text; text++) {
        if (*text == '|')
            putchar ('\\');
        putchar (*text);
    }
    putchar (' ');
}

static void
s_fields (const row_t *row, const row_t *end)
{
    if (row == end || !row->type)
        return;
    puts ("\n| Field | Type | Meaning |\n|---|---|---|");
    for (; row < end && row->type; row++) {
        printf ("| `%s` | %s ", row->name, row->type);
        s_cell (row->about);
        puts ("|");
    }
}

static void
s_role_names (unsigned roles)
{
    const char *comma = "";
    for (unsigned i = 0; i < ROLE_COUNT; i++) {
        if (!(roles & (1u << i)))
            continue;
        printf ("%s%s", comma, s_roles[i].name);
        comma = ", ";
    }
}

//  ---- verbs

static void
s_write_verbs_head (void)
{
    puts ("# 2. Verbs\n\n" MADE_FROM (
        "broker/core/br_verbs.def") "Actors talk in messages. A message has a verb, the "
                                    "addresses of its sender and its\n"
                                    "receiver, the id of the call that it belongs to "
                                    "(zero for none), the number of the\n"
                                    "attempt (0 where it means nothing), the fields of "
                                    "its verb, and maybe a body of\n"
                                    "bytes. It carries no pointer, so that it means the "
                                    "same in the next thread, process\n"
                                    "or machine. The order of the messages of a call is "
                                    "told in `4-CALL.md`.\n\n"
                                    "## On a wire\n\n"
                                    "Numbers are in network order. A head of 56 bytes "
                                    "comes first, then the fields in\n"
                                    "the order of the tables below.\n\n"
                                    "| Bytes | Head |\n|---|---|\n"
                                    "| 1 | version of the encoding, 1 |\n"
                                    "| 1 | zero |\n"
                                    "| 2 | number of the verb, counted from 0 in the "
                                    "order of this page |\n"
                                    "| 12 | address of the sender |\n"
                                    "| 12 | address of the receiver |\n"
                                    "| 16 | id of the call |\n"
                                    "| 4 | attempt |\n"
                                    "| 8 | size of the body, bytes |\n\n"
                                    "| Type | On the wire |\n|---|---|\n"
                                    "| num | 8 bytes, unsigned |\n"
                                    "| addr | 12 bytes: number of the host, its "
                                    "incarnation, number of the actor |\n"
                                    "| text | 4 bytes of length, then bytes without a "
                                    "zero |\n"
                                    "| bytes | 4 bytes of length, then bytes |\n\n"
                                    "Both ends are of one version of bitrouter: a host "
                                    "of another one is refused when it\n"
                                    "joins. What comes from another host is held against "
                                    "these tables before an actor\n"
                                    "sees it; a message that its sender may not send, or "
                                    "whose receiver has ended, is\n"
                                    "dropped, and an event `message.dropped` is "
                                    "raised.\n\n"
                                    "## Roles\n\n| Role | Who |\n|---|---|");
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        printf ("| %s | %s |\n", s_roles[i].name, s_roles[i].about);
}

//  "call.open" and "call.end" are of one group.
static int
s_is_same_group (const char *one, const char *two)
{
    size_t size = strcspn (one, ".") + 1;
    return strncmp (one, two, size) == 0;
}

static void
s_write_verbs (void)
{
    const row_t *end = s_verbs + COUNT (s_verbs);
    const char *last = "";
    s_write_verbs_head ();
    for (const row_t *row = s_verbs; row < end; row++) {
        if (row->type)
            continue;
        if (!s_is_same_group (row->name, last))
            printf ("\n## %.*s\n", (int) strcspn (row->name, "."), row->name);
        last = row->name;
        printf ("\n### %s\n\n", row->name);
        s_role_names (row->senders);
        fputs (" → ", stdout);
        s_role_names (row->handlers);
        printf ("\n\n%s\n", row->about);
        s_fields (row + 1, end);
    }
}

//  ---- events

static const row_t s_event_common[] = {
    { "text", "event", "the name", 0, 0 },
    { "text", "host", "the host in which it was raised", 0, 0 },
    { "num", "seq", "grows by one with each event of a host and life; a gap is a loss", 0,
      0 },
    { "num", "time", "unix time, milliseconds", 0, 0 },
};

static void
s_write_events (void)
{
    const row_t *end = s_events + COUNT (s_events);
    puts ("# 5. Events\n\n" MADE_FROM (
        "broker/core/br_events.def") "What happens in bitrouter leaves it through a PUB "
                                     "socket of ZeroMQ (an XPUB) at\n"
                                     "`ipc://RUN_DIR/events.sock`. Any program of the "
                                     "same user may connect a SUB and\n"
                                     "subscribe to names, or to beginnings of names. A "
                                     "message is two frames: the name,\n"
                                     "and one JSON object. `bitrouter events` prints "
                                     "them.\n\n"
                                     "Events cost nothing while nobody subscribes. They "
                                     "may be lost, when a subscriber is\n"
                                     "slow or a host crashes: nothing that must be kept "
                                     "is told by an event alone. The\n"
                                     "event `message` is raised only while a "
                                     "subscription names exactly it, or after the\n"
                                     "admin command `trace`.\n\n"
                                     "With `server.remote` programs of other machines "
                                     "may connect a SUB too, over tcp with\n"
                                     "CURVE, at the address that the admin command "
                                     "`status` tells as `remote.events`; who\n"
                                     "comes in, and with which keys, is in "
                                     "`6-ADMIN.md`. A topic has at most 4096 bytes "
                                     "there.\n\n"
                                     "## Every event");
    s_fields (s_event_common, s_event_common + COUNT (s_event_common));
    for (const row_t *row = s_events; row < end; row++) {
        if (row->type)
            continue;
        printf ("\n## %s\n\n%s\n", row->name, row->about);
        s_fields (row + 1, end);
    }
}

//  The same as a manual page.
static void
s_write_events_man (void)
{
    const row_t *end = s_events + COUNT (s_events);
    puts (
        ".\\\" Made by docs/generate.sh from broker/core/br_events.def.\n"
        ".Dd January 1, 2026\n.Dt BITROUTER-EVENTS 7\n.Os\n"
        ".Sh NAME\n.Nm bitrouter-events\n.Nd what happens in bitrouter, as JSON\n"
        ".Sh DESCRIPTION\n"
        "A running\n.Xr bitrouter 1\n"
        "tells what happens in it through a PUB socket of ZeroMQ,\n"
        ".Pa events.sock\nin its run directory.\n"
        "Any program of the same user may connect a SUB socket and subscribe to names,\n"
        "or to beginnings of names.\n"
        "So may programs of other machines that have a key, over tcp with CURVE, with\n"
        ".Cm server.remote\nof\n.Xr bitrouter.yaml 5 .\n"
        "A message is two frames: the name of the event, and one JSON object.\n"
        ".Ic bitrouter events\nprints those objects, one a line.\n"
        ".Pp\n"
        "Events cost nothing while nobody subscribes.\n"
        "They may be lost when a subscriber is slow or a host crashes.\n"
        "The event\n.Ic message\n"
        "is raised only while a subscription names exactly it.\n"
        ".Pp\nEvery event has these members:\n.Bl -tag -width Ds");
    for (size_t i = 0; i < COUNT (s_event_common); i++)
        printf (".It Va %s\n%s\n", s_event_common[i].name, s_event_common[i].about);
    puts (".El\n.Sh EVENTS\n.Bl -tag -width Ds");
    for (const row_t *row = s_events; row < end; row++) {
        if (row->type)
            continue;
        printf (".It Ic %s\n%s\n", row->name, row->about);
        if (row + 1 == end || !row[1].type)
            continue;
        puts (".Bl -tag -width Ds -compact");
        for (const row_t *field = row + 1; field < end && field->type; field++)
            printf (".It Va %s\n%s%s\n", field->name, *field->about == '.' ? "\\&" : "",
                    field->about);
        puts (".El");
    }
    puts (".El\n.Sh EXAMPLES\nFollow the calls:\n"
          ".Pp\n.Dl bitrouter events call.\n"
          ".Sh SEE ALSO\n.Xr bitrouter 1");
}

//  ---- admin

static void
s_write_remote (void)
{
    puts (
        "\n## From another machine\n\n"
        "With `server.remote: { admin: \"tcp://ADDRESS:PORT\", events: "
        "\"tcp://ADDRESS:PORT\" }` the door and\n"
        "the events (`5-EVENTS.md`) are open over tcp too, always with CURVE; without "
        "it nothing is bound.\n"
        "The questions, answers and bounds are the same; a frame of more than 1 MiB "
        "and 1 KiB ends the\n"
        "connection. `status` tells both addresses, with the real ports, as `remote`; "
        "a client takes the\n"
        "port of `remote.events` and the host that it reached the door at.\n\n"
        "| Key, Z85 | Server, below HOME/curve | Client, below its HOME/curve |\n"
        "|---|---|---|\n"
        "| the server's | `broker.key`, `broker.pub` | `broker.pub` |\n"
        "| the client's | `clients/NAME.pub` | `client.key`, `client.pub` |\n\n"
        "`bitrouter topology keygen --client NAME` makes them on the server. The folder "
        "`clients` is read at\n"
        "each handshake (ZAP, domain `clients`): a key that is put there comes in, one "
        "that is removed comes\n"
        "in no more; a connection that is open stays. Keys of hosts of a topology are "
        "no clients, and\n"
        "clients are no hosts. Who has no such key is refused in the handshake, and "
        "hears and asks nothing;\n"
        "who has one may do all that the door can. `--broker tcp://HOST:PORT` asks "
        "there.\n");
}

static void
s_write_scripts (void)
{
    puts (
        "\n## From a script\n\n"
        "What changes routes is answered when every host has it: a call after the answer "
        "finds them.\n"
        "Questions of one connection may be sent without waiting; changes are made one "
        "after the other,\n"
        "and up to 256 questions of all may be under way: beyond, the answer is the "
        "error "
        "`overloaded`.\n"
        "A DEALER gets answers in the order in which they are ready. Routes that were "
        "added stay over a\n"
        "reload and over the loss of a host, and end with the process; one whose "
        "provider "
        "the file names no\n"
        "more answers 404 until that is back. A route is added to the configuration in "
        "use: "
        "only a reload\n"
        "reads the files. Its name has at most 200 bytes, its other texts 512, it has 32 "
        "endpoints at the\n"
        "most, and there are 1024 of them; blanks in a name, control characters and "
        "U+0000 "
        "are refused.\n"
        "What asks is a program: over HTTP a page of a foreign origin needs a "
        "credential, or "
        "its origin by\n"
        "name in `server.cors.origins`.\n\n"
        "    import zmq\n"
        "    door = zmq.Context ().socket (zmq.REQ)\n"
        "    door.connect (\"ipc:///srv/bitrouter/run/admin.sock\")\n"
        "    door.send_json ({\"command\": \"route_add\", \"args\": {\"name\": "
        "\"quick\", \"endpoints\":\n"
        "        [{\"provider\": \"openai\", \"service_id\": \"gpt-4o-mini\"}]}})\n"
        "    print (door.recv_json ())\n\n"
        "`docs/examples` has whole scripts, tested as they stand: `admin.py` over "
        "ZeroMQ, "
        "`admin.mjs` over\n"
        "HTTP, `admin.sh` over the control socket (`11-CONTROL.md`), HTTP and the "
        "command "
        "line. Each lists\n"
        "the routes, adds one, hears the event (`5-EVENTS.md`) of a call over it, and "
        "removes it. Over HTTP:\n\n"
        "    GET /admin/COMMAND         what only reads\n"
        "    POST /admin/COMMAND        any, with its args as the body\n"
        "    GET, POST /admin/routes, DELETE /admin/routes/NAME");
}

static void
s_write_admin (void)
{
    puts ("# 6. Admin door\n\n" MADE_FROM (
        "broker/core/br_admin.def") "A running bitrouter answers questions at "
                                    "`ipc://RUN_DIR/admin.sock`, a ROUTER of\n"
                                    "ZeroMQ. Whoever may open the socket may ask: it is "
                                    "the user that bitrouter runs as.\n"
                                    "A REQ, or a DEALER with or without the empty frame, "
                                    "sends one JSON object:\n\n"
                                    "    {\"command\": \"status\", \"args\": {}}\n\n"
                                    "and gets one back:\n\n"
                                    "    {\"ok\": true, \"result\": ..., \"missing\": "
                                    "0}\n"
                                    "    {\"ok\": false, \"error\": {\"code\": "
                                    "\"not_found\", \"message\": \"...\"}}\n\n"
                                    "`args` may be left out. A question goes to every "
                                    "actor of the command's role, and the\n"
                                    "answers become one result. After two seconds the "
                                    "result is what came until then, and\n"
                                    "`missing` counts the actors that did not answer; "
                                    "`reload` takes as long as it takes.\n"
                                    "The codes of errors are those of `9-ERRORS.md`. "
                                    "`bitrouter admin COMMAND [JSON]` asks\n"
                                    "any of them.\n\n"
                                    "| Merge | Several answers become |\n|---|---|\n"
                                    "| ONE | the first that is not null |\n"
                                    "| LIST | one array; arrays are joined; each row "
                                    "tells its \"host\" |\n"
                                    "| SUM | one object, numbers of one name are added "
                                    "|\n\n"
                                    "## Commands\n\n| Command | Answered by | Merge | "
                                    "Result |\n|---|---|---|---|");
    for (size_t i = 0; i < COUNT (s_admin); i++) {
        printf ("| `%s` | %s | %s ", s_admin[i].name, s_roles[s_admin[i].role].name,
                s_admin[i].merge);
        s_cell (s_admin[i].about);
        puts ("|");
    }
    s_write_remote ();
    s_write_scripts ();
}

//  ---- errors

//  Words of the table of failures, and what they stand for.
static const struct {
    const char *word;
    const char *about;
} s_words[] = {
    { "AGAIN", "the same endpoint, after a back-off, a few times; then the next one" },
    { "NEXT", "the next endpoint at once; the same again only when there is no other" },
    { "OTHER", "the next endpoint; never the same again for this call" },
    { "LARGER", "an endpoint whose window is larger; else it is the last word" },
    { "STOP", "nothing: it is the last word" },
    { "CLEAN", "nothing" },
    { "COUNT", "one more failure for the breaker" },
    { "LIMIT", "it is at a limit until the provider's retry-after" },
    { "KEY", "its credential is of no use: it is out of use at once" },
};

static const char *
s_word (const char *word)
{
    for (size_t i = 0; i < COUNT (s_words); i++)
        if (strcmp (s_words[i].word, word) == 0)
            return s_words[i].about;
    return "";
}

static void
s_write_failures (void)
{
    puts ("\n## Why an attempt failed\n\n" MADE_FROM (
        "broker/core/br_failures.def") "An attempt at one endpoint fails in one of these "
                                       "ways; a client sees no more of it than\n"
                                       "the error of the last one. Events and logs name "
                                       "them.\n\n"
                                       "| Failure | Meaning | Then the router asks | It "
                                       "says of the endpoint |\n|---|---|---|---|");
    for (size_t i = 1; i < COUNT (s_failures); i++) {
        printf ("| `%s` ", s_failures[i].label);
        s_cell (s_failures[i].about);
        s_cell (s_word (s_failures[i].after));
        s_cell (s_word (s_failures[i].mark));
        puts ("|");
    }
}

static void
s_write_errors (void)
{
    puts ("# 9. Errors\n\n" MADE_FROM (
        "broker/core/br_errors.def") "Every failure has one of these codes, in messages, "
                                     "logs, events and answers alike. A\n"
                                     "client sees the HTTP status, and the type and code "
                                     "in the error object of its own\n"
                                     "protocol. The text that goes with a code says what "
                                     "was attempted, on what, and what\n"
                                     "to do; it never holds a credential.\n\n"
                                     "| Name | Status | Type | Code | Meaning "
                                     "|\n|---|---|---|---|---|");
    for (size_t i = 0; i < COUNT (s_errors); i++) {
        if (!*s_errors[i].type)
            continue;
        printf ("| %s | %u | `%s` | `%s` ", s_errors[i].code, s_errors[i].status,
                s_errors[i].type, s_errors[i].label);
        s_cell (s_errors[i].about);
        puts ("|");
    }
    s_write_failures ();
}

int
main (int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*write) (void);
    } documents[] = {
        { "verbs", s_write_verbs },         { "events", s_write_events },
        { "admin", s_write_admin },         { "errors", s_write_errors },
        { "events.7", s_write_events_man },
    };
    for (size_t i = 0; argc == 2 && i < COUNT (documents); i++) {
        if (strcmp (documents[i].name, argv[1]) != 0)
            continue;
        documents[i].write ();
        return fflush (stdout) ? 1 : 0;
    }
    fputs ("usage: generate verbs|events|admin|errors|events.7\n", stderr);
    return 2;
}
