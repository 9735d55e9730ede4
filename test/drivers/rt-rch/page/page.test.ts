import { describe, expect, test } from 'vitest'
import { allCases, drawCases, runCases } from '../../../contracts/printer-faults.ts'
import { describeRtPrinter } from '../../../contracts/rt-printer.ts'
import { heavy } from '../../../tags.ts'
import { openPageBench, pageMatrix } from './bench.ts'
import type { Manners } from './printer.ts'

/** How printers of the page may differ. */
const models: Readonly<Record<string, Manners>> = {
  'with its reply in single bytes': { pieces: 'bytes', layout: 'wide' },
  'that acknowledges late and talks beside its frames': { ackAfterMs: 40, replyAfterMs: 40, chatter: true },
  'that says ACK and reply at once, and gives the pack character back': { pieces: 'with-ack', pack: 'same' },
  'with FIDELITY, its texts framed': { fidelity: true, framedDump: true, layout: 'wide' },
  'that answers a repeated frame from memory': { remembers: true, replyAfterMs: 20 },
}

const paperFaults = ['paper-out=60', 'cover-open=60', 'paper-end-resume', 'paper-end-lose']

const acts = {
  lineAct: '=R',
  closingAct: '=T',
  voidAct: '=k/',
  closureAct: '=C10',
  firstClosure: 141,
  keepsTexts: true,
}

describeRtPrinter('the RCH driver before a printer of the page', { ...acts, readsMemory: true }, () =>
  openPageBench('tcp', { chatter: true, framedDump: true, layout: 'wide' }),
)

describe('each fault at each frame, for a printer as the page describes it: printed once or reported as not printed', () => {
  test.each(Object.entries(models))('%s', heavy(), async (_, manners) => {
    const cases = drawCases(pageMatrix, 16, 3_112_026)
    expect(await runCases(cases, { open: () => openPageBench('tcp', manners), parallel: 16 })).toEqual([])
  })

  test('that refuses everything for paper and cover until its error is cleared', heavy(), async () => {
    const cases = allCases({ ...pageMatrix, faults: paperFaults }).filter(({ frame }) => frame % 4 === 0)
    const open = () => openPageBench('tcp', { keepsError: true, fidelity: true })
    expect(await runCases(cases, { open, parallel: 16 })).toEqual([])
  })

  test.each(['paper-out=60', 'cover-open=60'])('closes its day after %s, if its error stays', async (fault) => {
    const bench = await openPageBench('tcp', { keepsError: true })
    const baseline = await bench.printer.baseline()
    bench.inject(`${fault}@=C10`)
    expect(await bench.printer.closeDay(baseline)).toMatchObject({ z: baseline.z + 1 })
  })

  test('over a pseudo-terminal', heavy(), async () => {
    const cases = drawCases(pageMatrix, 12, 3_112_027)
    expect(await runCases(cases, { open: () => openPageBench('pty'), parallel: 6 })).toEqual([])
  })
})
