/** Outcomes go before intents, so that running operations finish first. */
export type Priority = 'outcome' | 'intent'

export type Outcome<T> = { result: T } | { refusal: Error }

/** `settle` tells the caller what `run` came to: not before it is durable. */
export type Command = { run: () => void; settle: () => void; reject: (error: Error) => void }

/** Commands that share one transaction and one sync. */
const GROUP_LIMIT = 64

/** Commands that wait for the next group. */
export class Commands {
  readonly #waiting: Record<Priority, Command[]> = { outcome: [], intent: [] }

  get count(): number {
    return this.#waiting.outcome.length + this.#waiting.intent.length
  }

  add<T>(priority: Priority, run: () => Outcome<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let outcome: Outcome<T> | undefined
      this.#waiting[priority].push({
        run: () => {
          outcome = run()
        },
        settle: () => {
          if (outcome === undefined) reject(new Error('a command was settled that did not run'))
          else if ('refusal' in outcome) reject(outcome.refusal)
          else resolve(outcome.result)
        },
        reject,
      })
    })
  }

  /** Runs commands into `group`, outcomes first, as long as there is time: the rest is left for the next one. */
  runGroup(group: Command[], hasTime: () => boolean): void {
    const { outcome, intent } = this.#waiting
    do {
      const command = outcome.shift() ?? intent.shift()
      if (command === undefined) return
      group.push(command)
      command.run()
    } while (group.length < GROUP_LIMIT && hasTime())
  }

  takeAll(): Command[] {
    return [...this.#waiting.outcome.splice(0), ...this.#waiting.intent.splice(0)]
  }
}
