#  The marked blocks of a Markdown page, for run: those whose fence says file=PATH or test.
#  Block NN goes to FOLDER/NN.body, its marks to FOLDER/NN.marks; awk -v folder=FOLDER.

/^```/ && !inside {
    inside = 1
    wanted = / (file=|test)/
    if (wanted) {
        name = sprintf ("%s/%02d", folder, ++count)
        sub (/^```[a-z0-9]* */, "")
        print > (name ".marks")
        printf "" > (name ".body")
    }
    next
}

/^```/ {
    if (wanted) {
        close (name ".marks")
        close (name ".body")
    }
    inside = wanted = 0
    next
}

wanted { print > (name ".body") }
