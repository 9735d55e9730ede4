// @module-tag heavy
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { verifyInChild } from '../../agent/proof/in-child.ts'
import type { Proof } from '../../agent/proof/proof-file.ts'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { insiderAt } from '../edited-states.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { configOf, rewriteEvents, withoutOperation } from './insider.ts'

// A finding in the log stays unread. The doctor reports a finding of the daily verification or the last audit until a
// run finds nothing.

const { signal } = new AbortController()

async function sale({ id, till }: Register, amount: string) {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [pay('cash', amount)])
}

async function doctor(bench: Bench) {
  const { out } = await fiskalEdge('doctor', '--json', '--config', await configOf(bench))
  const { ok, findings } = JSON.parse(out) as {
    ok: boolean
    findings: { check: string; state: string; message: string }[]
  }
  return { ok, proof: findings.filter(({ check }) => check === 'proof' || check === 'session') }
}

async function proofOf({ config: { state } }: Bench): Promise<Proof> {
  return JSON.parse(await readFile(join(state, 'proof.json'), 'utf8')) as Proof
}

/** As a week later, when everything is read again. */
async function weekLater(bench: Bench): Promise<void> {
  const proof = await proofOf(bench)
  const file = join(bench.config.state, 'proof.json')
  await writeFile(file, JSON.stringify({ ...proof, whole_at: '2026-01-01T00:00:00.000Z' }))
}

test('a table that was edited makes the doctor fail after the daily verification, until one finds nothing', async () => {
  await using bench = await Bench.open()
  await sale(await bench.till('50.00'), '3.00')
  const { state } = bench.config
  await bench.stop()
  expect((await doctor(bench)).proof).toEqual([])
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
  expect((await doctor(bench)).proof).toMatchObject([
    { state: 'ok', message: expect.stringMatching(/^the daily verification of 20\d\d-.* found nothing$/) },
  ])
  insiderAt(state).run("UPDATE operation SET status = 'voided' WHERE type = 'sale'")
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: false, projections: 'different' })
  const failed = await doctor(bench)
  expect([failed.ok, failed.proof]).toMatchObject([
    false,
    [
      {
        state: 'failure',
        message: expect.stringMatching(/^the daily verification of .* found: The tables .*\(projections_differ\)$/),
      },
    ],
  ])
  await rebuildProjections(state)
  await verifyInChild(state, signal)
  expect((await doctor(bench)).proof).toMatchObject([{ state: 'ok' }])
})

/** A shop whose TSE exported its logs and deleted them, and one sale after that. */
async function archivedShop(bench: Bench) {
  const register = await bench.till('50.00')
  const cut = await sale(register, '4.50')
  await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: true })
  await sale(register, '2.00')
  return { register, cut }
}

test('a sale that was cut out is found by the daily verification in the archive of its TSE, and stays found', async () => {
  await using bench = await Bench.open()
  const { cut } = await archivedShop(bench)
  const { state } = bench.config
  await bench.stop()
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
  const { units } = await proofOf(bench)
  // Opening, sale: registration, two starts and finishes and the logs of the deletion.
  expect(units).toMatchObject([{ counter: expect.any(Number), open: [] }])
  const [journal, honest] = [join(state, 'journal.db'), join(state, 'journal.copy')]
  await cp(journal, honest)
  await rewriteEvents(state, (lines) => withoutOperation(lines, cut.id))
  // Compared logs are not compared again: the weekly run reads all of them.
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
  await weekLater(bench)
  expect(await verifyInChild(state, signal)).toMatchObject({
    valid: true,
    kept: [{ code: 'tse_start_unknown' }, { code: 'tse_log_without_bon' }],
  })
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
  const { ok, proof } = await doctor(bench)
  expect([ok, proof]).toMatchObject([false, [{ state: 'failure' }]])
  expect(proof[0]?.message).toContain('(tse_log_without_bon)')
  await cp(honest, journal)
  await weekLater(bench)
  expect(await verifyInChild(state, signal)).toMatchObject({ valid: true, kept: [] })
  expect((await doctor(bench)).proof).toMatchObject([{ state: 'ok' }])
})

test('an audit finding stays until an audit finds nothing: a daily verification has not read the TSE', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const cut = await sale(register, '3.00')
  await counted(register, '53.00')
  await register.till.create(closing(register, '0.00'))
  const { state } = bench.config
  const [journal, honest] = [join(state, 'journal.db'), join(state, 'journal.copy')]
  await bench.restart(async () => {
    await cp(journal, honest)
    await rewriteEvents(state, (lines) => withoutOperation(lines, cut.id))
  })
  await inDirectory(async (directory) => expect((await audited(bench, directory)).code).toBe(1))
  await verifyInChild(state, signal)
  expect((await doctor(bench)).proof).toMatchObject([
    {
      state: 'failure',
      message: expect.stringMatching(
        /^the audit of .*\(tse_start_unknown\).*\(tse_log_without_bon\).*\(package_cash_differs\)$/,
      ),
    },
  ])
  await bench.restart(() => cp(honest, journal))
  await inDirectory(async (directory) => expect((await audited(bench, directory)).code).toBe(0))
  expect((await doctor(bench)).proof).toMatchObject([
    { state: 'ok', message: expect.stringMatching(/^the daily verification of .*, the audit of .* found nothing$/) },
  ])
})

test('an open session is not a finding of the audit for the doctor, which reports it after a day', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00'))
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await sale(register, '3.00')
  await inDirectory(async (directory) => expect((await audited(bench, directory)).code).toBe(1))
  expect((await doctor(bench)).proof).toMatchObject([{ check: 'proof', state: 'ok' }])
  await bench.stop()
  await rewriteEvents(bench.config.state, (lines) =>
    lines.map((line) => {
      const session = line.body['session'] as { set?: object } | undefined
      if (line.kind !== 'session.opened' || session === undefined) return line
      const set = { ...session.set, opened_at: '2026-03-02T08:00:00.000Z' }
      return { ...line, body: { ...line.body, session: { ...session, set } } }
    }),
  )
  expect((await doctor(bench)).proof).toMatchObject([
    {},
    {
      check: 'session',
      state: 'failure',
      message: `register ${register.id} is not closed since 2026-03-02T08:00:00.000Z: 2 receipts over 3.00 (session_open)`,
    },
  ])
})
