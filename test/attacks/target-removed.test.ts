// @module-tag heavy
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { Cloud } from '../e2e/sync/cloud.ts'
import { insiderAt } from '../edited-states.ts'
import { configOf, tillOf } from './insider.ts'

test('an insider removes the target from the configuration, so that no target is asked', async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ config: { sync: { targets: cloud.targets } } })
  await cloud.enrol(bench.journal())
  const sell = await tillOf(bench)
  await sell('1.00')
  await bench.untilSynced()
  await bench.stop()
  const verify = (config: string) => fiskalEdge('journal', 'verify', '--require-witness', '--json', '--config', config)

  // With a target the journal has an external witness.
  const witnessed = await verify(await configOf(bench, { sync: { targets: cloud.targets } }))
  expect([witnessed.code, JSON.parse(witnessed.out)]).toMatchObject([0, { valid: true }])

  // Without it the journal still verifies alone, and a command that requires a witness is refused.
  const config = await configOf(bench)
  expect((await fiskalEdge('journal', 'verify', '--config', config)).code).toBe(0)
  const alone = await verify(config)
  expect([alone.code, JSON.parse(alone.out)]).toMatchObject([
    1,
    {
      valid: false,
      witnesses: [{ check: 'sync cloud', state: 'warning' }, { check: 'witness', state: 'failure' }, {}],
    },
  ])
  expect(alone.out).toContain('(witness_missing)')
})

test('an insider removes the target from the configuration and from the tables, and the events still name it', async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ config: { sync: { targets: cloud.targets } } })
  await cloud.enrol(bench.journal())
  await (await tillOf(bench))('1.00')
  await bench.untilSynced()
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'sync.target_added'))
  await bench.stop()
  insiderAt(bench.config.state).run('DELETE FROM sync_cursor', 'DELETE FROM sync_acknowledgement')

  const shown = await fiskalEdge('journal', 'verify', '--config', await configOf(bench))
  expect([shown.code, shown.err]).toEqual([0, ''])
  expect(shown.out).toMatch(/! cloud: witness until \d{4}-\d\d-\d\d \(event \d+\); not configured \(witness_missing\)/)
  const { out, code } = await fiskalEdge(
    ...['journal', 'verify', '--require-witness', '--json', '--config', await configOf(bench)],
  )
  expect([code, out]).toEqual([1, expect.stringContaining('https')])
})
