//  completions: scripts that let a shell complete what is typed. They are the same for
//  every version: what may stand where, they ask the program, which reads its own tables.

#include <stdio.h>
#include <string.h>

#include "cli/completer.h"

//  ---- the scripts

//  Words are read from the line itself, since ':' and '=' split the shell's own.
static const char s_bash[] =
    "#  bash completion of bitrouter; made by `bitrouter completions bash`.\n"
    "_bitrouter () {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} row word begun kept=\n"
    "    local -a words\n"
    "    read -ra words <<< \"$line\"\n"
    "    [[ $line == *[[:space:]] ]] && words+=(\"\")\n"
    "    begun=${words[${#words[@]}-1]}\n"
    "    [[ $COMP_WORDBREAKS == *:* && $begun == *:* ]] && kept=${begun%:*}:\n"
    "    [[ $COMP_WORDBREAKS == *=* && $begun == *=* && ${#kept} -le ${#begun} ]] \\\n"
    "        && [[ -z $kept || $kept != *=* ]] && kept=${begun%%=*}=\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r row; do\n"
    "        word=${row%%$'\\t'*}\n"
    "        if [[ $word == @files ]]; then\n"
    "            compopt -o default -o bashdefault 2> /dev/null\n"
    "        else\n"
    "            COMPREPLY+=(\"${word#\"$kept\"}\")\n"
    "        fi\n"
    "    done < <(\"${words[0]}\" completions words -- \"${words[@]:1}\" 2> /dev/null)\n"
    "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *: ]] && compopt -o nospace\n"
    "}\n"
    "complete -F _bitrouter bitrouter\n";

static const char s_zsh[] =
    "#compdef bitrouter\n"
    "#  zsh completion of bitrouter; made by `bitrouter completions zsh`.\n"
    "_bitrouter () {\n"
    "    local row word\n"
    "    local -a found told\n"
    "    for row in \"${(@f)$(\"${words[1]}\" completions words -- "
    "\"${(@)words[2,CURRENT]}\" 2> /dev/null)}\"; do\n"
    "        word=${row%%$'\\t'*}\n"
    "        [[ -n $word ]] || continue\n"
    "        if [[ $word == @files ]]; then\n"
    "            _files\n"
    "        else\n"
    "            found+=(\"$word\")\n"
    "            told+=(\"${row/$'\\t'/  }\")\n"
    "        fi\n"
    "    done\n"
    "    (( ${#found} )) && compadd -Q -l -d told -a found\n"
    "}\n"
    "if [[ $funcstack[1] == _bitrouter ]]; then\n"
    "    _bitrouter \"$@\"\n"
    "else\n"
    "    compdef _bitrouter bitrouter\n"
    "fi\n";

static const char s_fish[] =
    "#  fish completion of bitrouter; made by `bitrouter completions fish`.\n"
    "function __bitrouter_words\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l rows ($words[1] completions words -- $words[2..-1] 2> /dev/null)\n"
    "    for row in $rows\n"
    "        if test \"$row\" = @files\n"
    "            __fish_complete_path (commandline -ct)\n"
    "        else\n"
    "            echo $row\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c bitrouter -f -a '(__bitrouter_words)'\n";

static int
s_print (const cli_t *cli, const char *shell, const char *script, int argc, char **argv)
{
    (void) cli; //  a script is no JSON
    char path[64];
    snprintf (path, sizeof path, "completions %s", shell);
    if (cli_take_no_more (path, 1, argc, argv))
        return CLI_USAGE;
    fputs (script, stdout);
    return CLI_OK;
}

//  ---- commands

static int
s_run_bash (const cli_t *cli, int argc, char **argv)
{
    return s_print (cli, "bash", s_bash, argc, argv);
}

static int
s_run_zsh (const cli_t *cli, int argc, char **argv)
{
    return s_print (cli, "zsh", s_zsh, argc, argv);
}

static int
s_run_fish (const cli_t *cli, int argc, char **argv)
{
    return s_print (cli, "fish", s_fish, argc, argv);
}

//  argv[1] is "--", so that nothing behind it is taken for a flag of this command.
static int
s_run_words (const cli_t *cli, int argc, char **argv)
{
    if (argc < 3 || strcmp (argv[1], "--") != 0)
        return cli_usage ("completions words", "give -- and the words of a command line");
    cli_completer_print (cli, argc - 2, argv + 2, stdout);
    return CLI_OK;
}

static const cli_command_t s_bash_command = {
    .name = "bash",
    .args = "",
    .about = "the script for bash",
    .help = "  eval \"$(bitrouter completions bash)\"   in ~/.bashrc, where it is not\n"
            "                                         installed\n",
    .run = s_run_bash,
};

static const cli_command_t s_zsh_command = {
    .name = "zsh",
    .args = "",
    .about = "the script for zsh",
    .help = "  eval \"$(bitrouter completions zsh)\"   in ~/.zshrc behind compinit, "
            "where it\n"
            "                                        is not installed\n",
    .run = s_run_zsh,
};

static const cli_command_t s_fish_command = {
    .name = "fish",
    .args = "",
    .about = "the script for fish",
    .help = "  bitrouter completions fish > ~/.config/fish/completions/bitrouter.fish\n",
    .run = s_run_fish,
};

static const cli_command_t s_words_command = {
    .name = "words",
    .args = "-- WORD...",
    .about = "what may stand in the place of the last word; the scripts ask this",
    .run = s_run_words,
};

static const cli_command_t *const s_commands[] = { &s_bash_command, &s_zsh_command,
                                                   &s_fish_command, &s_words_command,
                                                   NULL };

const cli_command_t cli_completions = {
    .name = "completions",
    .args = "bash | zsh | fish",
    .about = "a script that completes what is typed, for a shell",
    .help = "`make install` puts them where shells look for them.\n",
    .commands = s_commands,
};
