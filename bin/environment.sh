# Sourced by both launchers, in the clone and in the package, before they become the program.
#
# The environment in which the program is started must not decide whom it trusts, to which address it connects or which
# code it loads: agent.json does. A variable is dropped by its reader, which the start of its name tells, not by its
# effect: a new version of Node or of a library brings new ones. FISKAL_EDGE_DROPPED names them for the log, without
# their values.
unset FISKAL_EDGE_DROPPED FISKAL_EDGE_IGNORED

# One name a line; a line feed in a value is no new line. `cat` reads its own environment, which is that of the launcher.
exported_names() {
  if [ -r /proc/self/environ ]; then
    cat /proc/self/environ | tr '\0\n' '\n ' | sed 's/=.*//'
  else
    env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'
  fi
}

set -f
for edge_name in $(exported_names); do
  case $edge_name in
    # Ours; where compiled code is cached decides nothing; npm's own settings; names that no shell can drop.
    FISKAL_EDGE_* | NODE_COMPILE_CACHE | npm_* | [0-9]* | *[!A-Za-z0-9_]*) continue ;;
    # Node, its event loop and its OpenSSL.
    NODE_* | UV_* | OPENSSL_* | SSL* | CTLOG_* | RANDFILE) ;;
    # Proxies of any protocol, and how names are resolved: resolver(5), c-ares.
    *_[Pp][Rr][Oo][Xx][Yy] | RES_OPTIONS | LOCALDOMAIN | HOSTALIASES | RESOLV_* | CARES_*) ;;
    # PostgreSQL, SQLite, loaders of native modules, and the switch by which libraries write more output.
    PG* | SQLITE_* | NAPI_RS_* | DEBUG | DEBUG_*) ;;
    *) continue ;;
  esac
  unset "$edge_name"
  FISKAL_EDGE_DROPPED="${FISKAL_EDGE_DROPPED:+$FISKAL_EDGE_DROPPED }$edge_name"
done
set +f

# Node resets every signal that its parent ignored before any code of ours runs: nohup ignores SIGHUP, and a shell also
# SIGINT and SIGQUIT of a job in the background of a script. SIGTERM is never ignored: a stop must be possible.
if [ -r /proc/self/status ]; then
  while read -r edge_name edge_value; do
    [ "$edge_name" = SigIgn: ] || continue
    case $edge_value in *[13579bdf]) FISKAL_EDGE_IGNORED=SIGHUP ;; esac
    case $edge_value in *[2367abef]) FISKAL_EDGE_IGNORED="${FISKAL_EDGE_IGNORED:+$FISKAL_EDGE_IGNORED }SIGINT" ;; esac
    case $edge_value in *[4-7c-f]) FISKAL_EDGE_IGNORED="${FISKAL_EDGE_IGNORED:+$FISKAL_EDGE_IGNORED }SIGQUIT" ;; esac
  done </proc/self/status
fi
[ -z "${FISKAL_EDGE_DROPPED-}" ] || export FISKAL_EDGE_DROPPED
[ -z "${FISKAL_EDGE_IGNORED-}" ] || export FISKAL_EDGE_IGNORED
