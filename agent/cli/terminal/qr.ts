import { qrCode } from '../../receipts/qr.ts'
import { styled } from './output.ts'

/** The quiet zone of ISO/IEC 18004: four light modules. */
const QUIET_MODULES = 4
/** By upper and lower module: both light, lower dark, upper dark, both dark. */
const BLOCKS = ['█', '▀', '▄', ' '] as const

/** A QR code of half blocks, light on dark whatever the terminal's colours: a phone's camera can read it. */
export function qrLines(text: string): string[] {
  const { size, runs } = qrCode(text)
  const dark = new Set(
    runs.flatMap(({ x, y, length }) => Array.from({ length }, (_, step) => (y + QUIET_MODULES) * 1000 + x + step)),
  )
  const isDark = (x: number, y: number): boolean => dark.has(y * 1000 + x - QUIET_MODULES)
  const side = size + 2 * QUIET_MODULES
  const lines: string[] = []
  for (let y = 0; y < side; y += 2) {
    let line = ''
    for (let x = 0; x < side; x++) line += BLOCKS[Number(isDark(x, y)) * 2 + Number(isDark(x, y + 1))]
    lines.push(styled('inked', line))
  }
  return lines
}
