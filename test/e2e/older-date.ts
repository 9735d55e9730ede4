import { EDITED_STATES } from '../edited-states.ts'
import { rewriteJournal } from '../journal/rewritten-journal.ts'
import type { Bench } from './bench.ts'

/** The newest close of a journal as an older version accepted it, with any business date. The agent restarts. */
export async function closedWith(bench: Bench, date: string): Promise<void> {
  const close = bench.journal().findLast(({ kind }) => kind === 'session.closed')
  if (close === undefined) throw new Error('no session was closed')
  await bench.restart(async () => {
    EDITED_STATES.add(bench.config.state)
    const dated = (body: string): string => body.replaceAll(/"business_date":"[\d-]+"/g, `"business_date":"${date}"`)
    await rewriteJournal(bench.config.state, close.seq, dated)
  })
}
