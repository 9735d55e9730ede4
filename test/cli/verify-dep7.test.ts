import { createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeDep7 } from '../../agent/laws/austria/dep7.ts'
import { certificatesOf, SoftTill, softUnit } from '../laws/austria/year.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, fiskalEdgeAt, removedLater } from './command.ts'

const DAY_MS = 86_400_000

function folder(): string {
  return removedLater(mkdtempSync(join(tmpdir(), 'verify-dep7-')))
}

async function written(till: SoftTill, unit: ReturnType<typeof softUnit>): Promise<string> {
  const chunks: Uint8Array[] = []
  const jws = till.receipts.map((receipt) => receipt.jws)
  for await (const chunk of writeDep7(jws, certificatesOf([unit]))) chunks.push(chunk)
  const file = join(folder(), 'dep7.json')
  writeFileSync(file, Buffer.concat(chunks))
  return file
}

test('verify reports a receipt with a time in the future', async () => {
  const unit = softUnit()
  const till = new SoftTill('KASSA-1', createSecretKey(randomBytes(32)), unit)
  till.make(Date.now() - DAY_MS, 'start')
  till.make(Date.now() + DAY_MS, 'zero')
  const file = await written(till, unit)
  const { code, out } = await fiskalEdge('verify', file, '--json')
  expect(code).toBe(1)
  const [{ findings }] = JSON.parse(out) as [{ findings: readonly string[] }]
  const ahead = findings.filter((finding) => finding.includes('in the future'))
  expect(ahead[0]).toMatch(/^receipt 2 \(2\): .*DEP_TIME_SEQUENCE/)
  // On the last day of a month the first receipt of the next one comes after its monthly receipt.
  expect(ahead).toHaveLength(till.receipts.length - 1)
})

test('in the hour that comes twice the receipts of its first time are not in the future', heavy(), async () => {
  const unit = softUnit()
  const till = new SoftTill('KASSA-1', createSecretKey(randomBytes(32)), unit)
  till.make(Date.parse('2025-10-26T00:59:50Z'), 'start')
  till.make(Date.parse('2025-10-26T01:00:10Z'), 'zero')
  const file = await written(till, unit)
  expect((await fiskalEdgeAt('2025-10-26 01:00:30', 'verify', file)).out).not.toContain('in the future')
  expect((await fiskalEdgeAt('2025-10-26 00:59:40', 'verify', file)).out).toContain(
    '2025-10-26T02:59:50 is in the future',
  )
})

test(
  'the DEP of a closed system verifies with the public key of its material, whose name counts letter for letter',
  heavy(),
  async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const [secret, serial] = [randomBytes(32), 'U:ATU00000012-K0a']
    const till = new SoftTill('KASSA-1', createSecretKey(secret), { serial, key: privateKey, certificates: [] })
    till.make(Date.now() - DAY_MS, 'start')
    till.make(Date.now() - DAY_MS, 'zero')
    const chunks: Uint8Array[] = []
    const jws = till.receipts.map((receipt) => receipt.jws)
    for await (const chunk of writeDep7(jws, certificatesOf([]))) chunks.push(chunk)
    const [dep, material] = ['dep7.json', 'material.json'].map((name) => join(folder(), name)) as [string, string]
    writeFileSync(dep, Buffer.concat(chunks))
    const withKey = async (name: string, der: Buffer) => {
      const unit = {
        id: name,
        signatureDeviceType: 'PUBLIC_KEY',
        signatureCertificateOrPublicKey: der.toString('base64'),
      }
      const written = { base64AESKey: secret.toString('base64'), certificateOrPublicKeyMap: { [name]: unit } }
      writeFileSync(material, JSON.stringify(written))
      const { code, out } = await fiskalEdge('verify', dep, '--material', material, '--json')
      const [verdict] = JSON.parse(out) as [{ valid: boolean; summary: string; findings: readonly string[] }]
      return { code, ...verdict }
    }
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    expect(await withKey(serial, spki)).toMatchObject({ code: 0, valid: true, findings: [] })
    expect((await withKey(serial, spki)).summary).toContain(`${jws.length} signatures`)
    expect((await withKey(serial.toUpperCase(), spki)).findings[0]).toContain(
      `no certificate or key given for ${serial}`,
    )
    const other = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey)
    const foreign = await withKey(serial, other.export({ type: 'spki', format: 'der' }))
    expect(foreign.findings[0]).toContain(`not signed with the key of ${serial}`)
    expect((await withKey(serial, spki.subarray(-65))).summary).toContain(`${serial} is not a public key in DER`)
    expect((await withKey(serial, Buffer.alloc(0))).summary).toContain(`${serial} is not a public key in DER`)
  },
)

test('control characters are shown in the findings as visible characters', async () => {
  const file = join(folder(), 'dep7.json')
  const payload = '_R1-AT1_K\u001b[2J_1\u202e_2026-01-02T03:04:05_0,00_0,00_0,00_0,00_0,00_U1RP\n_1_AA'
  const group = {
    Signaturzertifikat: '',
    Zertifizierungsstellen: [],
    'Belege-kompakt': [`eyJhbGciOiJFUzI1NiJ9.${Buffer.from(payload).toString('base64url')}.AAAA`],
  }
  writeFileSync(file, JSON.stringify({ 'Belege-Gruppe': [group] }))
  const { out } = await fiskalEdge('verify', file)
  for (const shown of ['K\\u001b[2J', '(1\\u202e)', 'U1RP\\u000a']) expect(out).toContain(shown)
  expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
})
