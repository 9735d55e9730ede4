// @module-tag heavy
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyInChild } from '../../agent/proof/in-child.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import type { Line } from './insider.ts'
import { configOf, rewriteEvents, withoutOperation } from './insider.ts'

// New signatures of a TSE are read back after each close. The insider changes the journal afterwards, or loses the
// logs.

const { signal } = new AbortController()

/** A shop whose TSE was read back, stopped. */
async function readShop(bench: Bench) {
  const register = await bench.till('50.00')
  const sale = await sell(register, '4.50')
  await counted(register, '54.50')
  await register.till.create(closing(register, '0.00'))
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'tse.archived'))
  await bench.stop()
  return { sale, state: bench.config.state, folder: join(bench.config.state, 'archives', 'read') }
}

async function proof(bench: Bench): Promise<{ state: string; message: string }[]> {
  const { out } = await fiskalEdge('doctor', '--json', '--config', await configOf(bench))
  const { findings } = JSON.parse(out) as { findings: { check: string; state: string; message: string }[] }
  return findings.filter(({ check }) => check === 'proof')
}

/** The receipt of a sale with another time of its signature. */
function withOtherTime(lines: Line[], op: string): Line[] {
  return lines.map((line) => {
    if (line.op !== op || line.body['set'] === undefined) return line
    const text = JSON.stringify(line.body).replaceAll(/("end_event":\{.*?"signed_at":")\d{4}/g, '$12025')
    return { ...line, body: JSON.parse(text) as Line['body'] }
  })
}

test('the logs read back agree with the journal of an honest shop', async () => {
  await using bench = await Bench.open()
  const { state } = await readShop(bench)
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
  expect(await proof(bench)).toMatchObject([{ state: 'ok' }])
})

test.each([
  ['a sale that was cut out', withoutOperation, 'tse_log_without_bon'],
  ['a sale that was changed', withOtherTime, 'tse_log_differs'],
] as const)('%s is a finding of the next daily verification, and the doctor reports it', async (_, change, code) => {
  await using bench = await Bench.open()
  const { state, sale } = await readShop(bench)
  await rewriteEvents(state, (lines) => change(lines, sale.id))
  const { kept } = await verifyInChild(state, signal)
  expect(kept.map((finding) => finding.code)).toContain(code)
  expect(await proof(bench)).toMatchObject([{ state: 'failure', message: expect.stringContaining(`(${code})`) }])
})

test('a portion that was removed, or replaced by another, is a finding', async () => {
  await using bench = await Bench.open()
  const { state, folder } = await readShop(bench)
  const [unit = ''] = await readdir(folder)
  const [name = ''] = await readdir(join(folder, unit))
  const path = join(folder, unit, name)
  await cp(path, join(state, 'portion'))
  await cp(join(state, 'journal.db'), path)
  expect((await verifyInChild(state, signal)).kept).toMatchObject([{ code: 'tse_archive_missing' }])
  await rm(path)
  expect((await verifyInChild(state, signal)).kept).toMatchObject([{ code: 'tse_archive_missing' }])
  await cp(join(state, 'portion'), path)
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
})

test('a whole archive replaces the portions that it covers, and nothing is missing', async () => {
  await using bench = await Bench.open()
  const { state, folder } = await readShop(bench)
  await bench.start()
  await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: true })
  const [unit = ''] = await readdir(folder)
  expect(await readdir(join(folder, unit))).toEqual([])
  await bench.stop()
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
})

test('a backup has the logs read back: after its restore nothing is missing', async () => {
  await using bench = await Bench.open()
  const { state, folder } = await readShop(bench)
  const config = await configOf(bench)
  const file = join(state, '..', 'shop.backup')
  expect(await fiskalEdge('backup', file, '--no-secrets', '--config', config)).toMatchObject({ code: 0 })
  await rm(folder, { recursive: true })
  await rm(join(state, 'journal.db'))
  const restored = await fiskalEdge('restore', file, '--no-secrets', '--unsealed', '--config', config)
  expect([restored.code, restored.err]).toMatchObject([0, expect.anything()])
  expect(await readdir(folder)).toHaveLength(1)
  expect((await verifyInChild(state, signal)).kept).toEqual([])
})
