#!/usr/bin/env bash
#  Each pitfall P-01 to P-40 and each pair of protocols has a row in pitfalls.list and a
#  test of its own name; a test counts when it is defined and listed in a program. Runs
#  with any POSIX shell and awk.

set -eu
cd "$(dirname "$0")/../.."

list=tests/tools/pitfalls.list

#  Names of tests: defined as "name (void **state)", and named once more where they are run.
find tests -name 'test_*.c' -exec awk -v list="$list" '
function trim(text) {
    gsub (/^[ \t]+|[ \t]+$/, "", text)
    return text
}
function complain(text) {
    print text
    bad = 1
}
#  in:   row, its key; prefix, of the first test
function check(row, prefix,    n, names, i) {
    if (!(row in tests)) {
        complain(row " is not in " list)
        return
    }
    n = split (tests[row], names, " ")
    if (n == 0 || index (names[1], prefix) != 1)
        complain(row " has no test that begins with " prefix)
    for (i = 1; i <= n; i++)
        if (!(names[i] in defined))
            complain(row ": there is no test " names[i])
        else if (!(names[i] in run))
            complain(row ": the test " names[i] " is never run")
}
FILENAME == list {
    if ($0 ~ /^#/ || $0 ~ /^[ \t]*$/)
        next
    n = split ($0, part, "|")
    if (n != 3 || trim(part[2]) == "")
        complain(list ": not number | what | tests: " $0)
    else if (trim(part[1]) in tests)
        complain(trim(part[1]) " is twice in " list)
    else {
        tests[trim(part[1])] = trim(part[3])
        rows++
    }
    next
}
/^[a-z][a-z0-9_]* \(void \*\*state\)/ { defined[$1] = 1 }
#  Handed to something, under whatever macro, and not called.
/^ .*[a-z0-9_][),]/ {
    text = $0
    gsub (/[A-Za-z0-9_]+ \(/, " ", text)
    gsub (/[^a-z0-9_]+/, " ", text)
    n = split (text, words, " ")
    for (i = 1; i <= n; i++)
        run[words[i]] = 1
}
END {
    for (i = 1; i <= 40; i++)
        check(sprintf ("P-%02d", i), sprintf ("p_%02d_", i))
    n = split ("chat responses messages google", names, " ")
    for (i = 1; i <= n; i++)
        for (k = 1; k <= n; k++)
            check(names[i] "-" names[k], "pair_" names[i] "_to_" names[k])
    if (!bad && rows != 40 + n * n)
        complain(list " has rows that are neither pitfall nor pair")
    exit bad
}' "$list" {} +
