//  scene: a model that was fed with lines, and what a screen of it would show.

#ifndef BR_TESTS_TUI_SCENE_H
#define BR_TESTS_TUI_SCENE_H

#include "tui/tui_model.h"
#include "tui/tui_view.h"

#define SCENE_NOW 1750000000000u //  unix, ms

typedef struct _scene_t {
    tui_model_t *model;
    tui_view_t *view;
    int width, height;
    char *text; //  of the last picture
} scene_t;

//  A wide screen, and a server that answers.
void scene_begin (scene_t *self, const char *pane);
void scene_end (scene_t *self);

//  Events; the last argument is NULL.
void scene_tell (scene_t *self, ...) __attribute__ ((sentinel));
void scene_answer (scene_t *self, tui_question_t question, const char *json);

//  Presses keys: each character is one.
void scene_type (scene_t *self, const char *keys);
void scene_press (scene_t *self, uint32_t key);

//  The whole picture, lines with ends. "owned by self, until the next one"
const char *scene_show (scene_t *self);
bool scene_shows (scene_t *self, const char *words);

//  A call from its begin to its row, which took 120 ms and cost 1500 nano-USD.
void scene_call (scene_t *self, const char *id, const char *route);

#endif
