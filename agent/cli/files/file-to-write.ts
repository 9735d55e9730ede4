import { lstatSync, readlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

/**
 * Where a command is to write. A file comes into its place whole, under its name: of a device, a pipe or /dev/stdout nothing
 * would be left but that file, for every program of the machine. Throws InvalidArgumentError.
 */
export function fileToWrite(text: string): string {
  const path = resolve(text)
  const found = lstatSync(path, { throwIfNoEntry: false })
  const isOpenFile = found?.isSymbolicLink() === true && readlinkSync(path).startsWith('/proc/')
  const isPlain = found === undefined || found.isFile() || found.isDirectory() || found.isSymbolicLink()
  if (isPlain && !isOpenFile) return path
  throw new InvalidArgumentError('It is no file: name one, and copy that to where it shall go.')
}
