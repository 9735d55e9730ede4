import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import { austrianTill, ONE_CARD, sell } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { atRandom, chainedAgain, inFiles, turnoverKey, verifiedFiles } from './austrian-insider.ts'
import type { Line } from './insider.ts'
import { linesOf, rewriteEvents, withoutOperation } from './insider.ts'

// The insider has the machine's own key: every hash and signature of his journal is right. The codes he left as they are.

test(
  'a receipt that was cut out of an Austrian chain leaves a gap, a broken link and another turnover',
  heavy(),
  async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    const { id } = await sell(register, '4.50')
    await sell(register, '3.00')
    await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.filter(({ op }) => op !== id)))
    const { codes, books } = await verifyJournal(bench.config.state)
    expect(books).toBe('different')
    const place = { from: 1, to: 3 }
    expect(codes).toMatchObject([
      { code: 'receipt_number_gap' },
      { code: 'rksv_number_gap', level: 'error', register: register.id, facts: place },
      { code: 'rksv_chain_broken', register: register.id, facts: { number: 3 } },
      { code: 'rksv_turnover_differs', facts: { stated: '7.50', counted: '3.00' } },
    ])
    await inDirectory(async (directory) => {
      const file = join(directory, 'journal.ndjson')
      const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
      await bench.agent.administration.exportTo('journal', range, file)
      const { code, out } = await fiskalEdge('verify', file)
      expect(code).toBe(1)
      expect(out).toContain('(rksv_chain_broken)')
    })
  },
)

test('a turnover counter that was lowered in one event is found there, and at the next receipt', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id } = await sell(register, '4.50')
  const lowered = (line: Line): Line => {
    const chain = line.body['chain'] as { register: string; state: object } | undefined
    if (line.op !== id || chain === undefined) return line
    return { ...line, body: { ...line.body, chain: { ...chain, state: { ...chain.state, turnover_cents: '50' } } } }
  }
  await sell(register, '3.00')
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.map(lowered)))
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toMatchObject([
    { code: 'rksv_turnover_differs', register: register.id, facts: { stated: '0.50', counted: '4.50' } },
    { code: 'rksv_turnover_differs', register: register.id, facts: { stated: '7.50', counted: '3.50' } },
  ])
})

test(
  'a receipt that was cut out of a chain whose rest was made again fits everywhere but in the signatures',
  heavy(),
  async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    const { id } = await sell(register, '4.50')
    await sell(register, '3.00')
    await sell(register, '2.00')
    const key = await turnoverKey(bench, register.id)
    await bench.restart(async () => {
      const { state } = bench.config
      const shortened = await chainedAgain(withoutOperation(linesOf(state), id), key, atRandom)
      await rewriteEvents(state, () => shortened)
    })
    const { books, codes } = await verifyJournal(bench.config.state)
    expect({ books, codes }).toEqual({ books: 'consistent', codes: [] })
    await inFiles(bench, register.id, async ({ directory, dep7, journal, material }) => {
      const { code, told, together } = await verifiedFiles(dep7, journal, '--material', material)
      expect([code, together.valid]).toEqual([1, false])
      const place = (number: number) => ({ code: 'rksv_signature_wrong', register: register.id, facts: { number } })
      // The Startbeleg is as it was.
      expect(together.codes).toMatchObject([place(2), place(3)])
      expect(together.codes?.every(({ seq, serial }) => seq > 0 && /^[0-9a-f]+$/.test(serial ?? ''))).toBe(true)
      expect(told.find(({ kind }) => kind === 'dep7')?.codes).toMatchObject(
        [2, 3].map((number) => ({
          ...{ code: 'rksv_signature_wrong', facts: { number: String(number) } },
        })),
      )
      const audit = await audited(bench, directory)
      expect(audit.code).toBe(1)
      const { findings } = audit.parts.find(({ name }) => name === 'DEP7 / Journal') ?? {}
      expect(findings?.[0]).toMatch(
        new RegExp(
          `^Kasse ${register.id}: Beleg 2 ist nicht mit der Signatureinheit [0-9a-f]+ signiert. \\(rksv_signature_wrong\\)$`,
        ),
      )
      const config = join(directory, 'agent.json')
      const exported = await fiskalEdge('export', 'dep7', '--config', config, '--out', join(directory, 'out.json'))
      expect(exported.code).toBe(1)
      expect(exported.out).toContain('(rksv_signature_wrong, CRYPTO_SIGNATURE, error)')
      const { job } = await bench.exportedJob('dep7', { register_id: register.id })
      expect(job).toMatchObject({ status: 'completed', download_url: expect.any(String) })
      expect(job['findings']).toEqual([
        expect.stringMatching(/^receipt 2 \(2\): not signed .* \(rksv_signature_wrong, CRYPTO_SIGNATURE, error\)$/),
        expect.stringMatching(/^receipt 3 \(3\): not signed .* \(rksv_signature_wrong, CRYPTO_SIGNATURE, error\)$/),
      ])
    })
  },
)
