//  conf_schema_guard: the rows of "guardrails".

#include "broker/core/conf_rows.h"

static const cyaml_strval_t s_actions[] = { { "warn", 0 },
                                            { "redact", 1 },
                                            { "block", 2 } };

static const cyaml_strval_t s_directions[] = { { "upgoing", 0 },
                                               { "downgoing", 1 },
                                               { "both", 2 } };

static const cyaml_strval_t s_param_actions[] = { { "reject", 0 }, { "strip", 1 } };

static const cyaml_schema_field_t s_choice_fields[] = {
    NEED (br_conf_choice_t, key),
    CYAML_FIELD_ENUM ("value", CYAML_FLAG_STRICT, br_conf_choice_t, value, s_actions,
                      sizeof s_actions / sizeof *s_actions),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_choice_entry = ENTRY (br_conf_choice_t,
                                                          s_choice_fields);

const cyaml_schema_field_t br_conf_pattern_fields[] = {
    NEED (br_conf_pattern_t, name),
    NEED (br_conf_pattern_t, regex),
    WORD (br_conf_pattern_t, direction, s_directions),
    WORD (br_conf_pattern_t, action, s_actions),
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

const cyaml_schema_field_t br_conf_guardrails_fields[] = {
    YESNO (br_conf_guardrails_t, enabled),
    LIST (br_conf_guardrails_t, disabled_patterns, br_conf_text_entry),
    LIST (br_conf_guardrails_t, custom_patterns, s_pattern_entry),
    LIST (br_conf_guardrails_t, upgoing, s_choice_entry),
    LIST (br_conf_guardrails_t, downgoing, s_choice_entry),
    LIST (br_conf_guardrails_t, custom_upgoing, s_choice_entry),
    LIST (br_conf_guardrails_t, custom_downgoing, s_choice_entry),
    PART (br_conf_guardrails_t, block_message, s_block_message_fields),
    PART (br_conf_guardrails_t, tools, s_tool_guards_fields),
    CYAML_FIELD_END,
};
