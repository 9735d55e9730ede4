import { textLines } from '../text-lines.ts'
import type { ExportReport } from './export.ts'
import { verifyExport } from './export.ts'

const END = Buffer.from('{"t":"end"')
const CHAINS_LIMIT = 10_000

/**
 * Verifies a file of one chain, or of several that follow each other (a journal that began a new epoch): each by itself,
 * and that each names the one before it and where that one ended. The report is that of the last chain, or of the first
 * that is wrong; `events` counts all. With `partial` the first one may begin anywhere: the key that signs stands in a chain's
 * first event, so that of such a part the chain alone is checked, and it is not `signed`.
 */
export async function verifyChains(
  source: AsyncIterable<Uint8Array>,
  { partial }: { partial?: boolean | undefined } = {},
): Promise<ExportReport & { signed: boolean }> {
  const lines = textLines(source)
  const first = await verifyExport(runOf(lines).lines)
  const isPart = partial === true && first.findings[0]?.rule === 'public_key'
  const report = await throughChains(lines, isPart ? { ...first, valid: true, findings: [] } : first)
  return { ...report, signed: report.valid && !isPart }
}

async function throughChains(lines: AsyncGenerator<Buffer>, first: ExportReport): Promise<ExportReport> {
  let report = first
  for (let chains = 1; report.valid && chains < CHAINS_LIMIT; chains++) {
    const run = runOf(lines)
    const next = await verifyExport(run.lines)
    if (run.count() === 0) return report
    const events = report.events + next.events
    if (next.valid && !follows(run.second(), next, report)) return { ...strayed(next), events }
    report = { ...next, events }
  }
  return report
}

type Run = { lines: AsyncGenerator<Buffer>; second: () => string; count: () => number }

/** The lines up to and with the next end line. */
function runOf(source: AsyncGenerator<Buffer>): Run {
  let count = 0
  let second = ''
  const lines = async function* (): AsyncGenerator<Buffer> {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      count++
      if (count === 2) second = next.value.toString()
      yield next.value
      if (next.value.subarray(0, END.length).equals(END)) return
    }
  }
  return { lines: lines(), second: () => second, count: () => count }
}

/** `genesis`: the line of the first event, which was read as JSON already. */
function follows(genesis: string, report: ExportReport, before: ExportReport): boolean {
  const { body } = JSON.parse(genesis) as { body: string }
  const { note } = JSON.parse(body) as { note?: { readonly [member: string]: unknown } }
  const named = note?.['previousChainId'] === before.chain && note['lastKnownSeq'] === before.lastSeq
  return named && note['lastKnownHead'] === before.head && report.firstSeq === 1 && report.epoch > before.epoch
}

function strayed(report: ExportReport): ExportReport {
  const what = 'what follows the end line is not the next chain of the same journal'
  return { ...report, valid: false, findings: [{ seq: 1, rule: 'surplus', what }] }
}
