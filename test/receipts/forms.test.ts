// @module-tag heavy
import { createHash } from 'node:crypto'
import type { Font } from 'fontkit'
import { expect, test, vi } from 'vitest'
import type { ReceiptForm, ReceiptModel } from '../../agent/contract/receipt.ts'
import { RECEIPT_FORMATS, RECEIPT_PAPERS } from '../../agent/contract/receipt.ts'
import { fontFile, fontkit } from '../../agent/receipts/libraries.ts'
import { qrCode, qrSize } from '../../agent/receipts/qr.ts'
import { ReceiptRenderer } from '../../agent/receipts/renderer.ts'
import { fc } from '../properties.ts'
import { dumpOf, qrInHtml, qrInPdf, qrInPng, readPdf, wordsInPdf } from './decode.ts'
import { austrianSale, italianSale, romanShop, vienneseShop } from './laws.ts'
import { completed, line, modelOf, pay, sessionEvent } from './shop.ts'

const renderer = new ReceiptRenderer()
const FORMS = RECEIPT_FORMATS.filter((format) => format !== 'json')

function bytesOf(model: ReceiptModel, form: ReceiptForm, query = {}) {
  return Buffer.from(renderer.render(model, form, query).body)
}

const bread = {
  total_amount: '98.00',
  line_items: [
    line('Kuchenplatte „Große Torte“ mit Sahne & Erdbeeren für zwölf Personen', '80.00', '0.07', {
      quantity: 2,
      unit_price: '40.00',
    }),
    line('Caffè è più <b>forte</b>', '18.00', '0.19'),
  ],
}
const cash = [pay('cash', '100.00'), pay('cash', '-2.00')]

function german(language: ReceiptModel['language'] = 'de', copy = false) {
  return modelOf(completed('sale', bread, cash), language, copy)
}

function outage() {
  return modelOf(completed('sale', bread, cash, { start: 'failed' }))
}

function austrian() {
  return modelOf(austrianSale(), 'de', false, vienneseShop)
}
const signed = [
  ['KassenSichV', german],
  ['RKSV', austrian],
] as const

test.each(signed)('the QR code of every form reads as the one in the journal: %s', async (_law, modelOfLaw) => {
  const model = modelOfLaw()
  expect(model.qr).not.toBeNull()
  for (const paper of RECEIPT_PAPERS) {
    expect(await qrInPdf(bytesOf(model, 'pdf', { paper }))).toBe(model.qr)
  }
  expect(qrInPng(bytesOf(model, 'png'))).toBe(model.qr)
  expect(qrInHtml(bytesOf(model, 'html').toString())).toBe(model.qr)
  expect(bytesOf(model, 'escpos').includes(`1P0${model.qr}`)).toBe(true)
  expect(bytesOf(model, 'text').toString().replaceAll('\n', '')).toContain(model.qr)
})

test.each([...signed, ['RT', () => modelOf(italianSale(), 'it', false, romanShop)]] as const)(
  'every word, figure and signature of the receipt is in every form: %s',
  async (_law, modelOfLaw) => {
    const model = modelOfLaw()
    const needed = [
      model.merchant.name,
      ...model.merchant.address,
      model.title,
      ...model.notices,
      ...model.header.map(({ value }) => value),
      ...model.lines.map(({ label }) => label),
      ...model.fiscal.map(({ value }) => value),
    ].map((text) => text.replace(/\s/g, ''))
    const readable = async (form: ReceiptForm): Promise<string> => {
      const bytes = bytesOf(model, form)
      if (form === 'pdf') return (await readPdf(bytes)).text
      if (form === 'escpos') return new TextDecoder('windows-1252').decode(bytes).replace(/\s/g, '')
      const text = bytes.toString()
      return (form === 'html' ? unescaped(text) : text).replace(/\s/g, '')
    }
    for (const form of ['pdf', 'html', 'escpos', 'text'] as const) {
      const text = await readable(form)
      for (const words of needed) expect(text).toContain(words)
    }
  },
)

function unescaped(html: string): string {
  return html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

test('an outage is stated in every form, and there is no code to read', async () => {
  const model = outage()
  expect((await readPdf(bytesOf(model, 'pdf'))).text).toContain('TSEausgefallen')
  expect(qrInPng(bytesOf(model, 'png'))).toBeUndefined()
  for (const form of ['html', 'escpos', 'text'] as const) {
    expect(bytesOf(model, form).toString('latin1')).toContain('TSE ausgefallen')
  }
  expect(bytesOf(model, 'escpos').includes('1P0')).toBe(false)
})

test('the same model gives the same bytes in every form, in another renderer and at another time', () => {
  const first = FORMS.map((form) => bytesOf(german(), form))
  vi.useFakeTimers({ now: Date.parse('2031-01-01T00:00:00Z'), toFake: ['Date'] })
  try {
    const again = FORMS.map((form) => Buffer.from(new ReceiptRenderer().render(german(), form, {}).body))
    expect(again.map((bytes, index) => bytes.equals(first[index] ?? Buffer.alloc(0)))).toEqual(FORMS.map(() => true))
  } finally {
    vi.useRealTimers()
  }
})

test('a PDF bears the time of the receipt, its language and embedded fonts', async () => {
  const bytes = bytesOf(german('it'), 'pdf')
  const { info } = await readPdf(bytes)
  expect(info).toMatch(/Title: +Scontrino op_01JNB8V6W7E0S5T4R3Q2P1M0N9/)
  expect(info).toMatch(/CreationDate: +Mon Mar +2 07:14:41 2026/)
  expect(bytes.toString('latin1')).toMatch(/\/FontFile2/)
  expect(bytes.toString('latin1')).not.toMatch(/Helvetica/)
})

test('a long receipt continues over numbered A4 pages and loses no line', async () => {
  const lines = Array.from({ length: 150 }, (_, index) => line(`Artikel-${index}-`, '1.00', '0.07'))
  const model = modelOf(completed('sale', { total_amount: '150.00', line_items: lines }, [pay('card', '150.00')]))
  const bytes = bytesOf(model, 'pdf', { paper: 'a4' })
  const { text, info } = await readPdf(bytes)
  const pages = Number(/Pages: +(\d+)/.exec(info)?.[1])
  expect(pages).toBeGreaterThan(2)
  expect(text).toContain(`1/${pages}`)
  for (let index = 0; index < 150; index++) expect(text).toContain(`Artikel-${index}-`)
  expect(await qrInPdf(bytes)).toBe(model.qr)
})

test.each(RECEIPT_PAPERS)('no word of a receipt overlaps another, however long a unit is: %s', async (paper) => {
  const sold = [
    line('Teppich nach Maß mit Kettelung', '1234.50', '0.19', { quantity: '12.345', unit_price: '100.00', unit: 'm' }),
    line('Kabel', '1234.50', '0.19', { quantity: '12.345', unit_price: '100.00', unit: 'Laufmeter (Rolle à 25 m)' }),
    line('Kabel auf Trommel', '7.00', '0.19', { quantity: 7, unit_price: '1.00', unit: 'x'.repeat(50) }),
  ]
  const model = modelOf(completed('sale', { total_amount: '2476.00', line_items: sold }, [pay('card', '2476.00')]))
  const { words, width } = await wordsInPdf(bytesOf(model, 'pdf', { paper }))
  expect(words.filter(({ left, right }) => left < 0 || right > width)).toEqual([])
  const middle = ({ top, bottom }: (typeof words)[number]) => (top + bottom) / 2
  const covered = words.filter((word) =>
    words.some(
      (other) =>
        other !== word &&
        other.page === word.page &&
        Math.abs(middle(other) - middle(word)) < 3 &&
        other.left < word.right - 0.5 &&
        word.left < other.right - 0.5,
    ),
  )
  expect(covered).toEqual([])
  // Goods keep their words whole.
  expect(words.map(({ text }) => text)).toEqual(expect.arrayContaining(['Kettelung', 'Trommel', 'Laufmeter']))
})

test('a soft hyphen or joiner copied along from a web page leaves no mark on paper', async () => {
  const title = 'Dampf\u00adschiff\u200bfahrt \u{1f950}\ufe0f Fe\u0301te'
  const model = modelOf(
    completed('sale', { total_amount: '1.00', line_items: [line(title, '1.00', '0.07')] }, [pay('card', '1.00')]),
  )
  const printed = new TextDecoder('windows-1252').decode(bytesOf(model, 'escpos'))
  expect(printed).toContain('Dampfschifffahrt ? Féte\n')
  expect((await readPdf(bytesOf(model, 'pdf'))).text).toContain('Dampfschifffahrt')
})

test('a picture of more than 2 m is refused, not drawn', () => {
  const lines = Array.from({ length: 400 }, (_, index) => line(`Artikel ${index}`, '1.00', '0.07'))
  const model = modelOf(completed('sale', { total_amount: '400.00', line_items: lines }, [pay('card', '400.00')]))
  expect(() => renderer.render(model, 'png', {})).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})

test('a picture is 576 dots wide and grey', () => {
  const bytes = bytesOf(german(), 'png')
  expect([bytes.readUInt32BE(16), bytes[24], bytes[25]]).toEqual([576, 8, 0])
})

test('a page has no script, fetches nothing and its style sheet is the one that its policy allows', () => {
  const { body, headers } = renderer.render(german(), 'html', {})
  const html = String(body)
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(html) ?? []
  const hash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`
  expect(headers['Content-Security-Policy']).toContain(`default-src 'none'; style-src ${hash}`)
  expect(html).toContain(`content="default-src 'none'; style-src ${hash}`)
  expect(html).not.toMatch(/<script|<b>|\son\w+=|\sstyle=|\ssrc=|\shref=/)
  expect(html).toContain('Caffè è più &lt;b&gt;forte&lt;/b&gt;')
})

test('every form can be made, whatever a title contains', () => {
  const words = fc.string({ unit: 'binary', maxLength: 60 })
  fc.assert(
    fc.property(words, words, (title, name) => {
      const sold = { total_amount: '1.00', line_items: [line(title, '1.00', '0.07', { unit: `u${name}` })] }
      const model = modelOf(completed('sale', sold, [pay('card', '1.00', { scheme: `s${name}` })]))
      const lean = { ...model, fiscal: [], qr: null }
      for (const form of FORMS) expect(renderer.render(lean, form, {}).body.length).toBeGreaterThan(100)
    }),
    { numRuns: 15 },
  )
})

test('a printer gets no command but ours, with any text in a title', () => {
  const commands = (title: string) => {
    const sold = { total_amount: '1.00', line_items: [line(title, '1.00', '0.07')] }
    const bytes = bytesOf(modelOf(completed('sale', sold, [pay('card', '1.00')])), 'escpos')
    return [...bytes].filter((byte) => byte < 0x20 && byte !== 0x0a).length
  }
  expect(commands('Brot\u001b@\u001dV\u0000\u0010')).toBe(commands('Brot @ V  '))
})

test('a letter that the code page has not loses its marks, another sign becomes a question mark', () => {
  const sold = { total_amount: '1.00', line_items: [line('Żółć Ärö € „x“ 🧁Ж', '1.00', '0.07')] }
  const text = new TextDecoder('windows-1252').decode(
    bytesOf(modelOf(completed('sale', sold, [pay('card', '1.00')])), 'escpos'),
  )
  expect(text).toContain('Zólc Ärö € „x“ ??\n')
})

test('a sign of a whole sentence is one question mark to a printer, and a fraction its figures', () => {
  const sold = { total_amount: '1.00', line_items: [line('\ufdfa\u0e33 ⅓ ﬁ ㎏', '1.00', '0.07')] }
  const printed = bytesOf(modelOf(completed('sale', sold, [pay('card', '1.00')])), 'escpos').toString('latin1')
  expect(printed).toContain('\n?? 1/3 fi kg\n')
})

test.each(['32', '42', '48'] as const)('text and printer keep to %s columns', (columns) => {
  for (const model of [
    german('it'),
    outage(),
    modelOf(sessionEvent('session_open', { opening_balance_amount: '50' })),
  ]) {
    const lines = bytesOf(model, 'text', { columns }).toString().split('\n')
    expect(Math.max(...lines.map((one) => [...one].length))).toBe(Number(columns))
  }
})

test('a printer keeps to its columns, amounts one below the other, with any letters in its code page', () => {
  const titles = ['Cafe\u0301 creme', 'Soﬁ Groẞ', '⅓ Laugen\u00adstange', '🧁 Mufﬁn 👩\u200d🍳', 'Ziege']
  const lines = titles.map((title) => line(title, '1.00', '0.07', { unit: title }))
  const sold = { total_amount: '5.00', line_items: lines }
  const model = modelOf(completed('sale', sold, [pay('card', '5.00', { scheme: titles.join(' ').repeat(3) })]))
  const printed = new TextDecoder('windows-1252').decode(bytesOf(model, 'escpos')).split('\n')
  const rows = printed.filter((one) => / x 1,00 /.test(one))
  expect(rows.map((one) => one.length)).toEqual(titles.map(() => 42))
  expect(rows[2]).toMatch(/^ {2}1 1\/3 Laugenstange x 1,00 +1,00 B$/)
  const widths = printed.filter((one) => /Muffin|GroSS/.test(one)).map((one) => one.length)
  expect(widths.length).toBeGreaterThan(5)
  expect(Math.max(...widths)).toBe(42)
})

test('the drawn code fits into the width of the printer', () => {
  const model = german()
  for (const [columns, dots] of [
    ['32', 384],
    ['42', 504],
    ['48', 576],
  ] as const) {
    const bytes = bytesOf(model, 'escpos', { columns })
    const module = bytes[bytes.indexOf('(k\x03\x001C') + 6] ?? 0
    const side = (qrSize(model.qr ?? '') + 8) * module
    expect(side).toBeLessThanOrEqual(dots)
    // 0.38 mm at 203 dpi: readable for a phone.
    expect(module).toBeGreaterThanOrEqual(3)
  }
})

test('the size that a printer will draw is the size of the code', () => {
  for (const length of [1, 14, 15, 300, 666, 2331])
    expect(qrCode('a'.repeat(length)).size).toBe(qrSize('a'.repeat(length)))
})

const goldens: readonly (readonly [string, () => ReceiptModel])[] = [
  ['sale', german],
  ['sale-it-copy', () => german('it', true)],
  ['outage', outage],
  ['rksv', austrian],
  ['rt', () => modelOf(italianSale(), 'it', false, romanShop)],
]
test.each(goldens)('page and printer bytes of %s are the golden ones', async (name, model) => {
  const [page = '', style = '', ...others] = bytesOf(model(), 'html')
    .toString()
    .split(/(?<=<style>)|(?=<\/style>)/)
  expect(page).toContain(createHash('sha256').update(style).digest('base64'))
  await expect([page, ...others].join('')).toMatchFileSnapshot(`golden/${name}.html`)
  await expect(dumpOf(bytesOf(model(), 'escpos'))).toMatchFileSnapshot(`golden/${name}.escpos.txt`)
})

test('§ 11 RKSV: the code for OCR is set in OCR-A, ten characters an inch, in PDF and picture, and reads back whole', async () => {
  const model = austrian()
  for (const paper of RECEIPT_PAPERS) {
    const { text, fonts } = await readPdf(bytesOf(model, 'pdf', { paper, code: 'ocr' }))
    expect(text).toContain(model.ocr)
    expect(fonts).toMatch(/OCRA/)
  }
  const glyphs = fontkit().openSync(fontFile('ocr')) as Font
  for (const character of model.ocr ?? '') expect(glyphs.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)).toBe(true)
  expect(bytesOf(model, 'png', { code: 'ocr' }).length).toBeGreaterThan(bytesOf(model, 'png').length)
})
