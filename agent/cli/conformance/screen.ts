import { createInterface } from 'node:readline/promises'
import { visible } from '../../../base/text.ts'
import { print } from '../terminal/output.ts'

/** The output of a run, and the person who can be asked. */
export type Screen = {
  /** True if a person sits at it. */
  readonly hasPerson: boolean
  say(line: string): void
  isTrue(question: string): Promise<boolean>
}

/** With `--json` standard output has the report alone. */
export function terminalScreen(isJson: boolean): Screen {
  return {
    hasPerson: process.stdin.isTTY && process.stderr.isTTY,
    say: (line) => {
      if (isJson) process.stderr.write(`${visible(line)}\n`)
      else print(line)
    },
    isTrue: async (question) => {
      const terminal = createInterface({ input: process.stdin, output: process.stderr })
      try {
        return /^y/i.test(await terminal.question(`${visible(question)} (y/n) `).catch(() => ''))
      } finally {
        terminal.close()
      }
    },
  }
}

const SALES = [
  'Sell something, and take the money in cash.',
  'Sell goods of two rates.',
  'Take goods back (return).',
  'Begin a sale and void it.',
]

/** Names the cashier's next step. */
export class Steps {
  readonly #screen: Screen
  readonly #acts = new Set<string>()
  #sales = 0
  #last = ''

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** `type`: of an operation that was created. `isShown`: each fault was met. */
  next(type: string | undefined, isShown: boolean): void {
    if (type === 'session_close') this.#acts.clear()
    else if (type?.startsWith('session_') === true) this.#acts.add(type)
    else if (type !== undefined) this.#sales++
    const step = this.#step(isShown)
    if (step !== this.#last) this.#screen.say(`next: ${step}`)
    this.#last = step
  }

  #step(isShown: boolean): string {
    if (!this.#acts.has('session_open')) return 'Open a shift with 50.00 in the drawer.'
    if (!isShown) return SALES[this.#sales % SALES.length] ?? ''
    if (!this.#acts.has('session_cash_adjustment')) return 'Take 20.00 out of the drawer (adjust).'
    return this.#acts.has('session_cash_count') ? 'Close the shift.' : 'Count the drawer.'
  }
}
