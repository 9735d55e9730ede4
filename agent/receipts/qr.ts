import { qrcode } from './libraries.ts'

/** Dark modules of a row that touch: from `x` on, `length` of them, in row `y`. */
type Run = { x: number; y: number; length: number }
/** A QR code (ISO/IEC 18004, model 2, level M, byte mode) without its quiet zone. */
export type QrCode = { readonly size: number; readonly runs: readonly Run[] }

/** Smallest version that holds so many bytes at level M, ISO/IEC 18004 table 7. */
const BYTES_AT_LEVEL_M = [
  14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911,
  997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331,
]

/** False for a text that no code of level M holds. */
export function isDrawable(text: string): boolean {
  return Buffer.byteLength(text) <= (BYTES_AT_LEVEL_M.at(-1) ?? 0)
}

/** Modules per side, for a printer in byte mode. */
export function qrSize(text: string): number {
  const bytes = Buffer.byteLength(text)
  const index = BYTES_AT_LEVEL_M.findIndex((most) => bytes <= most)
  return 17 + 4 * (index < 0 ? 40 : index + 1)
}

/** One segment of bytes: no time is spent on a tighter encoding. */
export function qrCode(text: string): QrCode {
  const { modules } = qrcode().create([{ data: Buffer.from(text, 'utf8'), mode: 'byte' }], {
    errorCorrectionLevel: 'M',
  })
  const { size, data } = modules
  const runs: Run[] = []
  for (let y = 0; y < size; y++) {
    let length = 0
    for (let x = 0; x <= size; x++) {
      const dark = x < size && data[y * size + x] === 1
      if (dark) length++
      else if (length > 0) {
        runs.push({ x: x - length, y, length })
        length = 0
      }
    }
  }
  return { size, runs }
}

/** The runs as an SVG path in modules, moved by `(left, top)` and enlarged. */
export function qrPath({ runs }: QrCode, left: number, top: number, module: number): string {
  return runs
    .map(
      ({ x, y, length }) =>
        `M${left + x * module} ${top + y * module}h${length * module}v${module}h${-length * module}z`,
    )
    .join('')
}
