// One line for each command, sorted by file name.
