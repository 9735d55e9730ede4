import { expect, test } from 'vitest'
import { checkFonts } from '../../agent/cli/checks/fonts.ts'
import { Fonts } from '../../agent/receipts/fonts.ts'
import { ReceiptRenderer } from '../../agent/receipts/renderer.ts'
import { drawnOrder } from '../../agent/receipts/writing-order.ts'
import { heavy } from '../tags.ts'
import { readPdf } from './decode.ts'
import { completed, line, modelOf, pay } from './shop.ts'

const NOWHERE = '/nonexistent'

function sold(...titles: string[]) {
  const total = `${titles.length}.00`
  const lines = titles.map((title) => line(title, '1.00', '0.07'))
  return modelOf(completed('sale', { total_amount: total, line_items: lines }, [pay('card', total)]))
}

test(
  'letters that the receipt’s own font has not are of fonts that packages of the system brought, and embedded',
  heavy(),
  async () => {
    const model = sold('宫保鸡丁 Kung Pao', 'すし（大）', 'Καφές', 'حمص', 'Борщ')
    const pdf = Buffer.from(new ReceiptRenderer().render(model, 'pdf', {}).body)
    const { text, fonts } = await readPdf(pdf)
    for (const words of ['宫保鸡丁KungPao', 'すし（大）', 'Καφές', 'حمص', 'Борщ']) {
      expect(text.replace(/[\u202a-\u202e]/g, '')).toContain(words)
    }
    expect(fonts).toMatch(/PTSans-Regular .* yes yes yes/)
    expect(fonts).toMatch(/DroidSansFallback .* yes yes yes/)
    expect(pdf.length).toBeLessThan(150_000)
    const boxes = await readPdf(Buffer.from(new ReceiptRenderer(NOWHERE).render(model, 'pdf', {}).body))
    expect(boxes.fonts).not.toMatch(/Droid/)
  },
)

test('the same receipt has the same bytes after any other drawings', heavy(), () => {
  const renderer = new ReceiptRenderer()
  const draw = (title: string) => (['pdf', 'png'] as const).map((form) => renderer.render(sold(title), form, {}).body)
  const first = draw('宫保鸡丁 حمص')
  draw('北京烤鸭 قهوة')
  expect(draw('宫保鸡丁 حمص')).toEqual(first)
})

test('the cache of a font does not grow with the number of drawings', () => {
  const fonts = new Fonts()
  const [first] = fonts.spans('宫', 'regular')
  fonts.tidy()
  expect(fonts.spans('宫', 'regular')[0]?.font).toBe(first?.font)
  fonts.spans(Array.from({ length: 2500 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join(''), 'regular')
  fonts.tidy()
  expect(fonts.spans('宫', 'regular')[0]?.font).not.toBe(first?.font)
})

test('a picture has their shapes, and boxes where no font is installed', heavy(), () => {
  const drawn = (title: string, folder?: string) => new ReceiptRenderer(folder).render(sold(title), 'png', {}).body
  expect(drawn('宫保鸡丁')).not.toEqual(drawn('宫保鸡丁', NOWHERE))
  expect(drawn('宫保鸡丁')).not.toEqual(drawn('北京烤鸭'))
  expect(drawn('宫保鸡丁', NOWHERE)).toEqual(drawn('北京烤鸭', NOWHERE))
})

/** Capitals represent letters that are read from right to left, as in the examples of UAX #9. */
test.each([
  ['Hummus', 'Hummus'],
  ['hummus ABG gross', 'hummus GBA gross'],
  ['AB GD', 'DG BA'],
  ['AB 12 GD', 'DG 12 BA'],
  ['AB 3,50 GD', 'DG 3,50 BA'],
  ['AB 10% GD', 'DG 10% BA'],
  ['AB (GD)', '(DG) BA'],
  ['AB (GD) HU', 'UH (DG) BA'],
  ['(AB) gross', '(BA) gross'],
  ['12 AB', '12 BA'],
  ['AB 12', '12 BA'],
  ['gross 12 AB', 'gross 12 BA'],
  ['AB, gross', 'BA, gross'],
  ['AB-GD', 'DG-BA'],
])('%s is drawn as %s', (written, drawn) => {
  const hebrew = (text: string) =>
    text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x41 + 0x5d0))
  const mirror = (sign: string) => ({ '(': ')', ')': '(' })[sign] ?? sign
  const shown = drawnOrder(hebrew(written))
    .map(({ text, rightToLeft }) => (rightToLeft ? [...text].reverse().map(mirror).join('') : text))
    .join('')
  expect(shown).toBe(hebrew(drawn))
})

test('the doctor names the package for letters that no font has, and no letter of a receipt', () => {
  expect(checkFonts(['{"title":"Brötchen Борщ € „x“ – \u200b\u{fe0f}"}'])).toEqual([])
  const [finding] = checkFonts(['{"title":"宫保鸡丁"}', '{"title":"김치 กุ้ง 🥐"}'], NOWHERE)
  expect(finding).toMatchObject({ check: 'receipt fonts', state: 'warning' })
  expect(finding?.message).toContain('Chinese, Japanese; Korean; Thai; emoji')
  expect(finding?.remedy).toBe('apt-get install fonts-droid-fallback fonts-nanum fonts-noto-core fonts-symbola')
  expect(`${finding?.message}${finding?.remedy}`).not.toMatch(/\p{Script=Han}/u)
})
