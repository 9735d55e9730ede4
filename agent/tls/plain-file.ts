import { readFileSync, statSync } from 'node:fs'

/** Throws if the path is not a file: opening a pipe would block without end. */
export function readPlainFile(path: string): Buffer {
  if (!statSync(path).isFile()) throw new Error(`${path} is not a file.`)
  return readFileSync(path)
}
