# Fetches SoftHSM for arm64 and what it needs into $1/root, beside the system's own packages: nothing is installed here.
set -e
folder=$1
mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial" "$folder/root"
: >"$folder/status"
arm64() {
  apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
    -o Debug::NoLocking=1 -o Dir::State="$folder/state" -o Dir::State::status="$folder/status" -o Dir::Cache="$folder/cache" "$@"
}
arm64 update
arm64 install -y --no-install-recommends --download-only libsofthsm2 libstdc++6
for package in "$folder"/cache/archives/*_arm64.deb; do dpkg-deb -x "$package" "$folder/root"; done
