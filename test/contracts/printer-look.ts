import { expect, test } from 'vitest'
import { lookAtPrinter } from '../../drivers/recording/look-printer.ts'
import { isUnanswered } from '../../drivers/recording/recording.ts'
import type { PrinterBench } from './printer-bench.ts'

/** The look of `device prove`. */
export function describeLook(bench: () => PrinterBench): void {
  test('a look is answered without a print, whatever the printer does not report', async () => {
    const { printer, printed } = bench()
    const words: string[] = []
    const { serial, health } = await lookAtPrinter(printer, (line) => words.push(line))
    expect([serial, health]).toEqual([(await printer.identity()).serial, expect.anything()])
    expect(words.filter(isUnanswered)).toEqual([])
    expect(printed()).toEqual([])
  })
}
