import { lstatSync, readlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

/**
 * Parses the path of a file to write. It is renamed into place when complete, which would replace a device, a pipe or
 * /dev/stdout for every program of the machine. Throws InvalidArgumentError.
 */
export function fileToWrite(text: string): string {
  const path = resolve(text)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  const isOpenFile = stats?.isSymbolicLink() === true && readlinkSync(path).startsWith('/proc/')
  const isPlain = stats === undefined || stats.isFile() || stats.isDirectory() || stats.isSymbolicLink()
  if (isPlain && !isOpenFile) return path
  throw new InvalidArgumentError('It is not a file: name a file, and copy it to its destination.')
}
