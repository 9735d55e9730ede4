import { createPrivateKey, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointSigner } from '../../../agent/journal/checkpoint.ts'
import { Journal } from '../../../agent/journal/journal.ts'
import { systemClock } from '../../../base/clock.ts'
import { textEvent } from '../some-event.ts'

// Opens the journal like an agent, appends events in groups of ten, and is killed: its log remains.
const [directory = '', groups = '0'] = process.argv.slice(2)
// The pause after a slow sync does not keep a process alive.
setInterval(() => undefined, 60_000)
const journal = await Journal.open({
  directory,
  clock: systemClock,
  bootId: randomUUID(),
  signer: checkpointSigner(createPrivateKey(readFileSync(join(directory, 'agent-key.pem')))),
  agentId: 'agent-1',
  chainId: () => randomUUID(),
  onFatal: (error) => {
    throw error
  },
  fault: () => undefined,
  defer: setImmediate,
  refusal: () => undefined,
})
for (let group = 0; group < Number(groups); group++)
  await journal.commit('intent', () => ({
    events: Array.from({ length: 10 }, () => textEvent(randomUUID())),
    result: undefined,
  }))
process.kill(process.pid, 'SIGKILL')
