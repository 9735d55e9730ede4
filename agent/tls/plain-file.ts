import { readFileSync, statSync } from 'node:fs'

/** Throws where it is none: who opens a pipe waits for ever. */
export function readPlainFile(path: string): Buffer {
  if (!statSync(path).isFile()) throw new Error(`${path} is no file.`)
  return readFileSync(path)
}
