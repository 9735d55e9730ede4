import { pause, systemClock } from '../../../base/clock.ts'
import { visible } from '../../../base/text.ts'

const REPORT_AFTER_MS = 3000
const LOOK_MS = 1000

/**
 * Returns the daemon's answer to a command. After 3 s it reports on standard error which program locks the journal, if
 * any.
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
    // Loaded when needed: a command that gets its answer in time needs no database.
    const { journalWriter } = await import('../checks/journal-lock.ts')
    const writer = journalWriter(state)
    if (writer === undefined) continue
    process.stderr.write(
      `fiskal-edge: ${visible(writer)} holds the journal: the command waits until that program ends its transaction\n`,
    )
    return
  }
}
