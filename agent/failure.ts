/** What a disk needs that no longer takes or gives what it should. */
export const BROKEN_DISK =
  'The disk may be broken (dmesg): mount it again after fsck, or restore the last backup on another one'

/** Of a command that failed: 1, unless the failure has one of its own. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 1
}

const NO_RIGHT = [
  'permission_denied',
  'Run it as the user whom that belongs to, or give it to this one (chown)',
] as const
const NO_ROOM = [
  'storage_unavailable',
  'Free space on that disk (df -h), or files (df -i): nothing that was answered is lost',
] as const
const BROKEN = ['storage_unavailable', BROKEN_DISK] as const
const NO_PATH = [
  'path_unusable',
  'Check the path: what is read must be there, what is written must be on a disk that can be written',
] as const
const NO_ADDRESS = [
  'address_unusable',
  'It is no address of this machine: correct listen.host (ip address shows what there is)',
] as const
const GONE = [
  'path_unusable',
  'The share or disk behind that path is gone: mount it again (umount -l, then mount -a)',
] as const
/** Asked for by its path alone: what no port is refused with. */
const NO_SOCKETS = [
  'path_unusable',
  'That file system takes no sockets (FAT, exFAT, a share): put "state" on a disk of this machine, as ext4',
] as const
const NO_NAME = [
  'host_unknown',
  'Host name not found: correct it (listen.host or the given address), or check DNS',
] as const
const NO_MORE = [
  'limit_reached',
  'The system gives this program no more of that: end what takes it, or raise its limit (ulimit -a; of the service LimitNOFILE, TasksMax)',
] as const

/** What the system calls it, with the call where that matters → our code, and how to fix it. */
const WORDS: Readonly<Record<string, readonly [code: string, remedy: string]>> = {
  EADDRINUSE: ['address_in_use', 'Another program has the port: change listen.port or stop it'],
  'EPERM listen': NO_SOCKETS,
  'EIO listen': NO_SOCKETS,
  'ENOTSUP listen': NO_SOCKETS,
  'ENOSYS listen': NO_SOCKETS,
  ...{ EADDRNOTAVAIL: NO_ADDRESS, EAFNOSUPPORT: NO_ADDRESS },
  ...{ ENOTFOUND: NO_NAME, EAI_AGAIN: NO_NAME },
  'EACCES listen': ['permission_denied', 'A port below 1024 needs root: use another one in listen.port'],
  ...{ EACCES: NO_RIGHT, EPERM: NO_RIGHT },
  ...{ ENOSPC: NO_ROOM, EDQUOT: NO_ROOM, SQLITE_FULL: NO_ROOM },
  ...{ EROFS: BROKEN, EIO: BROKEN },
  EISDIR: ['path_unusable', 'It is a folder: name the file in it'],
  ...{ ENOENT: NO_PATH, ENOTDIR: NO_PATH, ELOOP: NO_PATH, ENAMETOOLONG: NO_PATH },
  // A network share whose server began anew, and a mount whose program has ended (sshfs, davfs).
  ...{ ESTALE: GONE, ENOTCONN: GONE },
  EFBIG: [
    'storage_unavailable',
    'That disk takes no file of this size (FAT: 4 GB): write it to another one, or format that one with exFAT or ext4',
  ],
  ...{ EMFILE: NO_MORE, ENFILE: NO_MORE, EAGAIN: NO_MORE, ENOMEM: NO_MORE },
}

/** One sentence with a stable code for whoever started the program: `config_invalid: agent.json: devices[0].id: is missing`. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `internal_error: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal_error'
  const syscall = 'syscall' in error ? error.syscall : undefined
  const words = WORDS[`${code} ${syscall}`] ?? WORDS[code]
  if (words !== undefined) return `${words[0]}: ${error.message}. ${words[1]}`
  if (code.startsWith('SQLITE_'))
    return `storage_unavailable: ${error.message} (${code}). Check the disk, its room (df -h, df -i) and the owner of the state directory: fiskal-edge doctor`
  return `${code}: ${error.message}`
}
