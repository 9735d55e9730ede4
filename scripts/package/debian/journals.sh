# The first line of journal.version is the schema of the journal, the others are "name value".
journals() {
  echo /var/lib/fiskal-edge
  [ ! -f /etc/fiskal-edge/agent.json ] ||
    sed -n 's/^[^/]*"state"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' /etc/fiskal-edge/agent.json
}

# Prints $1 if it is a version of this program; what cannot be read is refused below.
readable() {
  printf '%s\n' "$1" | grep -Ex '[0-9]+\.[0-9]+\.[0-9]+(~rc\.[0-9]+)?' || true
}

# Checks every journal of this machine. $1: a version of the program.
refuse_newer_journals() {
  version=$(readable "$1")
  journals | while read -r state; do
    file="$state/journal.version"
    [ -f "$file" ] || continue
    safe=$(readable "$(sed -n 's/^min_safe_version //p' "$file")")
    if [ -n "$version" ] && [ -n "$safe" ] && dpkg --compare-versions "$version" ge "$safe"; then continue; fi
    echo "fiskal-edge: journal_too_new: the journal in $state can be opened by fiskal-edge ${safe:-of a newer version} or newer, and this is $1." >&2
    echo "fiskal-edge: nothing was changed, the shop continues to sell; install that version (or one that is newer still)." >&2
    exit 1
  done
}
