# The first line of journal.version is the schema of the journal, the others are "name value".
journals() {
  echo /var/lib/fiskal-edge
  [ ! -f /etc/fiskal-edge/agent.json ] ||
    sed -n 's/^[^/]*"state"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' /etc/fiskal-edge/agent.json
}

# Checks every journal of this machine. $1: a version of the program, $2: its schema ("" if unknown).
refuse_newer_journals() {
  journals | while read -r state; do
    file="$state/journal.version"
    [ -f "$file" ] || continue
    found=$(sed -n '1s/^\([0-9][0-9]*\)$/\1/p' "$file")
    safe=$(sed -n 's/^min_safe_version \([0-9][0-9.]*\)$/\1/p' "$file")
    [ -n "$found" ] || continue
    [ -z "$2" ] || [ "$found" -gt "$2" ] || continue
    [ -z "$safe" ] || ! dpkg --compare-versions "$1" ge "$safe" || continue
    [ -n "$safe$2" ] || continue
    echo "fiskal-edge: journal_too_new: the journal in $state has schema $found and can be opened by fiskal-edge ${safe:-of a newer version} or newer, and this is $1." >&2
    echo "fiskal-edge: nothing was changed, the shop continues to sell; install that version (or one that is newer still)." >&2
    exit 1
  done
}
