import { createInterface } from 'node:readline/promises'
import { visible } from '../../../base/text.ts'

/** An irreversible command was not confirmed: nothing was done. */
class NotConfirmedError extends Error {
  override readonly name = 'NotConfirmedError'
  readonly code = 'not_confirmed'
}

/**
 * For an irreversible command. A person types `word` after reading `why`; a script passes --yes and needs no terminal.
 */
export async function confirm(why: string, word: string): Promise<void> {
  if (!process.stdin.isTTY) throw new NotConfirmedError(`${why} If it is meant: --yes. Nothing was done.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    // Ctrl-C and Ctrl-D mean no.
    const typed = await terminal.question(`${visible(why)}\nType ${word} if it is meant: `).catch(() => '')
    if (typed.trim() !== word) throw new NotConfirmedError('Nothing was done.')
  } finally {
    terminal.close()
  }
}
