import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verify } from '../../agent/cli/verify.ts'
import { gridOf } from '../../agent/receipts/layout.ts'
import { buildQr } from '../../drivers/tr03151/qr.ts'
import { signed } from '../drivers/tr03151/signed-qr.ts'
import { SoftTill, softUnit } from '../laws/austria/year.ts'
import { removedLater } from './command.ts'

const german = buildQr(signed({}))
/** In 42 columns a line of it begins with a blank, and another one ends with one. */
const withBlanks = buildQr(
  signed({ processType: 'SonstigerVorgang', processData: 'Ö  Tagesabschluss  Z-Nr 17  am  2.  März' }),
)
const order = buildQr(signed({ processType: 'Bestellung-V1', processData: '2;"Eisbecher";3.99\r1;"Eiskaffee";2.99' }))
const folder = removedLater(mkdtempSync(join(tmpdir(), 'verify-codes-')))

function inFile(text: string): string {
  const file = join(folder, `${randomBytes(4).toString('hex')}.txt`)
  writeFileSync(file, text)
  return file
}

/** The text itself, and a file that holds it. */
async function judged(text: string, material?: string) {
  const options = material === undefined ? {} : { material }
  const [asText, asFile] = [await verify(text, options), await verify(inFile(text), options)]
  const what = (verdicts: typeof asText) => verdicts.map(({ kind, valid, summary }) => ({ kind, valid, summary }))
  expect(what(asFile)).toEqual(what(asText))
  return asText
}

function broken(code: string, columns: number): string[] {
  return code.match(new RegExp(`.{1,${columns}}`, 'gsu')) ?? []
}
const whole = { kind: 'qr', valid: true, findings: [] }

function austrianCodes(cashBoxId = 'NC-01M89ZBWS9CHYA15HNR682AQGV'): { codes: string[]; material: string } {
  const unit = softUnit()
  const till = new SoftTill(cashBoxId, createSecretKey(randomBytes(32)), unit)
  till.make(Date.now() - 2000, 'start')
  till.make(Date.now() - 1000, 'zero')
  const material = join(folder, 'unit.cer')
  writeFileSync(material, unit.certificates[0] ?? '')
  const codes = till.receipts.map(({ jws }) => {
    const [, payload = '', signature = ''] = jws.split('.')
    return `${Buffer.from(payload, 'base64url')}_${Buffer.from(signature, 'base64url').toString('base64')}`
  })
  return { codes, material }
}

test.each([20, 42, 48, 64])('verify joins a German code that is broken after %d columns', async (columns) => {
  for (const code of [german, withBlanks]) {
    const lines = broken(code, columns)
    for (const text of [lines.join('\n'), lines.join('\r\n'), `\n  ${lines.join('\n')}\n\n`])
      expect(await judged(text)).toMatchObject([whole])
  }
})

test('verify joins the lines as the receipt prints them', async () => {
  const printed = gridOf(42).labelledRows('QR-Code', withBlanks).slice(1)
  expect(printed.join('')).toContain('Tagesabschluss')
  expect(await judged(printed.join('\n'))).toMatchObject([whole])
})

test('verify removes the blanks at the edges of lines if the code does not verify with them', async () => {
  const lines = broken(german, 42).map((line) => `    ${line}\t `)
  expect(await judged(lines.join('\n'))).toMatchObject([whole])
  expect(await judged(`\u00a0\ufeff ${german} `)).toMatchObject([whole])
})

test('a carriage return that was signed stays in the code, at any line break', async () => {
  const at = order.indexOf('\r')
  for (const text of [order, `${order.slice(0, at + 1)}\n${order.slice(at + 1)}\n`, `${order}\r\n`])
    expect(await judged(text)).toMatchObject([whole])
})

test.each([
  ['V1;till-1;Kassenbeleg-V1', 'codes of version V1 are not known, V0 was expected'],
  [` ${german.replace('V0', 'V12')}`, 'codes of version V12 are not known, V0 was expected'],
  ['\tV0;till-1;Kassenbeleg-V1;Beleg^7.00', '12 fields that begin with V0 were expected, these are 4'],
  ['V0;', '12 fields that begin with V0 were expected, these are 2'],
  ['_R1', '13 elements after the first _ were expected'],
  ['  _R2-AT1_half_a_code', '13 elements after the first _ were expected'],
])('verify judges %j as a code', async (text, finding) => {
  expect(await judged(text)).toMatchObject([{ kind: 'qr', valid: false, findings: [finding] }])
})

test('verify judges each code of a file, broken over lines or not, and reports below it the invalid ones', async () => {
  const { codes, material } = austrianCodes()
  const [austrian = ''] = codes
  const text = [...broken(german, 42), '', ...broken(austrian, 42), withBlanks, '', 'not a code'].join('\n')
  const file = inFile(text)
  const verdicts = await verify(file, { material })
  expect(verdicts.map(({ file: name, valid }) => [name.slice(file.length), valid])).toEqual([
    [':1', true],
    [`:${broken(german, 42).length + 2}`, true],
    [`:${text.split('\n').length - 2}`, true],
    [`:${text.split('\n').length}`, false],
  ])
})

test('an Austrian code without the certificate of its unit is not valid: its signature is not checked', async () => {
  const { codes, material } = austrianCodes()
  const [code = ''] = codes
  for (const text of [code, broken(code, 42).join('\n')]) {
    const [alone] = await judged(text)
    expect(alone).toMatchObject({ kind: 'qr', valid: false })
    expect(alone?.summary).toMatch(/receipt 1 of .*, signature not checked: give the certificate .*, NOT CERTIFIED$/)
    expect(alone?.findings).toEqual([
      expect.stringContaining('the signature was not checked (CRYPTO_SIGNATURE, error)'),
    ])
    const [verdict] = await judged(text, material)
    expect(verdict).toMatchObject({ valid: true, findings: [] })
    expect(verdict?.summary).toMatch(/, signed by the given unit, NOT CERTIFIED$/)
  }
  const [ofOthers = ''] = austrianCodes('NC-1').codes
  expect((await judged(ofOthers))[0]?.summary).not.toContain('NOT CERTIFIED')
})

test('a German code shows an uncertified unit only by the serial number of its register', async () => {
  const summaryOf = async (clientId: string) => (await judged(buildQr(signed({ clientId }))))[0]?.summary
  expect(await summaryOf('NC-01M89ZBWS9CHYA15HNR682AQGV')).toMatch(/, NOT CERTIFIED$/)
  for (const chosen of ['TILL-7', 'EDGE-01M89ZBWS9CHYA15HNR682AQGV', 'till-NC-7'])
    expect(await summaryOf(chosen)).toMatch(/, whether its TSE is certified the code cannot show$/)
})
