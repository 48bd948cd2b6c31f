//  protocol: the wire protocols that bitrouter speaks, by number. What each means stands in
//  its own folder.

#ifndef BR_PROTOCOL_H
#define BR_PROTOCOL_H

typedef enum {
    BR_PROTOCOL_CHAT,        //  OpenAI Chat Completions
    BR_PROTOCOL_RESPONSES,   //  OpenAI Responses
    BR_PROTOCOL_MESSAGES,    //  Anthropic Messages
    BR_PROTOCOL_GOOGLE,      //  Google Generative Language
    BR_PROTOCOL_COMPLETIONS, //  OpenAI Completions, the legacy ones
    BR_PROTOCOL_COUNT
} br_protocol_t;

#endif
