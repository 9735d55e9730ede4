import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** A folder on another file system than that of temporary files, as a stick is. */
export function otherDisk(): string {
  const deviceOf = (folder: string): number | undefined => statSync(folder, { throwIfNoEntry: false })?.dev
  const here = deviceOf(tmpdir())
  const other = ['/dev/shm', '/tmp', '/var/tmp'].find((folder) => ![undefined, here].includes(deviceOf(folder)))
  if (other === undefined) throw new Error('all that a test may write to here is one file system')
  return other
}
