import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { italianTill } from '../e2e/italy/shop.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { GERMAN } from '../texts/law-words.ts'
import type { Line } from './insider.ts'
import { configOf, retold, rewriteEvents } from './insider.ts'

export type Shop = { printer: PrinterBeside; bench: Bench; register: Register }

/** A register with an open session, at a printer that outlives the agent. */
export async function openShop(
  use: (shop: Shop) => Promise<void>,
  { float = '0.00', config = {} }: { float?: string; config?: Members } = {},
): Promise<void> {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent(config)
  await use({ printer, bench, register: await italianTill(bench, float) })
}

/** The result of an audit of the shop. */
export async function reportOf({
  bench,
  printer,
}: Pick<Shop, 'bench'> & { printer: Pick<PrinterBeside, 'device'> }): Promise<{ code: number | null; report: string }> {
  const config = await configOf(bench, { devices: [printer.device()] })
  return inDirectory(async (directory) => {
    const folder = join(directory, 'audit')
    const { code } = await fiskalEdge('audit', '--config', config, '--out', folder)
    const report = await readFile(join(folder, 'verifica.txt'), 'utf8')
    expect(report.split('\n').filter((line) => GERMAN.test(line))).toEqual([])
    return { code, report }
  })
}

/** Changes the text of the events that are his. */
export function editEvents(
  bench: Bench,
  isHis: (line: Line) => boolean,
  change: (text: string) => string,
): Promise<void> {
  const changed = (line: Line): Line => (isHis(line) ? retold(line, change) : line)
  return bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.map(changed)))
}
