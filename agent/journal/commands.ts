/** Outcomes go first, then the ends of operations that are open (`finish`), so that running operations finish before new ones. */
export type Priority = 'outcome' | 'finish' | 'intent'

export type Outcome<T> = { result: T } | { refusal: Error }

/** `reportResult` reports the result of `run` to the caller, once it is durable. */
export type Command = {
  run: () => void
  reportResult: () => void
  reject: (error: Error) => void
  /** The time since which it is known to wait for a held journal. */
  heldSinceMs?: number
}

/** Commands that share one transaction and one sync. */
const GROUP_LIMIT = 64

/** Commands that wait for the next group. */
export class Commands {
  readonly #waiting: Record<Priority, Command[]> = { outcome: [], finish: [], intent: [] }

  get count(): number {
    const { outcome, finish, intent } = this.#waiting
    return outcome.length + finish.length + intent.length
  }

  add<T>(priority: Priority, run: () => Outcome<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let outcome: Outcome<T> | undefined
      this.#waiting[priority].push({
        run: () => {
          outcome = run()
        },
        reportResult: () => {
          if (outcome === undefined) reject(new Error('a command that did not run has no result'))
          else if ('refusal' in outcome) reject(outcome.refusal)
          else resolve(outcome.result)
        },
        reject,
      })
    })
  }

  /** Runs commands into `group`, outcomes first, as long as there is time: the rest is left for the next one. */
  runGroup(group: Command[], hasTime: () => boolean): void {
    const { outcome, finish, intent } = this.#waiting
    do {
      const command = outcome.shift() ?? finish.shift() ?? intent.shift()
      if (command === undefined) return
      group.push(command)
      command.run()
    } while (group.length < GROUP_LIMIT && hasTime())
  }

  /**
   * Removes commands that have waited for a held journal too long, except outcomes: the journal must record what a
   * device did.
   */
  takeOverdue(nowMs: number, limitMs: number): Command[] {
    return (['finish', 'intent'] as const).flatMap((priority) => {
      const overdue: Command[] = []
      this.#waiting[priority] = this.#waiting[priority].filter((command) => {
        command.heldSinceMs ??= nowMs
        const isOverdue = nowMs - command.heldSinceMs >= limitMs
        if (isOverdue) overdue.push(command)
        return !isOverdue
      })
      return overdue
    })
  }

  takeAll(): Command[] {
    return Object.values(this.#waiting).flatMap((waiting) => waiting.splice(0))
  }
}
