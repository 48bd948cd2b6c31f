//  scene: a model that was fed with lines, and what a screen of it would show.

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/tui/scene.h"

void
scene_begin (scene_t *self, const char *pane)
{
    *self = (scene_t) { .width = 140, .height = 40 };
    self->model = tui_model_new (SCENE_NOW);
    self->view = tui_view_new (pane);
    tui_model_link (self->model, true, "");
}

void
scene_end (scene_t *self)
{
    free (self->text);
    tui_view_destroy (&self->view);
    tui_model_destroy (&self->model);
}

void
scene_tell (scene_t *self, ...)
{
    va_list lines;
    va_start (lines, self);
    const char *line;
    while ((line = va_arg (lines, const char *)))
        tui_model_event (self->model, line, strlen (line));
    va_end (lines);
}

void
scene_answer (scene_t *self, tui_question_t question, const char *json)
{
    cJSON *answer = cJSON_Parse (json);
    tui_model_answer (self->model, question, &answer);
}

void
scene_press (scene_t *self, uint32_t key)
{
    tui_view_key (self->view, self->model, key, 0, 0);
}

void
scene_type (scene_t *self, const char *keys)
{
    for (; *keys; keys++)
        scene_press (self, (unsigned char) *keys);
}

const char *
scene_show (scene_t *self)
{
    tui_cells_t *cells = tui_cells_new (self->width, self->height);
    tui_view_draw (self->view, self->model, cells);
    free (self->text);
    self->text = br_strdup ("");
    for (int y = 0; y < self->height; y++) {
        char *line = tui_cells_text (cells, y);
        char *text = br_strf ("%s%s\n", self->text, line);
        free (self->text);
        free (line);
        self->text = text;
    }
    tui_cells_destroy (&cells);
    return self->text;
}

bool
scene_shows (scene_t *self, const char *words)
{
    return strstr (scene_show (self), words) != NULL;
}

void
scene_call (scene_t *self, const char *id, const char *route)
{
    char *lines[] = {
        br_strf (
            "{\"event\":\"call.started\",\"host\":\"shard-1\",\"time\":1750000000000,"
            "\"call\":\"%s\",\"route\":\"%s\",\"stream\":1,\"run\":\"night\"}",
            id, route),
        br_strf ("{\"event\":\"attempt.started\",\"time\":1750000000010,\"call\":\"%s\","
                 "\"attempt\":1,\"provider\":\"openai\",\"model\":\"gpt-4o\"}",
                 id),
        br_strf ("{\"event\":\"attempt.begun\",\"time\":1750000000050,\"call\":\"%s\","
                 "\"attempt\":1,\"first_ms\":50}",
                 id),
        br_strf ("{\"event\":\"call.ended\",\"time\":1750000000120,\"call\":\"%s\","
                 "\"route\":\"%s\",\"provider\":\"openai\",\"model\":\"gpt-4o\","
                 "\"outcome\":\"ok\",\"attempts\":1,\"latency_ms\":120,"
                 "\"input_tokens\":1200,\"output_tokens\":34}",
                 id, route),
        br_strf ("{\"event\":\"call.settled\",\"time\":1750000000130,\"call\":\"%s\","
                 "\"route\":\"%s\",\"provider\":\"openai\",\"model\":\"gpt-4o\","
                 "\"account_id\":\"acme\",\"latency_ms\":120,\"input_tokens\":1200,"
                 "\"output_tokens\":34,\"success\":1,\"cost_nusd\":1500000,"
                 "\"cost_known\":1,\"usage_known\":1,\"run\":\"night\"}",
                 id, route),
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        scene_tell (self, lines[i], NULL);
        free (lines[i]);
    }
}
