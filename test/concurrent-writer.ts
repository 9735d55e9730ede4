import { readFileSync } from 'node:fs'
import { replaceConcurrently } from '../base/durable-file.ts'

/** Writes its own text to one place again and again, and fails if it finds half of any text there. */
const [, , path = '', letter = '', rounds = '0'] = process.argv
for (let round = 0; round < Number(rounds); round++) {
  replaceConcurrently(path, letter.repeat(10_000), 0o644)
  const content = readFileSync(path, 'utf8')
  if (content !== content.charAt(0).repeat(10_000)) throw new Error(`half a file: ${content.length} bytes`)
}
