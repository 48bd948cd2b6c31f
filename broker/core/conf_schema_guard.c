//  conf_schema_guard: the rows of "guardrails".

#include "broker/core/conf_rows.h"

const cyaml_strval_t br_conf_action_words[] = { { "warn", BR_CONF_WARN },
                                                { "redact", BR_CONF_REDACT },
                                                { "block", BR_CONF_BLOCK } };
const uint32_t br_conf_action_words_count = sizeof br_conf_action_words
                                            / sizeof *br_conf_action_words;

static const cyaml_strval_t s_directions[] = { { "upgoing", BR_CONF_UPGOING },
                                               { "downgoing", BR_CONF_DOWNGOING },
                                               { "both", BR_CONF_BOTH } };

static const cyaml_strval_t s_fail_modes[] = { { "closed", 0 }, { "open", 1 } };

static const cyaml_strval_t s_param_actions[] = { { "reject", 0 }, { "strip", 1 } };

static const cyaml_schema_field_t s_choice_fields[] = {
    NEED (br_conf_choice_t, key),
    CYAML_FIELD_ENUM ("value", CYAML_FLAG_STRICT, br_conf_choice_t, value,
                      br_conf_action_words,
                      sizeof br_conf_action_words / sizeof *br_conf_action_words),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_choice_entry = ENTRY (br_conf_choice_t,
                                                          s_choice_fields);

static const cyaml_schema_field_t s_fail_fields[] = {
    NEED (br_conf_choice_t, key),
    CYAML_FIELD_ENUM ("value", CYAML_FLAG_STRICT, br_conf_choice_t, value, s_fail_modes,
                      sizeof s_fail_modes / sizeof *s_fail_modes),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_fail_entry = ENTRY (br_conf_choice_t, s_fail_fields);

//  The rows of what is done: of the whole, and of each rule.
#define ACTIONS(type)                                                                    \
    LIST_AT ("upgoing", type, actions.upgoing, s_choice_entry),                          \
        LIST_AT ("downgoing", type, actions.downgoing, s_choice_entry),                  \
        LIST_AT ("custom_upgoing", type, actions.custom_upgoing, s_choice_entry),        \
        LIST_AT ("custom_downgoing", type, actions.custom_downgoing, s_choice_entry),    \
        LIST_AT ("fail", type, actions.fail, s_fail_entry)

const cyaml_schema_field_t br_conf_pattern_fields[] = {
    NEED (br_conf_pattern_t, name),
    NEED (br_conf_pattern_t, regex),
    WORD (br_conf_pattern_t, direction, s_directions),
    WORD (br_conf_pattern_t, action, br_conf_action_words),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_pattern_entry = ENTRY (br_conf_pattern_t,
                                                           br_conf_pattern_fields);

static const cyaml_schema_field_t s_block_message_fields[] = {
    YESNO (br_conf_block_message_t, include_details),
    YESNO (br_conf_block_message_t, include_help_link),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_filter_fields[] = {
    LIST (br_conf_filter_t, allow, br_conf_text_entry),
    LIST (br_conf_filter_t, deny, br_conf_text_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_param_rule_fields[] = {
    NEED (br_conf_param_rule_t, id),
    LIST (br_conf_param_rule_t, allow, br_conf_text_entry),
    LIST (br_conf_param_rule_t, deny, br_conf_text_entry),
    WORD (br_conf_param_rule_t, action, s_param_actions),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_param_rule_entry = ENTRY (br_conf_param_rule_t,
                                                              s_param_rule_fields);

static const cyaml_schema_field_t s_params_fields[] = {
    LIST (br_conf_params_t, rules, s_param_rule_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_tool_guard_fields[] = {
    NEED (br_conf_tool_guard_t, id),
    PART (br_conf_tool_guard_t, filter, s_filter_fields),
    PART (br_conf_tool_guard_t, param_restrictions, s_params_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_tool_guard_entry = ENTRY (br_conf_tool_guard_t,
                                                              s_tool_guard_fields);

static const cyaml_schema_field_t s_tool_guards_fields[] = {
    YESNO (br_conf_tool_guards_t, enabled),
    LIST (br_conf_tool_guards_t, providers, s_tool_guard_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_guard_rule_fields[] = {
    LIST (br_conf_guard_rule_t, keys, br_conf_text_entry),
    LIST (br_conf_guard_rule_t, routes, br_conf_text_entry),
    LIST (br_conf_guard_rule_t, providers, br_conf_text_entry),
    ACTIONS (br_conf_guard_rule_t),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_guard_rule_entry = ENTRY (br_conf_guard_rule_t,
                                                              s_guard_rule_fields);

const cyaml_schema_field_t br_conf_guardrails_fields[] = {
    YESNO (br_conf_guardrails_t, enabled),
    LIST (br_conf_guardrails_t, disabled_patterns, br_conf_text_entry),
    LIST (br_conf_guardrails_t, custom_patterns, s_pattern_entry),
    ACTIONS (br_conf_guardrails_t),
    LIST (br_conf_guardrails_t, rules, s_guard_rule_entry),
    LIST (br_conf_guardrails_t, allow, br_conf_text_entry),
    PART (br_conf_guardrails_t, block_message, s_block_message_fields),
    PART (br_conf_guardrails_t, tools, s_tool_guards_fields),
    CYAML_FIELD_END,
};
