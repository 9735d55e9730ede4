import { createPrivateKey, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { Journal } from '../../agent/journal/journal.ts'
import { readHead } from '../../agent/journal/journal-file.ts'
import { stayAlive, systemClock } from '../../base/clock.ts'
import { textEvent } from '../journal/some-event.ts'
import { seeded } from './seeded.ts'
import { watermarkFile } from './watermark.ts'

/** Commits without a pause until it is killed: groups of 1 to 8 commands, some with a page, some with many. */
const [, , directory = '', keyFile = '', markFile = '', seed = '1'] = process.argv
const GROUP_MOST = 8
const TEXT_MOST = 12_000
const random = seeded(Number(seed))
const journal = await Journal.open({
  directory,
  clock: systemClock,
  bootId: randomUUID(),
  signer: checkpointSigner(createPrivateKey(readFileSync(keyFile))),
  agentId: 'agent-1',
  chainId: () => randomUUID(),
  onFatal: (error) => {
    throw error
  },
  fault: () => undefined,
  defer: (drain) => {
    setImmediate(drain)
  },
  refusal: () => undefined,
})
// While another process holds the journal nothing else keeps this one alive.
stayAlive()
const mark = watermarkFile(markFile)
for (;;) {
  const texts = Array.from({ length: 1 + random.below(GROUP_MOST) }, () => 'x'.repeat(random.below(TEXT_MOST)))
  await Promise.all(
    texts.map((text) => journal.commit('intent', () => ({ events: [textEvent(text)], result: undefined }))),
  )
  const { seq, hash } = journal.read(readHead)
  mark({ seq, hash: hash.toString('base64url') })
  process.stdout.write('.')
}
