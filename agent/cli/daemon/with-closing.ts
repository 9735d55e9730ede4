import { visible } from '../../../base/text.ts'
import { describeFailure, exitCodeOf } from '../../failure.ts'

/**
 * Does `work`, then closes. The result is in the journal and is reported even if closing fails: an issued key is shown
 * only this once. Throws the error of the work, not one of closing after it.
 */
export async function withClosing<Result>(work: () => Promise<Result>, close: () => Promise<unknown>): Promise<Result> {
  let done: Result
  try {
    done = await work()
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  await close().catch(reportFailure)
  return done
}

function reportFailure(error: unknown): void {
  process.stderr.write(`fiskal-edge: ${visible(describeFailure(error))}. The work reported here was done anyway\n`)
  process.exitCode = exitCodeOf(error)
}
