import { DeviceError } from '../../drivers/errors.ts'
import type { RtBaseline, RtDocument, RtPrinter } from '../../drivers/ports/rt-printer.ts'
import type { PrinterBench } from './printer-bench.ts'
import { coffee, uniqueReference } from './printer-bench.ts'

type PrinterRecord =
  | { type: 'slip'; number: number; lines: readonly string[]; cashCents: number }
  | { type: 'printout'; lines: readonly string[] }
  | { type: 'document' | 'closure' | 'restore' | 'aborted' }
/** A printer whose own record has slips and closures too. */
export type FaultBench = PrinterBench & { records(): readonly PrinterRecord[] }

/** The faults of a frame of any family on a line. Recovery times are short: a test does not wait for a shop. */
export const lineFaults = [
  'lost-request',
  'nak',
  'not-executed',
  'lost-ack',
  'lost-answer',
  'silent',
  'garbled',
  'garbled=0',
  'bad-bcc',
  'cut=0',
  'cut=1',
  'cut=9',
  'doubled',
  'stale',
  'noise',
  'late=700',
  'slow-bytes=1',
  'split',
  'busy',
  'paper-out=60',
  'cover-open=60',
  'power-cut-before=60',
  'power-cut=60',
  'power-blink',
  'unplugged-before=60',
  'unplugged=60',
  'unplugged-after=60',
  'manual-sale=1250',
]

export const operations = ['sale', 'return', 'void', 'closure', 'cash', 'slip'] as const
export type Operation = (typeof operations)[number]

/** The parts of a matrix: its faults, and more frames than any dialogue has until the last reply that may be lost. */
export type Matrix = { faults: readonly string[]; frames: Readonly<Record<Operation, number>> }

/** The printer closes the day at any frame of a fiscal act; a slip of the day before has no number then. */
export function midnightOf({ frames }: Matrix): Matrix {
  return {
    faults: ['closed-by-itself'],
    frames: { ...frames, closure: 0, cash: 0, slip: 0 },
  }
}

export type MatrixCase = { operation: Operation; fault: string; frame: number }

export function allCases({ faults, frames }: Matrix): readonly MatrixCase[] {
  return operations.flatMap((operation) =>
    faults.flatMap((fault) =>
      Array.from({ length: frames[operation] }, (_, index) => ({ operation, fault, frame: index + 1 })),
    ),
  )
}

export function drawCases(matrix: Matrix, count: number, seed: number): readonly MatrixCase[] {
  return drawn(allCases(matrix), count, seed)
}

/** A linear congruential generator: the same seed draws the same cases. */
export function drawn<Case>(all: readonly Case[], count: number, seed: number): readonly Case[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return all[state % all.length]
  }).filter((each) => each !== undefined)
}

/** Runs cases concurrently, each on a separate printer. Returns the failures, one line a case. */
export async function runCases(
  cases: readonly MatrixCase[],
  options: { open: () => Promise<FaultBench>; parallel: number; progress?: (done: number) => void },
): Promise<readonly string[]> {
  const failures: string[] = []
  const waiting = [...cases]
  let done = 0
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const problem = await runCase(next, options.open)
      if (problem !== undefined) failures.push(`${next.fault}@*#${next.frame} in a ${next.operation}: ${problem}`)
      done += 1
      options.progress?.(done)
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, worker))
  return failures
}

async function runCase(
  { operation, fault, frame }: MatrixCase,
  open: () => Promise<FaultBench>,
): Promise<string | undefined> {
  const bench = await open()
  try {
    await opened(bench)
    const before = await bench.printer.baseline()
    const sold = await bench.printer.print(coffee(), before)
    if (operation !== 'cash')
      await bench.printer.print({ kind: 'cash', amountCents: 10_000n }, await bench.printer.baseline())
    const original = { z: sold.z, number: sold.number, date: before.at.slice(0, 10) }
    bench.inject(`${fault}@*#${frame}`)
    if (operation === 'closure') return await closeOnce(bench)
    return await printOnce(bench, documentOf(operation, original))
  } catch (error) {
    return String(error)
  } finally {
    await bench.destroy()
  }
}

/** As the agent does: on a machine that is busy a first look may come too late. */
async function opened({ printer }: Pick<FaultBench, 'printer'>, triesLeft = TRIES_MAX): Promise<void> {
  try {
    await printer.open()
  } catch (error) {
    if (triesLeft === 0) throw error
    await opened({ printer }, triesLeft - 1)
  }
}

function documentOf(
  operation: Exclude<Operation, 'closure'>,
  original: { z: number; number: number; date: string },
): RtDocument {
  switch (operation) {
    case 'sale':
      return coffee({
        payments: [
          { tender: 4, amountCents: 1000n },
          { tender: 1, amountCents: 500n },
        ],
      })
    case 'return':
      return {
        kind: 'return',
        reference: uniqueReference(),
        original,
        lines: coffee().lines,
        payments: [{ tender: 1, amountCents: 1250n }],
      }
    case 'void':
      return { kind: 'void', original }
    case 'cash':
      return { kind: 'cash', amountCents: 777n }
    case 'slip':
      return { kind: 'non_fiscal', lines: ['ADDESTRAMENTO - NON FISCALE', 'x'] }
  }
}

/** Exhausted by a fault only: on a busy machine a printer that was unplugged takes its time to come back. */
const TRIES_MAX = 25

/** Like a till: a baseline, one print, and questions until the printer answers. */
async function attempt<T>(
  act: (baseline: RtBaseline) => Promise<T>,
  settle: (baseline: RtBaseline) => Promise<T | undefined>,
  printer: RtPrinter,
): Promise<T | DeviceError> {
  const baseline = await baselineOf(printer)
  try {
    return await act(baseline)
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    if (error.effect === 'none') return error
    for (let turn = 0; turn < TRIES_MAX; turn += 1) {
      try {
        return (await settle(baseline)) ?? error
      } catch (again) {
        if (!(again instanceof DeviceError)) throw again
        await untilBack()
      }
    }
    throw error
  }
}

/** A printer that was unplugged or has no paper needs its moment. */
function untilBack(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 80))
}

/** Prints the documents that wait in a printer for paper. */
async function resumed(printer: RtPrinter): Promise<void> {
  await untilBack()
  await baselineOf(printer)
}

async function baselineOf(printer: RtPrinter): Promise<RtBaseline> {
  let failure: unknown
  for (let turn = 0; turn < TRIES_MAX; turn += 1) {
    try {
      return await printer.baseline()
    } catch (error) {
      failure = error
      await untilBack()
    }
  }
  throw failure
}

async function printOnce(bench: FaultBench, document: RtDocument): Promise<string | undefined> {
  const { printer } = bench
  const print = (baseline: RtBaseline) => printer.print(document, baseline)
  const settle = async (baseline: RtBaseline) => {
    const settled = await printer.settle(document, baseline)
    return settled === 'misprinted' ? print(baseline) : settled
  }
  const answer = await attempt(print, settle, printer)
  if (answer instanceof DeviceError) await resumed(printer)
  const papers = papersOf(bench, document)
  if (answer instanceof DeviceError)
    return papers.every((number) => isEmptySlip(bench, number))
      ? undefined
      : `${answer.message}, but ${papers} is printed`
  if (papers.length !== 1) return `${papers.length} printed: ${papers}`
  if (papers[0] !== answer.documentNumber) return `told ${answer.documentNumber}, printed ${papers[0]}`
  return falseSaleOf(bench, document)
}

/** A return that came out as a sale, and was not annulled. */
function falseSaleOf({ printed }: FaultBench, document: RtDocument): string | undefined {
  if (document.kind !== 'return') return undefined
  const isMistaken = (kind: string, text: string) => kind === 'sale' && text.includes(`#REF ${document.reference}`)
  const printedDocument = printed().find(
    ({ kind, text, documentNumber }) =>
      isMistaken(kind, text) &&
      !printed().some((other) => other.kind === 'void' && other.text.includes(`N. ${documentNumber} del`)),
  )
  return printedDocument && `${printedDocument.documentNumber} stands as a sale`
}

/** A slip that a Custom printer opened and refused is ended without a line: that is paper, and not the slip that was refused. */
function isEmptySlip({ records }: FaultBench, slip: string): boolean {
  return records().some(
    (record) => record.type === 'slip' && String(record.number) === slip && record.lines.length === 0,
  )
}

function papersOf({ records, printed }: FaultBench, document: RtDocument): readonly string[] {
  switch (document.kind) {
    case 'void':
      return printed()
        .filter(({ kind }) => kind === 'void')
        .map(({ documentNumber }) => documentNumber)
    case 'sale':
    case 'return':
      return printed()
        .filter(({ kind, text }) => kind === document.kind && text.includes(`#REF ${document.reference}`))
        .map(({ documentNumber }) => documentNumber)
    default: {
      const cents = document.kind === 'cash' ? Number(document.amountCents) : 0
      const slips = records().filter((record) => record.type === 'slip')
      return slips.filter(({ cashCents }) => cashCents === cents).map(({ number }) => String(number))
    }
  }
}

async function closeOnce({ printer, records }: FaultBench): Promise<string | undefined> {
  const answer = await attempt(
    (baseline) => printer.closeDay(baseline),
    (baseline) => printer.settleClosure(baseline),
    printer,
  )
  if (answer instanceof DeviceError) await resumed(printer)
  const made = records().filter(({ type }) => type === 'closure').length
  const expected = answer instanceof DeviceError ? 0 : 1
  return made === expected ? undefined : `${made} closures made, ${expected} told`
}
