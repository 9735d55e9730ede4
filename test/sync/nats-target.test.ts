// @module-tag heavy
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { sameBytes, ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import { placeOf } from '../../sync/protocol/stream-subject.ts'
import { batchOf, SubjectHistory } from '../../sync/protocol/subject-history.ts'
import { natsTarget } from '../../sync/targets/nats.ts'
import { describeTarget } from '../contracts/sync-target.ts'
import type { MemoryJournal } from './memory-journal.ts'
import { CutLine } from './servers/cut-line.ts'
import { startNats } from './servers/nats.ts'

const PLACE = { stream: 'FISKAL', shards: 1, tenant: 'shop' }

describeTarget('a stream', async () => {
  const nats = await startNats()
  await nats.addStream(PLACE.stream)
  const line = new CutLine(Number(new URL(nats.url).port))
  const servers = [`nats://127.0.0.1:${await line.listen()}`]
  return {
    target: () => natsTarget({ id: 'chain', servers, ...PLACE }),
    held: (journal) => heldIn(nats.url, journal),
    forget: () => nats.forget(PLACE.stream),
    takeAway: async () => line.cut(),
    putBack: async () => line.repair(),
    destroy: async () => {
      await line.close()
      await nats.stop()
    },
  }
})

/** Events up to the first message that does not follow on the one before it. */
async function heldIn(url: string, { chain }: MemoryJournal): Promise<number> {
  const connection = await connect({ servers: url })
  const history = new SubjectHistory(await jetstreamManager(connection), PLACE.stream)
  let [held, head] = [0, ZERO_HASH]
  for await (const message of history.from(subjectOf(chain), 1, await history.end())) {
    const batch = await batchOf(message)
    if (!sameBytes(batch.prev, head)) break
    held = batch.last
    head = Buffer.from(batch.head)
  }
  await connection.close()
  return held
}

function subjectOf({ agentId, chainId }: MemoryJournal['chain']): string {
  return placeOf(PLACE, agentId, chainId).subject
}
