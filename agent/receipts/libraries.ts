import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type * as Resvg from '@resvg/resvg-js'
import type * as Fontkit from 'fontkit'
import type PdfDocument from 'pdfkit'
import type * as QrCode from 'qrcode'

/**
 * Drawing libraries, loaded for the first receipt that needs them: together they take 30 MB, which an agent never uses
 * if its tills print receipts themselves.
 */
const require = createRequire(import.meta.url)

export function pdfkit(): typeof PdfDocument {
  return require('pdfkit')
}

export function fontkit(): typeof Fontkit {
  return require('fontkit')
}

export function resvg(): typeof Resvg {
  return require('@resvg/resvg-js')
}

/** Only the encoder: the entry of the package also loads renderers for PNG and terminals. */
export function qrcode(): Pick<typeof QrCode, 'create'> {
  return require('qrcode/lib/core/qrcode.js')
}

/** The face of a text: PT Sans, or OCR-A for text that a machine reads by its shapes (RKSV § 11). */
export type Face = 'regular' | 'bold' | 'ocr'

/**
 * Path of a font: PT Sans (SIL Open Font License 1.1), Latin and Cyrillic, figures of one width; OCR-A by John Sauter
 * (public domain; Debian's fonts-ocr-a), shapes of ANSI X3.17-1977.
 */
export function fontFile(face: Face): string {
  if (face === 'ocr') return fileURLToPath(new URL('ocr-a.ttf', import.meta.url))
  return face === 'bold'
    ? require.resolve('@expo-google-fonts/pt-sans/700Bold/PTSans_700Bold.ttf')
    : require.resolve('@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf')
}
