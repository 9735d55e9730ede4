import type { LogMessage } from '../../../drivers/tr03151/log-message.ts'
import { parseLogMessage } from '../../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'
import { readTar } from '../../../drivers/tr03151/tar.ts'

/** First and last signature counter of some logs of a TSE. */
export type Span = { lowest: number; highest: number }
export type CountedSpan = Span & { logs: number }

/** First and last signature counter of the logs in an archive, by serial number. Throws the errors of reading it. */
export async function spansIn(archive: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Span>> {
  const spans = new Map<string, CountedSpan>()
  for await (const log of logsIn(archive)) widen(spans, log)
  return spans
}

/** The readable logs of an archive; its own check reports the others. */
export async function* logsIn(archive: AsyncIterable<Uint8Array>): AsyncGenerator<LogMessage> {
  for await (const { name, content } of readTar(archive)) {
    const log = name.endsWith('.log') && content !== undefined ? parsed(content) : undefined
    if (log !== undefined) yield log
  }
}

export function widen(spans: Map<string, CountedSpan>, { serial: bytes, counter }: LogMessage): void {
  const serial = Buffer.from(bytes).toString('hex')
  const { lowest, highest, logs } = spans.get(serial) ?? { lowest: counter, highest: counter, logs: 0 }
  spans.set(serial, { lowest: Math.min(lowest, counter), highest: Math.max(highest, counter), logs: logs + 1 })
}

function parsed(content: Uint8Array): LogMessage | undefined {
  try {
    return parseLogMessage(content)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return undefined
  }
}
