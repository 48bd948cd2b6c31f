//  no_jit: PCRE2 without machine code of its own, for what runs under valgrind: that code
//  reads sixteen bytes at a time, some of them behind the text, and valgrind takes what
//  follows for undefined. Loaded in front of the library; who matches falls back by itself.

#include <stdint.h>

#define ERROR_JIT_BADOPTION (-45) //  as PCRE2 numbers it

int pcre2_jit_compile_8 (void *code, uint32_t options);

int
pcre2_jit_compile_8 (void *code, uint32_t options)
{
    (void) code;
    (void) options;
    return ERROR_JIT_BADOPTION;
}
