import { randomBytes } from 'node:crypto'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { Members } from '../../agent/journal/events.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { markEvent } from '../journal/some-event.ts'
import { openJournal } from '../journal/temporary-journal.ts'
import type { Bench } from './bench.ts'

/** Restarts the agent on a journal in which the document has members as they could be recorded before. */
export async function recordedBefore(bench: Bench, id: string, set: Members): Promise<void> {
  await bench.restart(async () => {
    const { state } = bench.config
    const signer = checkpointSigner(openStateDirectory(state, randomBytes).checkpointKey)
    const journal = await openJournal(state, { signer })
    await journal.commit('intent', () => ({
      events: [markEvent(id, { set })],
      result: undefined,
    }))
    await journal.close()
  })
}
