//  guard_words: tables of names.

#include <string.h>

#include "broker/guard/guard_words.h"

static const char *const s_actions[GUARD_ACTIONS] = {
    [GUARD_OFF] = "off",
    [GUARD_WARN] = "warn",
    [GUARD_REDACT] = "redact",
    [GUARD_BLOCK] = "block",
};

static const char *const s_directions[GUARD_DIRECTIONS] = {
    [GUARD_UP] = "upgoing",
    [GUARD_DOWN] = "downgoing",
};

static const char *const s_places[GUARD_DIRECTIONS][BR_TEXT_PLACES] = {
    [GUARD_UP] = {
        [BR_TEXT_SYSTEM] = "system message",
        [BR_TEXT_USER] = "user message",
        [BR_TEXT_ASSISTANT] = "assistant message",
        [BR_TEXT_REASONING] = "assistant reasoning",
        [BR_TEXT_TOOL_CALL] = "tool call",
        [BR_TEXT_TOOL_RESULT] = "tool result",
        [BR_TEXT_TOOL_ERROR] = "tool error",
        [BR_TEXT_TOOL_OFFER] = "tool definition",
        [BR_TEXT_ANSWER] = "content",
    },
    [GUARD_DOWN] = {
        [BR_TEXT_SYSTEM] = "text",
        [BR_TEXT_USER] = "text",
        [BR_TEXT_ASSISTANT] = "text",
        [BR_TEXT_REASONING] = "reasoning",
        [BR_TEXT_TOOL_CALL] = "tool call",
        [BR_TEXT_TOOL_RESULT] = "tool result",
        [BR_TEXT_TOOL_ERROR] = "tool error",
        [BR_TEXT_TOOL_OFFER] = "tool definition",
        [BR_TEXT_ANSWER] = "text",
    },
};

const char *
guard_action_name (guard_action_t action)
{
    return s_actions[action];
}

const char *
guard_direction_name (guard_direction_t direction)
{
    return s_directions[direction];
}

int
guard_action_of (const char *word, guard_action_t *ret_action)
{
    for (int i = 0; i < GUARD_ACTIONS; i++)
        if (strcmp (word, s_actions[i]) == 0) {
            *ret_action = (guard_action_t) i;
            return 0;
        }
    return -1;
}

const char *
guard_place_name (guard_direction_t direction, br_text_place_t place)
{
    return s_places[direction][place];
}
