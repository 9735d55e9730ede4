import { createPrivateKey, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointSigner } from '../../../agent/journal/checkpoint.ts'
import { exportJournal } from '../../../agent/journal/export.ts'
import { Journal } from '../../../agent/journal/journal.ts'
import { sealJournal } from '../../../agent/journal/seal.ts'
import { systemClock } from '../../../base/clock.ts'

// Seals a journal and is killed at the n-th step of it; says `sealed` when it was not.
const [directory = '', time = '', killAt = ''] = process.argv.slice(2)
const clock = { ...systemClock, now: () => Date.parse(time) }
const signer = checkpointSigner(createPrivateKey(readFileSync(join(directory, 'agent-key.pem'))))
let step = 0
let sealing = false

function fault() {
  if (sealing && ++step === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}
const journal = await Journal.open({
  directory,
  clock,
  bootId: randomUUID(),
  signer,
  agentId: 'agent-1',
  chainId: () => randomUUID(),
  onFatal: () => process.exit(1),
  fault,
  defer: setImmediate,
  refusal: () => undefined,
})
sealing = true
await sealJournal({ directory, journal, write: (task) => exportJournal({ ...task, signer, fault }), clock, fault })
sealing = false
await journal.close()
process.stdout.write('sealed\n')
