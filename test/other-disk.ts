import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** A folder on another file system than that of temporary files, as a stick is. */
export function otherDisk(): string {
  const here = statSync(tmpdir()).dev
  const other = ['/dev/shm', '/tmp', '/var/tmp'].find((folder) => statSync(folder).dev !== here)
  if (other === undefined) throw new Error('all that a test may write to here is one file system')
  return other
}
