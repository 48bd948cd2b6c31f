//  conf_schema_agent: the rows of presets, content routing, MCP, server tools and agents.

#include "broker/core/conf_rows.h"

//  ---- presets, variants and content routing

static const cyaml_schema_field_t s_preference_fields[] = {
    TEXT (br_conf_preference_t, sort),
    LIST (br_conf_preference_t, require_tags, br_conf_text_entry),
    LIST (br_conf_preference_t, only, br_conf_text_entry),
    LIST (br_conf_preference_t, ignore, br_conf_text_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_preset_fields[] = {
    NEED (br_conf_preset_t, id),
    TEXT (br_conf_preset_t, model),
    TEXT (br_conf_preset_t, policy),
    TEXT (br_conf_preset_t, system_prompt),
    FREE (br_conf_preset_t, params),
    PART (br_conf_preset_t, routing, s_preference_fields),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_preset_entry = ENTRY (br_conf_preset_t,
                                                         s_preset_fields);

static const cyaml_schema_field_t s_signal_fields[] = {
    NEED (br_conf_signal_t, id),
    LIST (br_conf_signal_t, keywords, br_conf_text_entry),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_signal_entry = ENTRY (br_conf_signal_t,
                                                          s_signal_fields);

static const cyaml_schema_field_t s_complexity_fields[] = {
    LIST (br_conf_complexity_t, high_keywords, br_conf_text_entry),
    WHOLE (br_conf_complexity_t, message_length_threshold),
    WHOLE (br_conf_complexity_t, turn_count_threshold),
    YESNO (br_conf_complexity_t, code_blocks_increase_complexity),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_rule_fields[] = {
    NEED (br_conf_rule_t, id),
    YESNO (br_conf_rule_t, inherit_defaults),
    LIST (br_conf_rule_t, signals, s_signal_entry),
    PART (br_conf_rule_t, complexity, s_complexity_fields),
    LIST (br_conf_rule_t, models, br_conf_pair_entry),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_rule_entry = ENTRY (br_conf_rule_t, s_rule_fields);

//  ---- MCP servers and agents

static const cyaml_strval_t s_transports[] = { { "http", 0 },
                                               { "stdio", 1 },
                                               { "streamable_http", 0 } };

static const cyaml_schema_field_t s_transport_fields[] = {
    WORD (br_conf_transport_t, type, s_transports),
    TEXT (br_conf_transport_t, url),
    LIST (br_conf_transport_t, headers, br_conf_header_entry),
    TEXT (br_conf_transport_t, command),
    LIST (br_conf_transport_t, args, br_conf_text_entry),
    LIST (br_conf_transport_t, env, br_conf_secret_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_server_row_fields[] = {
    NEED (br_conf_server_row_t, id),
    TEXT (br_conf_server_row_t, name),
    PART (br_conf_server_row_t, transport, s_transport_fields),
    YESNO (br_conf_server_row_t, aggregate),
    TEXT (br_conf_server_row_t, tool_prefix),
    TEXT_AT ("url", br_conf_server_row_t, inline_transport.url),
    LIST_AT ("headers", br_conf_server_row_t, inline_transport.headers,
             br_conf_header_entry),
    TEXT_AT ("command", br_conf_server_row_t, inline_transport.command),
    LIST_AT ("args", br_conf_server_row_t, inline_transport.args, br_conf_text_entry),
    LIST_AT ("env", br_conf_server_row_t, inline_transport.env, br_conf_secret_entry),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_server_row_entry = ENTRY (br_conf_server_row_t,
                                                             s_server_row_fields);

static const cyaml_schema_field_t s_a2a_agent_fields[] = {
    NEED (br_conf_a2a_agent_t, name),
    NEED (br_conf_a2a_agent_t, url),
    TEXT (br_conf_a2a_agent_t, card_path),
    LIST (br_conf_a2a_agent_t, headers, br_conf_header_entry),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_a2a_agent_entry = ENTRY (br_conf_a2a_agent_t,
                                                            s_a2a_agent_fields);

static const cyaml_schema_field_t s_aggregate_fields[] = {
    YESNO (br_conf_aggregate_t, enabled),
    TEXT (br_conf_aggregate_t, route),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_mcp_cache_fields[] = {
    YESNO (br_conf_mcp_cache_t, enabled),
    WHOLE (br_conf_mcp_cache_t, tools_list_ttl_secs),
    WHOLE (br_conf_mcp_cache_t, resources_list_ttl_secs),
    WHOLE (br_conf_mcp_cache_t, resources_templates_list_ttl_secs),
    WHOLE (br_conf_mcp_cache_t, prompts_list_ttl_secs),
    WHOLE (br_conf_mcp_cache_t, max_entries_per_server),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_mcp_fields[] = {
    PART (br_conf_mcp_t, aggregate, s_aggregate_fields),
    PART (br_conf_mcp_t, cache, s_mcp_cache_fields),
    TEXT (br_conf_mcp_t, upstream_protocol),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_server_tools_fields[] = {
    LIST (br_conf_server_tools_t, mcp_servers, br_conf_text_entry),
    WHOLE (br_conf_server_tools_t, max_iterations),
    FREE (br_conf_server_tools_t, advisor),
    FREE (br_conf_server_tools_t, subagent),
    FREE (br_conf_server_tools_t, fusion),
    FREE (br_conf_server_tools_t, web_search),
    FREE (br_conf_server_tools_t, web_fetch),
    CYAML_FIELD_END,
};
