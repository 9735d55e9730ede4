import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { registerAt } from '../attacks/two-lines.ts'
import { Bench } from '../e2e/bench.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { fiskalEdge, ownConfig, ownTill } from './command.ts'

test(
  'a TSE that signs is not retired by accident: it requires a confirmation at the terminal, or --yes',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    await bench.till('50.00')
    const config = ownConfig([{ id: 'tse-1', driver: 'tse-simulator' }], { state: bench.config.state })
    const retire = (...more: string[]) =>
      fiskalEdge('device', 'retire', 'tse-1', '--reason', 'exchanged', '--config', config, ...more)
    const refused = await retire()
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toMatch(
      /not_confirmed: The TSE tse-1 \(serial \w+\) is ready: it signs.* --yes\. Nothing was done\./,
    )
    expect(bench.journal().map(({ kind }) => kind)).not.toContain('tse.retired')
    expect(await retire('--yes')).toMatchObject({ code: 0, err: '' })
    expect(bench.journal().map(({ kind }) => kind)).toContain('tse.retired')
  },
)

test('nor is one that takes long to be opened, if no agent is running', heavy(), async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  const slow = [{ id: 'tse-1', driver: 'tse-simulator', latencyMs: 900 }]
  const config = ownConfig(slow, { state: bench.config.state })
  await bench.restart(async () => {
    const refused = await fiskalEdge('device', 'retire', 'tse-1', '--reason', 'exchanged', '--config', config)
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('not_confirmed')])
  })
  expect(bench.journal().map(({ kind }) => kind)).not.toContain('tse.retired')
})

test('a card or printer is not asked for as a TSE that signs: it is refused as another kind', heavy(), async () => {
  const config = ownTill([
    { id: 'card-0', driver: 'card-simulator' },
    { id: 'rt-1', driver: 'rt-simulator' },
  ])
  for (const id of ['card-0', 'rt-1']) {
    const { code, err } = await fiskalEdge('device', 'retire', id, '--reason', 'broken', '--config', config)
    expect([code, err]).toEqual([1, expect.stringContaining(`Device ${id} is not a TSE`)])
    expect(err).toContain(`fiskal-edge device init ${id}`)
  }
})

test('a TSE that does not answer is retired with --yes alone: it may be found or put back', heavy(), async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  const config = ownConfig([{ id: 'tse-1', driver: 'tse-simulator' }], { state: bench.config.state })
  await fiskalEdge('fault', 'tse-1', 'unplugged@*', '--config', config)
  const retire = ['device', 'retire', 'tse-1', '--reason', 'lost', '--config', config]
  const refused = await fiskalEdge(...retire)
  expect([refused.code, refused.out]).toEqual([1, ''])
  expect(refused.err).toMatch(/not_confirmed: The TSE tse-1 \(serial \w+\) answers at no line here.* --yes/)
  expect(bench.journal().map(({ kind }) => kind)).not.toContain('tse.retired')
  const { code, err } = await fiskalEdge(...retire, '--yes')
  expect([code, err]).toEqual([0, ''])
})

test('a TSE is asked again before a person decides to retire it', async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  const { administration } = bench.agent
  expect(await administration.retirable('tse-1')).toMatchObject({ state: 'ready', answers: true })
  await bench.fault('unplugged@*')
  expect(await administration.retirable('tse-1')).toMatchObject({ state: 'down', answers: false })
})

test('registers of a retired TSE move to another device with --yes alone', heavy(), async () => {
  const devices = ['tse-1', 'tse-2'].map((id) => ({ id, driver: 'tse-simulator' }))
  await using bench = await Bench.open({ config: { devices } })
  const { id } = await registerAt(bench, (await bench.shop()).locationId, 'tse-1')
  const config = ownConfig(devices, { state: bench.config.state })
  const retire = ['device', 'retire', 'tse-1', '--reason', 'broken', '--config', config]
  expect(await fiskalEdge(...retire, '--yes')).toMatchObject({ code: 0, err: '' })
  const move = [...retire, '--successor', 'tse-2']
  const refused = await fiskalEdge(...move)
  expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/not_confirmed.* move to tse-2/)])
  const moved = await fiskalEdge(...move, '--yes', '--json')
  expect(JSON.parse(moved.out)).toMatchObject({ successor: 'tse-2', registers: [id] })
  // Repeated, because its answer was lost.
  expect(await fiskalEdge(...move, '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('nothing is left') })
})

test('an epoch that no target asks for is begun only if it is intended', heavy(), async () => {
  const config = ownTill()
  expect((await fiskalEdge('key', 'create', 'platform', '--config', config)).code).toBe(0)
  const refused = await fiskalEdge('journal', 'epoch', '--config', config)
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/not_confirmed: No running target .*stale_epoch.*--yes/),
  ])
  const state = join(dirname(config), 'state')
  expect(await verifyJournal(state)).toMatchObject({ epoch: 1 })
  expect(await fiskalEdge('journal', 'reopen', '--config', config)).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing_to_reopen'),
  })
  expect((await fiskalEdge('journal', 'epoch', '--yes', '--config', config)).code).toBe(0)
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
  // Each epoch counts from 1: the events of both next to the last one's range would look like a gap.
  const file = join(state, '..', 'journal.ndjson')
  await fiskalEdge('export', 'journal', '--out', file, '--config', config)
  expect((await fiskalEdge('verify', file)).out).toMatch(
    /^✔ .* journal export, \d+ events, up to seq \d+ of epoch 2\n$/,
  )
})
