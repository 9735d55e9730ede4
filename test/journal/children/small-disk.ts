import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointSigner } from '../../../agent/journal/checkpoint.ts'
import type { Priority } from '../../../agent/journal/commands.ts'
import { Space } from '../../../agent/journal/disk/space.ts'
import { Journal } from '../../../agent/journal/journal.ts'
import { systemClock } from '../../../base/clock.ts'
import { textEvent } from '../some-event.ts'

// Sells until a small disk is full, finishes what runs, is given space again; reports each station as a line of JSON.
const [directory = ''] = process.argv.slice(2)

function say(station: string, facts: object) {
  return process.stdout.write(`${JSON.stringify({ station, ...facts })}\n`)
}
const space = new Space({ directory, clock: systemClock })
await space.open()
function reserve() {
  return statSync(join(directory, 'reserve'), { throwIfNoEntry: false })?.size ?? 0
}
say('opened', { ...space.state(), reserve: reserve() })

const journal = await Journal.open({
  directory,
  clock: systemClock,
  bootId: randomUUID(),
  signer: checkpointSigner(generateKeyPairSync('ed25519').privateKey),
  agentId: 'agent-1',
  chainId: () => randomUUID(),
  onFatal: (error) => say('fatal', { message: error.message }),
  fault: () => undefined,
  defer: setImmediate,
  refusal: () => space.refusal(),
})
function append(priority: Priority) {
  return journal
    .commit(priority, () => ({
      events: [textEvent('x'.repeat(1500))],
      result: 'ok',
    }))
    .catch(({ code }) => String(code))
}

const filler = join(directory, 'filler')
const { bavail, bsize } = statfsSync(directory)
writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 3_000_000)))
say('low', { level: space.state().level, answer: await append('intent') })
let sold = 0
let answer = 'ok'
for (; answer === 'ok' && sold < 5000; sold++) answer = await append('intent')
say('full', { level: space.state().level, sold, answer, reserve: reserve() })
const outcomes = new Set<string>()
for (let finished = 0; finished < 64; finished++) outcomes.add(await append('outcome'))
say('finishing', { outcomes: [...outcomes], intent: await append('intent') })

rmSync(filler)
const refused = await append('intent')
await space.close()
say('recovered', { refused, level: space.state().level, intent: await append('intent'), reserve: reserve() })
await journal.close()
await space.close()
