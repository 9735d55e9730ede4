import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { collectTargetReports } from '../../../agent/sync/target-reports.ts'
import { once } from '../../waits.ts'
import { MemoryJournal } from '../memory-journal.ts'
import { cloud, done, fastClock, openRig, syncTo } from '../rig.ts'

test('targets are asked side by side, and one that says nothing keeps none waiting beyond its time', async () => {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const journal = MemoryJournal.of(3)
  const { token } = await rig.enrol(journal.chain.agentId)
  const targets = [
    { id: 'silent', kind: 'https', url: `http://127.0.0.1:${port}`, tokenFile: 'token' },
    { id: 'stream', kind: 'nats', servers: [`nats://127.0.0.1:${port}`], stream: 'S', shards: 1, tenant: 't' },
    { id: 'unsafe', kind: 'https', url: 'http://example.com', tokenFile: 'token' },
    { id: 'cloud', kind: 'https', url: rig.receiver.url, tokenFile: 'token' },
  ] as const
  const holdings = await collectTargetReports({
    ...{
      targets,
      chains: [{ ...journal.chain, last: 3 }],
      clock: fastClock(10),
      random: randomBytes,
      readSecret: async () => token,
    },
  })
  const late = { epochs: [], strangers: [], fault: { code: 'time_out' } }
  expect(holdings).toMatchObject([
    { target: 'silent', ...late },
    { target: 'stream', ...late },
    { target: 'unsafe', epochs: [], fault: { code: expect.stringMatching(/insecure/) } },
    { target: 'cloud', epochs: [{ chainId: journal.chain.chainId, position: undefined }], fault: undefined },
  ])
  expect(await rig.store.chain(journal.chain.chainId)).toBeUndefined()
})

test('a chain of the agent that the journal does not have is proven by its own key only', async () => {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const asked = async (journal: MemoryJournal, other: MemoryJournal) => {
    const { token } = await rig.enrol(journal.chain.agentId)
    for (const one of [journal, other]) {
      const sync = syncTo(one, cloud(rig.receiver.url, token))
      await sync.sender.open()
      await sync.until(done)
      await sync.sender.close()
    }
    const [holding] = await collectTargetReports({
      targets: [{ id: 'cloud', kind: 'https', url: rig.receiver.url, tokenFile: 'token' }],
      chains: [{ ...journal.chain, last: 3 }],
      clock: fastClock(1),
      random: randomBytes,
      readSecret: async () => token,
    })
    return holding?.strangers
  }
  const journal = MemoryJournal.of(3)
  const clone = journal.clone().nextEpoch()
  clone.append(4)
  expect(await asked(journal, clone)).toEqual([{ chainId: clone.chain.chainId, epoch: 2, signed: 4 }])
  const restored = MemoryJournal.of(3)
  const other = new MemoryJournal({ facts: { agentId: restored.chain.agentId, epoch: 2 } })
  other.append(4)
  expect(await asked(restored, other)).toEqual([{ chainId: other.chain.chainId, epoch: 2 }])
})

test('all epochs of a journal are asked for, however many there are', async () => {
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const journal = MemoryJournal.of(2)
  let last = journal
  for (let epoch = 2; epoch <= 30; epoch++) {
    last = last.nextEpoch()
    last.append(2)
  }
  const chains = journal.epochs().map(({ chain }) => ({ ...chain, last: 2 }))
  expect(chains).toHaveLength(30)
  const { token } = await rig.enrol(journal.chain.agentId)
  const [holding] = await collectTargetReports({
    targets: [{ id: 'cloud', kind: 'https', url: rig.receiver.url, tokenFile: 'token' }],
    chains: chains.toReversed(),
    clock: fastClock(1),
    random: randomBytes,
    readSecret: async () => token,
  })
  expect(holding?.fault).toBeUndefined()
  expect(holding?.epochs.map(({ chainId }) => chainId)).toEqual(chains.map(({ chainId }) => chainId).toReversed())
})
