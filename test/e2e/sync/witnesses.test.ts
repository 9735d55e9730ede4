import { chmodSync, lchownSync, lstatSync } from 'node:fs'
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Finding } from '../../../agent/cli/checks/finding.ts'
import { forkedEdge, ownTill, runDaemon } from '../../cli/command.ts'
import { NOBODY } from '../../cli/other-owner.ts'
import { rewriteJournal } from '../../journal/rewritten-journal.ts'
import { startNats } from '../../sync/servers/nats.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'
import { Cloud } from './cloud.ts'

type Verified = { code: number | null; valid: boolean; witnesses: readonly Finding[] }

/** `journal verify` of the state of a bench, with those targets. */
async function verified(bench: Bench, targets: readonly Members[]): Promise<Verified> {
  const config = await configOf(bench, targets)
  const { code, out, err } = await forkedEdge('journal', 'verify', '--json', '--config', config)
  expect(err).toBe('')
  return { code, ...(JSON.parse(out) as Omit<Verified, 'code'>) }
}

async function configOf({ config: { state } }: Bench, targets: readonly Members[]): Promise<string> {
  const file = join(dirname(state), 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(file, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices, sync: { targets } }))
  return file
}

async function tillOf(bench: Bench): Promise<(amount: string) => Promise<void>> {
  const { id, till } = await bench.till()
  return async (amount) => {
    const open = await till.create(goods('sale', id, [[amount, '0.07']]))
    await till.complete(open, [pay('cash', amount)])
  }
}

const NO_WITNESS: unknown = expect.objectContaining({ check: 'witness', message: 'no outside witness' })
const AGENT_RESTS: Partial<Finding> = {
  ...{ check: 'devices', state: 'warning', message: 'not asked, the agent does not run' },
}

test(
  'a journal that root has rewritten as a whole verifies alone, and not against its former holders',
  heavy(),
  async () => {
    await using cloud = await Cloud.open()
    const nats = await startNats()
    await nats.addStream('FISKAL')
    try {
      const stick = join(cloud.rig.directory, 'stick')
      await mkdir(stick)
      const targets = [
        ...cloud.targets,
        { id: 'stick', kind: 'file', folder: stick },
        { id: 'stream', kind: 'nats', servers: [nats.url], stream: 'FISKAL' },
      ]
      // The stick is written to every five minutes.
      await using bench = await Bench.open({ clock: new FastClock(100), config: { sync: { targets } } })
      const { chainId } = await cloud.enrol(bench.journal())
      const sell = await tillOf(bench)
      await sell('1.00')
      await sell('2.00')
      await bench.untilSynced()
      const running = await bench.until(async () => {
        const verdict = await verified(bench, targets)
        return verdict.witnesses.every(({ state }) => state === 'ok') && verdict
      })
      expect(running.witnesses.map(({ check }) => check)).toEqual(['sync cloud', 'sync stick', 'sync stream', 'tse-1'])
      const changed = bench.journal().find(({ body }) => body.includes('"2.00"'))
      await bench.stop()
      const whole = await verified(bench, targets)
      expect(whole).toMatchObject({ code: 0, valid: true })
      expect(whole.witnesses.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'warning'])
      expect(whole.witnesses[0]?.message).toMatch(
        /^vouches up to event \d+ of epoch 1 \(head signed by this journal, \d+ events? behind\)$/,
      )
      expect(whole.witnesses.at(-1)).toMatchObject(AGENT_RESTS)

      const { state } = bench.config
      await rewriteJournal(state, changed?.seq ?? 0, (body) => body.replaceAll('"Ware"', '"Wein"'))
      expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal', findings: [] })
      const exposed = await verified(bench, targets)
      expect(exposed).toMatchObject({ code: 1, valid: false, findings: [] })
      for (const witness of exposed.witnesses.slice(0, 3)) {
        expect(witness.state).toBe('failure')
        expect(witness.message).toMatch(
          /it has another event \d+, signed with the key of this journal: this journal was/,
        )
      }
      const shown = await forkedEdge('journal', 'verify', '--config', await configOf(bench, targets))
      expect(shown.code).toBe(1)
      expect(shown.out).toMatch(
        /^✔ \d+ events.*\n {2}\d+ checkpoints.*\n✖ cloud: .*\n✖ stick: .*\n✖ stream: .*\n! devices: .*\n$/,
      )

      // Nor as a journal of another name: its agent has that epoch already.
      await rewriteJournal(state, 1, (body) => body.replace(chainId, '0190aaaa-0000-7000-8000-000000000000'))
      expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal', findings: [] })
      const renamed = await verified(bench, targets)
      expect(renamed.code).toBe(1)
      const anew = `it has nothing of this journal; epoch 1 of this agent is another chain there (${chainId}): this journal was created again`
      const proven = / \(proven: the key of this journal signed event \d+ of it\)$/
      const said = renamed.witnesses.slice(0, 3).map(({ message }) => message)
      expect(said.map((message) => message.replace(proven, ''))).toEqual([anew, anew, anew])
      // A disk shows no head of a chain that it was not asked for.
      expect(said.map((message) => proven.test(message))).toEqual([true, false, true])

      // There is no peer: a shop without a network still verifies.
      await cloud.leave()
      // Another receiver may have its port by now; port 1 is unused.
      const gone = cloud.targets.map((target) => ({ ...target, url: 'http://127.0.0.1:1' }))
      const away = [...gone, { id: 'other', kind: 'file', folder: join(stick, 'not-mounted') }]
      const unasked = await verified(bench, away)
      expect(unasked).toMatchObject({ code: 0, valid: true })
      expect(unasked.witnesses).toMatchObject([
        { check: 'sync cloud', state: 'warning', message: expect.stringMatching(/^did not answer \(ECONNREFUSED/) },
        { check: 'sync other', state: 'warning', message: expect.stringMatching(/^did not answer/) },
        ...[{ state: 'warning' }, { state: 'warning' }, { state: 'warning' }],
        AGENT_RESTS,
      ])
      // In the order in which they acknowledged.
      const missing = unasked.witnesses.slice(2, 5).map(({ check, message }) => `${check}: ${message.split('; ')[1]}`)
      expect(missing.sort()).toEqual([
        `sync cloud: not configured at ${cloud.targets[0]?.['url']} (witness_missing)`,
        'sync stick: not configured (witness_missing)',
        'sync stream: not configured (witness_missing)',
      ])
    } finally {
      await nats.stop()
    }
  },
)

test('a journal of yesterday is exposed by the receiver, and by the TSE once its agent runs', heavy(), async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
  await cloud.enrol(bench.journal())
  const sell = await tillOf(bench)
  await sell('1.00')
  await bench.untilSynced()
  const { state } = bench.config
  const yesterday = `${state}.yesterday`
  await bench.restart(() => cp(state, yesterday, { recursive: true }))
  await sell('2.00')
  await bench.untilSynced()
  await bench.stop()
  await backTo(yesterday, state)
  const rested = await verified(bench, cloud.targets)
  expect(rested).toMatchObject({ code: 1, valid: false, findings: [] })
  expect(rested.witnesses).toMatchObject([
    {
      state: 'failure',
      message: expect.stringMatching(/it has events up to \d+.*, this journal up to \d+: it was set back/),
    },
    AGENT_RESTS,
  ])
  const removed = { check: 'sync cloud', state: 'warning', message: expect.stringContaining('; not configured (') }
  expect((await verified(bench, [])).witnesses).toMatchObject([removed, AGENT_RESTS])

  await bench.start()
  const running = await verified(bench, [])
  expect(running).toMatchObject({ code: 1, valid: false })
  expect(running.witnesses).toMatchObject([
    removed,
    {
      check: 'tse-1',
      state: 'failure',
      message: expect.stringContaining('of this shop that the journal does not know'),
    },
  ])
  // Its start recorded what the target proves: no finding any more, and the duty of the epoch asks for a reason.
  const { administration } = bench.agent
  await administration.deviceAct('tse-1', 'adopt')
  const known = await verified(bench, cloud.targets)
  expect(known).toMatchObject({
    code: 0,
    witnesses: [
      {
        state: 'warning',
        message: expect.stringMatching(/of epoch 1, signed .* which its own event records \(rollback\)$/),
      },
      { check: 'tse-1', state: 'ok' },
    ],
  })
  expect(JSON.stringify(administration.listTasks())).toContain('"epoch-2"')
})

test(
  'a TSE with fewer signatures than the journal is reported, and asking creates nothing anywhere',
  heavy(),
  async () => {
    await using cloud = await Cloud.open()
    await using bench = await Bench.open({ clock: new FastClock(20) })
    const stick = join(cloud.rig.directory, 'stick')
    await mkdir(stick)
    const sell = await tillOf(bench)
    await sell('1.00')
    const devices = join(bench.config.state, 'devices')
    await bench.restart(() => cp(devices, `${devices}.yesterday`, { recursive: true }))
    await sell('2.00')
    await bench.restart(async () => {
      await rm(devices, { recursive: true })
      await cp(`${devices}.yesterday`, devices, { recursive: true })
    })
    const { chainId } = await cloud.enrol(bench.journal())
    const head = bench.head()
    const verdict = await verified(bench, [...cloud.targets, { id: 'stick', kind: 'file', folder: stick }])
    expect(verdict).toMatchObject({ code: 1, valid: false, findings: [] })
    expect(verdict.witnesses).toMatchObject([
      { check: 'sync cloud', state: 'warning', message: 'it has nothing of this journal' },
      { check: 'sync stick', state: 'warning', message: 'it has nothing of this journal' },
      { check: 'tse-1', state: 'failure', message: expect.stringContaining('it was set back, or is a copy') },
    ])
    expect(await cloud.rig.store.chain(chainId)).toBeUndefined()
    expect(await readdir(stick)).toEqual([])
    expect(bench.requestedSince(head)).toEqual([])
  },
)

test('a verification while tills sell does not report events in transit', heavy(), async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ config: { sync: { targets: cloud.targets } } })
  await cloud.enrol(bench.journal())
  const { locationId } = await bench.shop()
  const tills = await Promise.all([1, 2, 3].map(() => bench.register(locationId)))
  for (const { id, till } of tills) await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  let isDone = false
  const selling = tills.map(async ({ id, till }) => {
    while (!isDone) {
      const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
      await till.complete(open, [pay('cash', '1.00')])
    }
  })
  const compared: unknown[] = []
  const comparing = (async () => {
    while (!isDone) {
      compared.push(await bench.agent.administration.deviceAct('tse-1', 'compare'))
      await delay(20)
    }
  })()
  await bench.until(async () => (await bench.office.list('/v1/sync'))[0]?.['acked_seq'] !== 0)
  const verdicts = [await verified(bench, cloud.targets), await verified(bench, cloud.targets)]
  isDone = true
  await Promise.all([...selling, comparing])
  for (const { witnesses } of verdicts)
    expect(witnesses).toMatchObject([{ state: 'ok' }, { check: 'tse-1', state: 'ok' }])
  expect(compared.length).toBeGreaterThan(2)
  for (const answer of compared) expect(answer).toMatchObject({ agrees: true })
})

test(
  'a card counts nothing, and a device that no register uses has nothing of this shop: neither is spoken of',
  heavy(),
  async () => {
    const devices = [
      { id: 'card-1', driver: 'card-simulator' },
      { id: 'tse-1', driver: 'tse-simulator' },
    ]
    const config = ownTill(devices.slice(0, 1))
    const both = ownTill(devices)
    for (const file of [config, both]) {
      const daemon = await runDaemon(file)
      const running = await forkedEdge('journal', 'verify', '--json', '--config', file)
      daemon.child.kill('SIGTERM')
      await daemon.ended
      expect([running.code, JSON.parse(running.out)]).toEqual([0, expect.objectContaining({ witnesses: [NO_WITNESS] })])
    }
    const rested = await forkedEdge('journal', 'verify', '--config', config)
    expect(rested).toMatchObject({ code: 0, out: expect.not.stringContaining('devices'), err: '' })
    expect((await forkedEdge('journal', 'verify', '--config', both)).out).toContain('! devices: ')
  },
)

if (process.getuid?.() === 0) {
  test("root asks with a token that is root's alone, and reads the journal as its owner", heavy(), async () => {
    await using cloud = await Cloud.open()
    await using bench = await Bench.open({ config: { sync: { targets: cloud.targets } } })
    await cloud.enrol(bench.journal())
    await (await tillOf(bench))('1.00')
    await bench.untilSynced()
    await bench.stop()
    const { state } = bench.config
    chmodSync(dirname(state), 0o755)
    for (const name of ['', ...(await readdir(state, { recursive: true }))])
      lchownSync(join(state, name), NOBODY, NOBODY)
    const verdict = await verified(bench, cloud.targets)
    expect(verdict).toMatchObject({
      code: 0,
      valid: true,
      witnesses: [{ check: 'sync cloud', state: 'ok' }, AGENT_RESTS],
    })
    const names = await readdir(state, { recursive: true })
    expect(names.filter((name) => lstatSync(join(state, name)).uid !== NOBODY)).toEqual([])
  })
}

/** The disk goes back; a TSE is a separate device and does not. */
async function backTo(snapshot: string, state: string): Promise<void> {
  await rm(join(snapshot, 'devices'), { recursive: true })
  await cp(join(state, 'devices'), join(snapshot, 'devices'), { recursive: true })
  await rm(state, { recursive: true })
  await cp(snapshot, state, { recursive: true })
  await rm(snapshot, { recursive: true })
}
