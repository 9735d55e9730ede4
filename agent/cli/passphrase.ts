import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** What stands in a file, or is typed without an echo; undefined where there is neither file nor terminal. */
export async function readPassphrase(file: string | undefined, question: string): Promise<string | undefined> {
  if (file !== undefined) return demand(readFileSync(file, 'utf8').replace(/\r?\n$/, ''))
  if (!process.stdin.isTTY) return undefined
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asked = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return demand(await asked.question(''))
  } finally {
    asked.close()
    process.stderr.write('\n')
  }
}

/** There is none, or an empty one. */
export class PassphraseMissingError extends Error {
  override readonly name = 'PassphraseMissingError'
  readonly code = 'passphrase_missing'
}

function demand(passphrase: string): string {
  if (passphrase === '') throw new PassphraseMissingError('The passphrase is empty.')
  return passphrase
}
