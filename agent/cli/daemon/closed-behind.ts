import { visibleLines } from '../../../base/text.ts'
import { describeFailure, exitCodeOf } from '../../failure.ts'

/**
 * Does `work` and closes behind it. What was done is in the journal and is told, whatever the closing comes to: a key that
 * was issued is shown this once. Throws why the work was not done, not what was in the way of closing then.
 */
export async function closedBehind<Result>(
  work: () => Promise<Result>,
  close: () => Promise<unknown>,
): Promise<Result> {
  let done: Result
  try {
    done = await work()
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  await close().catch(tell)
  return done
}

function tell(error: unknown): void {
  process.stderr.write(
    `fiskal-edge: ${visibleLines(describeFailure(error))}. What is told here was done all the same\n`,
  )
  process.exitCode = exitCodeOf(error)
}
