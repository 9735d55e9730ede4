import { createInterface } from 'node:readline/promises'
import { visible } from '../../../base/text.ts'
import { CodedError } from '../../../base/thrown.ts'

/**
 * For an irreversible command. A person types `word` after reading `why`; a script passes --yes and needs no terminal.
 * `script`: the advice to a script.
 */
export async function confirm(why: string, word: string, script = 'If it is meant: --yes.'): Promise<void> {
  if (!process.stdin.isTTY) throw new CodedError('not_confirmed', `${why} ${script} Nothing was done.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    // Ctrl-C and Ctrl-D mean no.
    const typed = await terminal.question(`${visible(why)}\nType ${word} if it is meant: `).catch(() => '')
    if (typed.trim() !== word) throw new CodedError('not_confirmed', 'Nothing was done.')
  } finally {
    terminal.close()
  }
}
