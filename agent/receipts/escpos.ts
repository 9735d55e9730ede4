import type { ReceiptModel } from '../contract/receipt.ts'
import { onPage, windows1252 } from './code-page.ts'
import { gridOf } from './layout.ts'
import type { PrintLine } from './lines.ts'
import { printLines } from './lines.ts'
import { qrSize } from './qr.ts'
import type { CodeForm } from './sheet.ts'
import { sectionsOf } from './sheet.ts'

const LF = 0x0a
const LINE_FEED = Buffer.from([LF])
/** ESC @: as after power on. */
const INITIALISE = [0x1b, 0x40]
/** FS . : bytes above 0x7F are single characters also on a printer for Kanji. */
const SINGLE_BYTES = [0x1c, 0x2e]
/** ESC R 0: `#$@[\]^{|}~` are not replaced. */
const INTERNATIONAL_USA = [0x1b, 0x52, 0]
/** ESC t 16: code page WPC1252 (Epson, and those who follow it). */
const WINDOWS_1252 = [0x1b, 0x74, 16]
const START = [...INITIALISE, ...SINGLE_BYTES, ...INTERNATIONAL_USA, ...WINDOWS_1252]
const BOLD_ON = Buffer.from([0x1b, 0x45, 1])
const BOLD_OFF = Buffer.from([0x1b, 0x45, 0])
const CENTRE = [0x1b, 0x61, 1]
const LEFT = [0x1b, 0x61, 0]
/** GS V 66 3: feed to the knife and a little more, partial cut. */
const CUT = [0x1d, 0x56, 0x42, 3]

/** Dots per line of a printer, by its columns of font A (12 dots each): the QR code must fit into it. */
const DOTS: { readonly [columns: number]: number; readonly 32: number } = { 32: 384, 42: 504, 48: 576 }
const QUIET_MODULES = 4
/** Dots of a module: 3 are 0.38 mm at 203 dpi, 6 are as large as a phone ever needs. */
const MODULE_DOTS = { least: 3, most: 6 }

/**
 * The receipt as bytes for a printer (ESC/POS, code page WPC1252): text at the columns of font A, titles and totals
 * bold, the QR code drawn by the printer (GS ( k, functions 165, 167, 169, 180, 181), cut. The same bytes for the same model.
 */
export function renderEscPos(model: ReceiptModel, columns: number, form: CodeForm): Buffer {
  const grid = gridOf(columns, onPage)
  const rule = Buffer.from([...windows1252(grid.rule), LF])
  const sections = printLines(sectionsOf(model, form), grid)
  const blocks = sections.map((lines) => lines.map((line) => lineBytes(line, columns)))
  const parts = blocks.flatMap((block, index) => (index === 0 ? block : [rule, ...block]))
  return Buffer.concat([Buffer.from(START), ...parts, Buffer.from([LF, ...CUT])])
}

function lineBytes(line: PrintLine, columns: number): Buffer {
  if ('code' in line) return Buffer.from([LF, ...CENTRE, ...qrCommands(line.code, DOTS[columns] ?? DOTS[32]), ...LEFT])
  const text = [windows1252(line.text), LINE_FEED]
  return Buffer.concat(line.strong ? [BOLD_ON, ...text, BOLD_OFF] : text)
}

function qrCommands(text: string, dots: number): number[] {
  const data = [...Buffer.from(text, 'utf8')]
  const largest = Math.floor(dots / (qrSize(text) + 2 * QUIET_MODULES))
  const module = Math.min(MODULE_DOTS.most, Math.max(MODULE_DOTS.least, largest))
  return [
    // Model 2.
    ...qrFunction(0x41, 0x32, 0),
    ...qrFunction(0x43, module),
    // Level M.
    ...qrFunction(0x45, 0x31),
    ...qrFunction(0x50, 0x30, ...data),
    ...qrFunction(0x51, 0x30),
  ]
}

/** GS ( k pL pH cn fn …: pL and pH count what follows them. */
function qrFunction(name: number, ...parameters: readonly number[]): number[] {
  const length = parameters.length + 2
  return [0x1d, 0x28, 0x6b, length & 0xff, length >> 8, 0x31, name, ...parameters]
}
