import { PNG } from 'pngjs'
import { expect, test } from 'vitest'
import { qrInPng } from '../receipts/decode.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownTill } from './command.ts'

const MODULE_DOTS = 6
/** Whether the upper and the lower half of a character are inked. */
const INK: Readonly<Record<string, readonly [boolean, boolean]>> = {
  ...{ '█': [true, true], '▀': [true, false], '▄': [false, true], ' ': [false, false] },
}

/** A terminal as a camera sees it: ink is light. */
function pictureOf(lines: readonly string[]): Buffer {
  const rows = lines.flatMap((line) => [0, 1].map((half) => [...line].map((block) => INK[block]?.[half] === true)))
  const side = { width: (rows[0]?.length ?? 0) * MODULE_DOTS, height: rows.length * MODULE_DOTS }
  const png = new PNG(side)
  for (let y = 0; y < side.height; y++) {
    for (let x = 0; x < side.width; x++) {
      const shade = rows[Math.floor(y / MODULE_DOTS)]?.[Math.floor(x / MODULE_DOTS)] === true ? 255 : 0
      png.data.set([shade, shade, shade, 255], (y * side.width + x) * 4)
    }
  }
  return PNG.sync.write(png)
}

test(
  'a key can be scanned from the terminal instead of typed: the code holds the key and no address',
  heavy(),
  async () => {
    const { code, out } = await fiskalEdge('key', 'create', 'platform', '--qr', '--config', ownTill())
    expect(code).toBe(0)
    const lines = out.split('\n').filter((line) => /^[█▀▄ ]{20,}$/.test(line))
    const key = /key +(ofk_platform_\S+)/.exec(out)?.[1]
    expect(key).toBeDefined()
    expect(qrInPng(pictureOf(lines))).toBe(key)
  },
)
