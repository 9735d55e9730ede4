import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Resvg } from '@resvg/resvg-js'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'

const run = promisify(execFile)
// CommonJS with its own default export.
const readQr = jsqr as unknown as typeof jsqr.default

/** Text of the QR code in a picture; undefined if none is readable. */
export function qrInPng(bytes: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(bytes)
  const found = readQr(Uint8ClampedArray.from(data), width, height)
  return found === null ? undefined : Buffer.from(found.binaryData).toString('utf8')
}

/** Text of the QR code in the picture of an HTML receipt. */
export function qrInHtml(html: string): string | undefined {
  const [svg = ''] = /<svg .*<\/svg>/.exec(html) ?? []
  const named = svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
  return qrInPng(new Resvg(named, { fitTo: { mode: 'width', value: 900 } }).render().asPng())
}

/** The text of a PDF without blanks, its metadata and its fonts, as poppler, another implementation, reads them. */
export async function readPdf(bytes: Buffer): Promise<{ text: string; info: string; fonts: string }> {
  return await withFile(bytes, async (file) => {
    const [text, info, fonts] = await Promise.all([
      run('pdftotext', ['-raw', file, '-']),
      run('pdfinfo', [file], { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } }),
      run('pdffonts', [file]),
    ])
    return { text: text.stdout.replace(/\s/g, ''), info: info.stdout, fonts: fonts.stdout }
  })
}

type Word = { page: number; left: number; right: number; top: number; bottom: number; text: string }

/** Each word of a PDF with its box, in points. */
export async function wordsInPdf(bytes: Buffer): Promise<{ words: Word[]; width: number }> {
  const { stdout } = await withFile(bytes, (file) => run('pdftotext', ['-bbox', file, '-']))
  const pages = stdout.split('<page ').slice(1)
  const words = pages.flatMap((page, at) =>
    [...page.matchAll(/xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*?)<\/word>/g)].map(
      ([, left, top, right, bottom, text = '']) => {
        return { page: at, left: Number(left), right: Number(right), top: Number(top), bottom: Number(bottom), text }
      },
    ),
  )
  return { words, width: Number(/width="(\S+)"/.exec(stdout)?.[1]) }
}

/** Text of the QR code on the last page of a PDF, as poppler draws it. */
export async function qrInPdf(bytes: Buffer): Promise<string | undefined> {
  return await withFile(bytes, async (file, folder) => {
    const { stdout } = await run('pdfinfo', [file])
    const last = /Pages: +(\d+)/.exec(stdout)?.[1] ?? '1'
    const page = join(folder, 'page')
    await run('pdftoppm', ['-png', '-gray', '-r', '200', '-f', last, '-l', last, '-singlefile', file, page])
    return qrInPng(await readFile(`${page}.png`))
  })
}

async function withFile<Result>(
  bytes: Buffer,
  read: (file: string, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'receipt-'))
  try {
    const file = join(folder, 'receipt.pdf')
    await writeFile(file, bytes)
    return await read(file, folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Bytes for a printer as readable lines: bytes outside of plain ASCII as `\xNN`. */
export function dumpOf(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => {
      if (byte === 0x0a) return '\\n\n'
      if (byte >= 0x20 && byte < 0x7f) return byte === 0x5c ? '\\\\' : String.fromCharCode(byte)
      return `\\x${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}
