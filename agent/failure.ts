/** What a disk needs that no longer takes or gives what it should. */
export const BROKEN_DISK =
  'The disk may be broken (dmesg): mount it again after fsck, or restore the last backup on another one'

/** Of a command that failed: 1, unless the failure has one of its own. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 1
}

/** One sentence with a stable code for whoever started the program: `config_invalid: agent.json: devices[0].id: is missing`. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `internal_error: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal_error'
  if (code === 'EADDRINUSE')
    return `address_in_use: ${error.message}. Another program has the port: change listen.port or stop it`
  if (code === 'EACCES' || code === 'EPERM')
    return `permission_denied: ${error.message}. Run it as the user whom that belongs to, or give it to this one (chown)`
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL')
    return `storage_unavailable: ${error.message}. Free space on that disk (df -h), or files (df -i): nothing that was answered is lost`
  if (code === 'EROFS' || code === 'EIO') return `storage_unavailable: ${error.message}. ${BROKEN_DISK}`
  if (code === 'EISDIR') return `path_unusable: ${error.message}. It is a folder: name the file in it`
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `path_unusable: ${error.message}. Check the path: what is read must be there, what is written must be on a disk that can be written`
  if (code.startsWith('SQLITE_'))
    return `storage_unavailable: ${error.message} (${code}). Check the disk, its room (df -h, df -i) and the owner of the state directory: fiskal-edge doctor`
  return `${code}: ${error.message}`
}
