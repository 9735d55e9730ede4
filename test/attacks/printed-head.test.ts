import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { readPdf } from '../receipts/decode.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { configOf, rewriteEvents, withoutOperation } from './insider.ts'

// Root rewrites the journal with the machine's own key. The Z report in the folder of the accountant he does not reach.

const HEAD = /^Journal:?\s+(\d+:[0-9a-f]{16})$/m

async function sale({ id, till }: Register, amount: string) {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [pay('cash', amount)])
}

/** A sold day with its Z report on paper: the receipt of its closing as text. */
async function printedDay(bench: Bench) {
  const register = await bench.till('50.00')
  const cut = await sale(register, '3.00')
  await sale(register, '4.50')
  await counted(register, '57.50')
  const closed = await register.till.create(closing(register, '0.00'))
  const { id } = await register.till.post(`/v1/registers/${register.id}/closings`, {})
  const paper = await paperOf(register, `/v1/closings/${String(id)}/receipt`)
  return { register, cut, closed, id: String(id), head: headOn(paper), paper }
}

async function paperOf({ till }: Register, path: string): Promise<string> {
  return (await till.call({ path, headers: { Accept: 'text/plain' } })).text
}

function headOn(paper: string): string {
  return String(HEAD.exec(paper)?.[1])
}

test(
  'journal verify --head recognises the head of a Z report, until root has rewritten the journal',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const { register, cut, closed, id, head, paper } = await printedDay(bench)
    expect(head).toMatch(/^\d+:/)
    // A slip reads the same whenever it is printed, and the close of the session has its own.
    await sale(register, '1.00').catch(() => undefined)
    expect(await paperOf(register, `/v1/closings/${id}/receipt`)).toBe(paper)
    const close = headOn(await paperOf(register, `/v1/operations/${closed.id}/receipt`))
    expect(Number(close.split(':')[0])).toBeLessThan(Number(head.split(':')[0]))
    const verify = async (...heads: string[]) =>
      fiskalEdge('journal', 'verify', '--config', await configOf(bench), ...heads.flatMap((one) => ['--head', one]))
    await bench.stop()
    for (const one of [head, close, head.toUpperCase()]) {
      const { code, out } = await verify(one)
      expect([code, out]).toEqual([0, expect.stringContaining('✔ paper: event')])
    }
    await rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, cut.id))
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent' })
    const { code, out } = await verify(head)
    expect(code).toBe(1)
    // The journal is shorter by the sale.
    expect(out).toContain(`✖ paper: event ${head.split(':')[0]} does not exist in this journal (witness_ahead)`)
    const changed = await verify(close)
    expect(changed.code).toBe(1)
    expect(changed.out).toMatch(/✖ paper: event \d+ (differs: printed .*\(witness_differs\)|does not exist)/)
    expect((await verify()).code).toBe(0)
  },
)

test('a journal of the same length in which one event was changed differs from the paper', heavy(), async () => {
  await using bench = await Bench.open()
  const { head } = await printedDay(bench)
  await bench.stop()
  await rewriteEvents(bench.config.state, (lines) =>
    lines.map((line) => ({
      ...line,
      body: line.kind === 'merchant.created' ? { ...line.body, facts: {} } : line.body,
    })),
  )
  const { code, out } = await fiskalEdge(
    ...['journal', 'verify', '--json', '--config', await configOf(bench), '--head', head],
  )
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    valid: false,
    witnesses: [{ check: 'paper', state: 'failure', message: expect.stringContaining(`printed ${head}`) }, {}, {}],
  })
})

test('the audit report names its head, and text that is not a head is refused', heavy(), async () => {
  await using bench = await Bench.open()
  const { register, closed } = await printedDay(bench)
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const head = headOn(await readFile(join(folder, 'pruefbericht.txt'), 'utf8'))
    // The Z report of the folder reads as the slip of the close.
    const [report] = await readdir(join(folder, 'z-berichte'))
    const { text } = await readPdf(await readFile(join(folder, 'z-berichte', String(report))))
    expect(text).toContain(headOn(await paperOf(register, `/v1/operations/${closed.id}/receipt`)))
    const verify = (one: string, ...more: string[]) =>
      fiskalEdge('journal', 'verify', '--config', join(directory, 'agent.json'), '--head', one, ...more)
    expect((await verify(head)).out).toContain('✔ paper: event')
    expect((await verify('12')).err).toContain('Expected SEQ:HEX16')
    expect((await verify(head, '--from', '2')).err).toContain("cannot be used with option '--from <seq>'")
  })
})
