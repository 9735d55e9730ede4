import { pause, systemClock } from '../../../base/clock.ts'

const REPORT_AFTER_MS = 3000
const LOOK_MS = 1000

/**
 * The answer of the daemon to a command. Reports once on standard error which program holds the journal, if that is why
 * it takes more than 3 s.
 */
export async function reportingHolder<Result>(state: string, answer: Promise<Result>): Promise<Result> {
  const answered = new AbortController()
  void reportHolder(state, answered.signal)
  try {
    return await answer
  } finally {
    answered.abort()
  }
}

async function reportHolder(state: string, answered: AbortSignal): Promise<void> {
  for (let waitMs = REPORT_AFTER_MS; ; waitMs = LOOK_MS) {
    await pause(systemClock, waitMs, answered)
    if (answered.aborted) return
    // Loaded when needed: a command that is answered wants no database.
    const { journalWriter } = await import('../checks/journal-lock.ts')
    const writer = journalWriter(state)
    if (writer === undefined) continue
    process.stderr.write(
      `fiskal-edge: ${writer} holds the journal: the command waits until that program ends its transaction\n`,
    )
    return
  }
}
