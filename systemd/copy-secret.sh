# Run by fiskal-edge-secret@.service as the user of the agent. $1: the name of the copy.
set -eu
new=$CREDENTIALS_DIRECTORY/secret
copy=$RUNTIME_DIRECTORY/$1
if ! cmp -s -- "$new" "$copy"; then
  cp -- "$new" "$RUNTIME_DIRECTORY/.$1"
  chmod 600 -- "$RUNTIME_DIRECTORY/.$1"
  mv -f -- "$RUNTIME_DIRECTORY/.$1" "$copy"
fi
# A change during this run was missed: the agent watches this folder and asks for another run. Not after its own request.
case ${TRIGGER_PATH-} in
'' | /run/fiskal-edge/renew) ;;
*)
  : >"$RUNTIME_DIRECTORY/.changed.$1"
  rm -f -- "$RUNTIME_DIRECTORY/.changed.$1"
  ;;
esac
# The copy has the time of the file that was read: a later change is newer.
touch -r "$new" -- "$copy"
