//  mock_talk: checks a request, chooses a scene, and fills in its lines.

#include <stdio.h>
#include <string.h>

#include "bench/mock_error.h"
#include "bench/mock_talk.h"

#define TEXT_BYTES 256
#define LINE_MAX_BYTES (64 * 1024)

static const char s_greeting[] = "Hello, w\xc3\xb6rld \xf0\x9f\x8c\x8d.";

typedef struct {
    mock_check_fn *check;
    const mock_lines_t *scenes;
} speech_row_t;

static const speech_row_t s_speeches[MOCK_PROTOCOLS] = {
    [MOCK_CHAT] = { mock_check_chat, mock_lines_chat },
    [MOCK_RESPONSES] = { mock_check_responses, mock_lines_responses },
    [MOCK_MESSAGES] = { mock_check_messages, mock_lines_messages },
    [MOCK_GOOGLE] = { mock_check_google, mock_lines_google },
};

//  What stands for the placeholders of a line.
typedef struct {
    const char *model;
    char text[TEXT_BYTES];
    size_t half; //  bytes of the text's first half
    int needs;   //  bits of mock_need_t
    int number;  //  of the event
} filling_t;

//  Text as the inside of a JSON string.
static void
s_inside (br_buf_t *out, const char *text, size_t size)
{
    br_buf_t quoted;
    br_buf_init (&quoted, LINE_MAX_BYTES);
    br_buf_add_json (&quoted, text, size);
    if (quoted.size > 2)
        br_buf_add (out, quoted.data + 1, quoted.size - 2);
    br_buf_free (&quoted);
}

static void s_fill (br_buf_t *out, const filling_t *filling, const char *line);

static void
s_reasoning (br_buf_t *out, const filling_t *filling)
{
    s_fill (out, filling, "{'id':'rs_mock','type':'reasoning',");
    if (filling->needs & MOCK_SEALS)
        s_fill (out, filling, "'encrypted_content':'" MOCK_SEAL "',");
    s_fill (out, filling, "'summary':[");
    if (filling->needs & MOCK_SHOWS)
        s_fill (out, filling, "{'type':'summary_text','text':'" MOCK_THOUGHT "'}");
    br_buf_adds (out, "]}");
}

static void
s_place (br_buf_t *out, const filling_t *filling, char letter)
{
    const char *text = filling->text;
    size_t size = strlen (text);
    if (letter == 'M')
        s_inside (out, filling->model, strlen (filling->model));
    else if (letter == 'T')
        s_inside (out, text, size);
    else if (letter == 'A')
        s_inside (out, text, filling->half);
    else if (letter == 'B')
        s_inside (out, text + filling->half, size - filling->half);
    else if (letter == 'N')
        br_buf_addf (out, "%d", filling->number);
    else if (letter == 'I')
        s_reasoning (out, filling);
    else if (letter == 'R' && filling->needs & MOCK_THINKS) {
        s_reasoning (out, filling);
        br_buf_addc (out, ',');
    } else if (letter >= '0' && letter <= '2')
        br_buf_addf (out, "%d", (filling->needs & MOCK_THINKS ? 1 : 0) + letter - '0');
}

static void
s_fill (br_buf_t *out, const filling_t *filling, const char *line)
{
    for (; *line; line++) {
        if (*line == '%' && line[1])
            s_place (out, filling, *++line);
        else
            br_buf_addc (out, *line == '\'' ? '"' : *line);
    }
}

static void
s_write (mock_tape_t *tape, const mock_line_t *line, filling_t *filling)
{
    for (; line->text; line++) {
        if ((line->needs & filling->needs) != line->needs)
            continue;
        br_buf_t payload;
        br_buf_init (&payload, LINE_MAX_BYTES);
        s_fill (&payload, filling, line->text);
        mock_tape_add (tape, NULL, payload.data, payload.size);
        filling->number++;
        br_buf_free (&payload);
    }
    mock_tape_end (tape);
}

//  A provider knows its own models only: neither another's prefix nor a pattern.
static void
s_check_model (mock_turn_t *turn)
{
    const char *model = turn->request->peek.model;
    if (!strncmp (model, "mock", 4) && !strpbrk (model, ":/{}"))
        return;
    mock_turn_refuse (turn, "there is no model %.100s", model[0] ? model : "(none)");
    turn->status = 404;
}

static mock_tape_t *
s_refusal (const mock_route_t *route, const mock_turn_t *turn)
{
    mock_tape_t *tape = mock_tape_new (route->protocol, MOCK_PLAIN);
    br_buf_t body;
    br_buf_init (&body, LINE_MAX_BYTES);
    mock_error_body (&body, route->protocol, turn->status, turn->why);
    mock_tape_add (tape, NULL, body.data, body.size);
    mock_tape_set_status (tape, turn->status);
    br_buf_free (&body);
    return tape;
}

static mock_scene_t
s_scene (const mock_turn_t *turn, filling_t *filling)
{
    if (turn->values_count)
        snprintf (filling->text, sizeof filling->text, "sum %s, product %s",
                  turn->values[0], turn->values[1]);
    else
        snprintf (filling->text, sizeof filling->text, "%s", s_greeting);
    filling->half = strcspn (filling->text, " ");
    if (turn->values_count)
        return MOCK_TELLING;
    return turn->has_tools ? MOCK_CALLING : MOCK_GREETING;
}

static mock_tape_t *
s_spoken (const mock_route_t *route, const mock_lines_t *lines, filling_t *filling)
{
    mock_tape_t *tape = mock_tape_new (route->protocol, route->form);
    s_write (tape, route->form == MOCK_PLAIN ? lines->plain : lines->stream, filling);
    return tape;
}

mock_tape_t *
mock_talk_greeting (const mock_route_t *route, const mock_request_t *request)
{
    const mock_turn_t turn = { .request = request };
    filling_t filling = { .model = request->peek.model, .needs = MOCK_COUNTS };
    const mock_lines_t *scenes = s_speeches[route->protocol].scenes;
    return s_spoken (route, &scenes[s_scene (&turn, &filling)], &filling);
}

mock_tape_t *
mock_talk_new (const mock_route_t *route, const mock_request_t *request, bool strict)
{
    const speech_row_t *speech = &s_speeches[route->protocol];
    mock_turn_t turn = { .request = request, .is_strict = strict, .status = 200 };
    s_check_model (&turn);
    cJSON *body = cJSON_ParseWithLength ((const char *) request->body,
                                         request->body_size);
    if (!cJSON_IsObject (body))
        mock_turn_refuse (&turn, "the body is no JSON object");
    else
        speech->check (&turn, body);
    cJSON_Delete (body);
    if (turn.status != 200)
        return s_refusal (route, &turn);
    filling_t filling = { .model = request->peek.model, .needs = turn.needs };
    const mock_lines_t *lines = &speech->scenes[s_scene (&turn, &filling)];
    return s_spoken (route, lines, &filling);
}
