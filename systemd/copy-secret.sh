# Run by fiskal-edge-secret@.service as the user of the agent. $1: the name of the copy.
set -eu
new=$CREDENTIALS_DIRECTORY/secret
copy=$RUNTIME_DIRECTORY/$1
if ! cmp -s -- "$new" "$copy"; then
  cp -- "$new" "$RUNTIME_DIRECTORY/.$1"
  chmod 600 -- "$RUNTIME_DIRECTORY/.$1"
  mv -f -- "$RUNTIME_DIRECTORY/.$1" "$copy"
fi
# A change during this run was missed: the agent, which watches this folder, asks for another one. Not behind one that it asked for.
case ${TRIGGER_PATH-} in
'' | /run/fiskal-edge/renew) ;;
*)
  : >"$RUNTIME_DIRECTORY/.changed.$1"
  rm -f -- "$RUNTIME_DIRECTORY/.changed.$1"
  ;;
esac
# When the file was read: what changes later is newer than its copy.
touch -r "$new" -- "$copy"
