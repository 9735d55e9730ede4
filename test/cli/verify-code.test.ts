import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ocrText } from '../../agent/laws/austria/machine-code.ts'
import { verifyCode } from '../../verify/rksv/verify-code.ts'
import { SoftTill, softUnit } from '../laws/austria/year.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, removedLater } from './command.ts'
import { genuineCodes, keyOfPoint } from './genuine-codes.ts'

function codeOf(jws: string): string {
  const [, payload = '', signature = ''] = jws.split('.')
  return `${Buffer.from(payload, 'base64url')}_${Buffer.from(signature, 'base64url').toString('base64')}`
}

async function verdictOf(...words: readonly string[]) {
  const { code, out } = await fiskalEdge('verify', ...words, '--json')
  const verdicts = JSON.parse(out) as { valid: boolean; summary: string; findings: readonly string[] }[]
  return { code, verdicts }
}

test(
  "a receipt's code is verified with the certificate of its unit, also for OCR-A, and in a list",
  heavy(),
  async () => {
    const unit = softUnit()
    const till = new SoftTill('KASSA-1', createSecretKey(randomBytes(32)), unit)
    till.make(Date.now() - 2000, 'start')
    till.make(Date.now() - 1000, 'zero')
    const codes = till.receipts.map(({ jws }) => codeOf(jws))
    const [first = ''] = codes
    const folder = removedLater(mkdtempSync(join(tmpdir(), 'verify-code-')))
    const [certificate, list] = [join(folder, 'unit.cer'), join(folder, 'codes.txt')]
    writeFileSync(certificate, unit.certificates[0] ?? '')
    writeFileSync(list, `${codes.join('\n')}\n${ocrText(first)}\n${first.replace('KASSA-1', 'KASSA-2')}\n`)
    const alone = await verdictOf(first)
    expect(alone).toMatchObject({ code: 1, verdicts: [{ valid: false }] })
    expect(alone.verdicts[0]?.summary).toContain('signature not checked')
    const { code, verdicts } = await verdictOf(list, '--material', certificate)
    expect(code).toBe(1)
    // It reads none: the file may be checked on a machine without an agent.
    expect(await verdictOf(list, '--material', certificate, '--config', '/nowhere.json')).toEqual({ code, verdicts })
    expect(verdicts.map(({ valid }) => valid)).toEqual([...codes.map(() => true), true, false])
    for (const { summary } of verdicts.slice(0, -1)) expect(summary).toContain('signed by the given unit')
    expect(verdicts.at(-1)?.findings).toEqual([expect.stringContaining('CRYPTO_SIGNATURE')])
    expect(await verdictOf('_R1-AT1_half_a_code')).toMatchObject({ code: 1, verdicts: [{ valid: false }] })
  },
)

/** A receipt of an outage from the worked vectors, in which no signature reveals a misreading. */
const OF_OUTAGE =
  '_R1-AT1_GW-AT-001_7_2026-01-02T08:42:00_12345,67_0,00_0,00_0,00_0,99_6dOqdyDPM/g=_2a91f3c4_EDvDu1UBFtM=_U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg=='

test.each([
  ['a sign that BASE32 has not', (counter: string) => counter.replace(/^./, '1')],
  ['a sign within the padding', (counter: string) => `${counter.slice(0, -2)}0=`],
  ['a sign too many', (counter: string) => `${counter.slice(0, -3)}A==`],
])('a line for OCR-A in which the counter has %s is wrong', async (_what, misread) => {
  const elements = ocrText(OF_OUTAGE).split('_')
  expect(await verifyCode(elements.join('_'), {})).toMatchObject({ valid: true, findings: [] })
  const read = elements.with(10, misread(elements[10] ?? '')).join('_')
  const findings = (await verifyCode(read, {}))?.findings
  expect(findings).toEqual([expect.objectContaining({ id: 'FORMAT_BASE64_CHARS', level: 'error' })])
})

test.each(genuineCodes)('the genuine code of $what', async ({ code, point }) => {
  const elements = code.split('_')
  const publicKeys = point === undefined ? [] : [{ serial: elements[11] ?? '', key: keyOfPoint(point) }]
  for (const text of [code, ocrText(code)]) {
    const report = await verifyCode(text, { publicKeys })
    expect(report).toMatchObject({ valid: true, findings: [], signaturesVerified: publicKeys.length })
  }
  const changed = code.replace(/_(\d+),(\d\d)_/, '_9$1,$2_')
  if (point !== undefined) expect(await verifyCode(changed, { publicKeys })).toMatchObject({ valid: false })
})
