/** The remedy for a disk that fails to read or write. */
export const BROKEN_DISK =
  'The disk may be broken (dmesg): mount it again after fsck, or restore the last backup on another one'

/** The exit code of a failed command: that of the error if it has one, else 1. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 1
}

const NO_RIGHT = [
  'permission_denied',
  'Run the command as the owner of that path, or give the path to this user (chown)',
] as const
const NO_ROOM = [
  'storage_unavailable',
  'Free space (df -h) or inodes (df -i) on that disk: nothing that was answered is lost',
] as const
const BROKEN = ['storage_unavailable', BROKEN_DISK] as const
const NO_PATH = [
  'path_unusable',
  'Check the path: a file to read must exist, a file to write must be on a writable disk',
] as const
const NO_ADDRESS = [
  'address_unusable',
  'This machine does not have that address: correct listen.host ("ip address" lists the addresses)',
] as const
const GONE = [
  'path_unusable',
  'The share or disk of that path was disconnected: mount it again (umount -l, then mount -a)',
] as const
/** For a socket that is a file. No port is refused with these errors. */
const NO_SOCKETS = [
  'path_unusable',
  'That file system does not support sockets (FAT, exFAT, a share): put "state" on a local disk with ext4',
] as const
const NO_NAME = [
  'host_unknown',
  'Host name not found: correct it (listen.host or the given address), or check DNS',
] as const
const NO_NAME_SERVER = [
  'name_server_silent',
  'Check the line to the internet and the name servers (/etc/resolv.conf); an address, or a line in /etc/hosts, needs none',
] as const
const NO_MORE = [
  'limit_reached',
  'A limit of the system is reached: stop other programs, or raise it (ulimit -a; for the service LimitNOFILE, TasksMax)',
] as const

/** By the system's error code, with the system call if it matters: the stable code and the remedy. */
const WORDS: Readonly<Record<string, readonly [code: string, remedy: string]>> = {
  EADDRINUSE: ['address_in_use', 'Another program has the port: change listen.port or stop it'],
  'EPERM listen': NO_SOCKETS,
  'EIO listen': NO_SOCKETS,
  'ENOTSUP listen': NO_SOCKETS,
  'ENOSYS listen': NO_SOCKETS,
  EADDRNOTAVAIL: NO_ADDRESS,
  EAFNOSUPPORT: NO_ADDRESS,
  ENOTFOUND: NO_NAME,
  name_server_silent: NO_NAME_SERVER,
  'EACCES listen': ['permission_denied', 'A port below 1024 needs root: use another one in listen.port'],
  EACCES: NO_RIGHT,
  EPERM: NO_RIGHT,
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  SQLITE_FULL: NO_ROOM,
  EROFS: BROKEN,
  EIO: BROKEN,
  EISDIR: ['path_unusable', 'It is a folder: name the file in it'],
  ENOENT: NO_PATH,
  ENOTDIR: NO_PATH,
  ELOOP: NO_PATH,
  ENAMETOOLONG: NO_PATH,
  // A network share whose server restarted, or a mount whose program has ended (sshfs, davfs).
  ESTALE: GONE,
  ENOTCONN: GONE,
  EFBIG: [
    'storage_unavailable',
    'That disk does not support files of this size (FAT: 4 GB): write to another disk, or format it with exFAT or ext4',
  ],
  EMFILE: NO_MORE,
  ENFILE: NO_MORE,
  EAGAIN: NO_MORE,
  ENOMEM: NO_MORE,
}

/**
 * The failure in one sentence with a stable code, as the program prints it:
 * `config_invalid: agent.json: devices[0].id: is missing`.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `internal_error: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal_error'
  const syscall = 'syscall' in error ? error.syscall : undefined
  const words = WORDS[`${code} ${syscall}`] ?? WORDS[code]
  if (words !== undefined) return `${words[0]}: ${error.message}. ${words[1]}`
  if (code.startsWith('SQLITE_'))
    return `storage_unavailable: ${error.message} (${code}). Check the disk, its free space (df -h, df -i) and the owner of the state directory: fiskal-edge doctor`
  return `${code}: ${error.message}`
}
