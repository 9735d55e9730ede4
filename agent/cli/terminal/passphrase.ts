import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { secretIn } from '../../../base/secret-file.ts'
import { CodedError } from '../../../base/thrown.ts'
import { BrokenOffError } from './broken-off.ts'

/** A terminal at which a person can be asked. */
type Terminal = { input: NodeJS.ReadableStream & { isTTY?: boolean }; output: NodeJS.WritableStream }

const HERE: Terminal = { input: process.stdin, output: process.stderr }

/** The content of a file. Throws the error of the system. */
export type ReadFile = (path: string) => Uint8Array
export const readNow: ReadFile = (path) => readFileSync(path)

/** The content of a file, or a passphrase typed without an echo; undefined if there is neither file nor terminal. */
export async function readPassphrase(
  file: string | undefined,
  question: string,
  terminal = HERE,
  read = readNow,
): Promise<string | undefined> {
  if (file !== undefined) return demand(secretIn(read(file), file))
  return terminal.input.isTTY === true ? demand(await typed(question, terminal)) : undefined
}

/** For a new secret, typed twice: a typing error without an echo would be noticed too late. */
export async function readNewPassphrase(
  file: string | undefined,
  question: string,
  terminal = HERE,
): Promise<string | undefined> {
  const passphrase = await readPassphrase(file, question, terminal)
  const isTyped = file === undefined && passphrase !== undefined
  if (isTyped && (await typed('Again: ', terminal)) !== passphrase)
    throw new CodedError('passphrase_differs', 'The two passphrases are not the same: nothing was done.')
  return passphrase
}

async function typed(question: string, { input, output }: Terminal): Promise<string> {
  output.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asked = createInterface({ input, output: silent, terminal: true })
  try {
    return await asked.question('')
  } catch {
    // Ctrl-C, Ctrl-D: the error of readline names neither the question nor the effect.
    throw new BrokenOffError('Broken off at the passphrase: nothing was done.')
  } finally {
    asked.close()
    output.write('\n')
  }
}

function demand(passphrase: string): string {
  if (passphrase === '') throw new CodedError('passphrase_missing', 'The passphrase is empty.')
  return passphrase
}
