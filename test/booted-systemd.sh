# A machine of its own for a test: this system's files under an overlay, systemd as its first process, a network with
# nothing but loopback. Everything is gone with its first process, but for its cgroup. $1: the name of that.
set -e
# In the mounts of this process alone.
if [ "$2" != inside ]; then
  # Its processes are in no cgroup of another machine: systemd ends what it finds in the one of a unit.
  mount -t cgroup2 cgroup2 /mnt
  mkdir "/mnt/$1"
  echo 0 >"/mnt/$1/cgroup.procs"
  umount /mnt
  exec unshare --cgroup sh "$0" "$1" inside
fi
mount -t tmpfs -o size=2g box /mnt
cd /mnt
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
mount -t cgroup2 cgroup2 root/sys/fs/cgroup
for folder in run tmp var/tmp root opt; do mount -t tmpfs tmpfs root/$folder; done
mount --rbind /dev root/dev
mount --make-rprivate /
# As bare as a box is: no Node, no services of the machine that runs the test.
for folder in usr/local/bin usr/bin; do rm -f root/$folder/node root/$folder/npm root/$folder/npx; done
rm -rf root/etc/systemd/system/*.wants root/var/lib/fiskal-edge root/etc/fiskal-edge
: >root/etc/fstab
# Not a chroot: systemd mounts what it hands to a service, and looks for it from the root.
cd root
mkdir -p mnt/old
pivot_root . mnt/old
umount -l mnt/old
# As at the start of a machine; what is mounted for a service is seen by it this way.
mount --make-rshared /
exec env -i container=box PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=basic.target --log-target=null --show-status=0
