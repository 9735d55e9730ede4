import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkerMaterial, writeDep7 } from '../../../agent/laws/austria/dep7.ts'
import { FACTS } from '../../../agent/laws/austria/facts.ts'
import { jwsOf, OUTAGE_MARKER, payloadOfJws } from '../../../agent/laws/austria/jws.ts'
import { readReceipt } from '../../../verify/rksv/dep7-receipt.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import { goldenCertificates, pieces, verified, written } from './dep7-files.ts'
import { aesKey, certificate, issuer, vectors } from './vectors.ts'
import { certificatesOf, SoftTill, softUnit } from './year.ts'

const golden = vectors.chain.map((receipt) => receipt.jws)

describe('the DEP of the golden chain', () => {
  test('is written as worked, the same bytes each time, and verifies', async () => {
    const text = await written(golden)
    expect(JSON.parse(text)).toEqual(vectors.dep)
    expect(await written(golden)).toBe(text)
    const report = await verified(text)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({
      valid: true,
      cashBoxId: 'GW-AT-001',
      receipts: 8,
      signaturesVerified: 7,
      outageReceipts: 1,
      turnoverCents: 1239666n,
    })
  })

  test('reads the same in any pieces', async () => {
    const text = await written(golden)
    const whole = await verified(text)
    for (const size of [1, 7, 4096]) expect(await verifyDep7(pieces(text, size), { aesKey })).toEqual(whole)
    expect(await verified(JSON.stringify(JSON.parse(text), undefined, 2))).toEqual(whole)
  })

  test('without certificates is valid if they are given separately: each signature has to be checked', async () => {
    const text = await written(golden, () => ({ certificate: undefined, issuers: [] }))
    expect(text).toContain('"Signaturzertifikat":"","Zertifizierungsstellen":[]')
    const unchecked = { valid: false, signaturesVerified: 0, outageReceipts: 1, unchecked: 7, findingsTotal: 7 }
    const report = await verified(text)
    expect(report).toMatchObject(unchecked)
    const what = 'no certificate or key found for 2a91f3c4: the signature was not checked'
    for (const finding of report.findings)
      expect(finding).toMatchObject({ id: 'CRYPTO_SIGNATURE', level: 'error', message: what })
    const checked = { valid: true, signaturesVerified: 7, unchecked: 0, findings: [] }
    expect(await verified(text, { certificates: [certificate] })).toMatchObject(checked)
  })

  test('with random signatures and a blank certificate is not valid, and neither is that of a closed system', async () => {
    const forged = (jws: string): string => {
      const [header = '', payload = '', signature = ''] = jws.split('.')
      const isOutage = signature.length < 80
      return [header, payload, isOutage ? signature : randomBytes(64).toString('base64url')].join('.')
    }
    const [start = ''] = golden
    const blank = await written([forged(start)], () => ({ certificate: undefined, issuers: [] }))
    expect(await verified(blank)).toMatchObject({ valid: false, unchecked: 1 })
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const serial = 'U:ATU12345678-K1'
    const till = new SoftTill('KASSA-1', aesKey, { serial, key: privateKey, certificates: [] })
    till.make(Date.parse('2026-01-02T08:00:00Z'), 'start')
    const closed = await written([till.receipts[0]?.jws ?? ''], certificatesOf([]))
    expect(await verified(closed)).toMatchObject({ valid: false, unchecked: 1 })
    expect(await verified(closed, { publicKeys: [{ serial, key: publicKey }] })).toMatchObject({ valid: true })
  })

  test('names a unit whose certificate denies certification, and no other', async () => {
    expect((await verified(await written(golden))).uncertified).toEqual([])
    const unit = softUnit()
    const till = new SoftTill('KASSA-1', aesKey, unit)
    till.make(Date.parse('2026-01-02T08:00:00Z'), 'start')
    const receipts = till.receipts.map(({ jws }) => jws)
    expect(await verified(await written(receipts, certificatesOf([unit])))).toMatchObject({
      valid: true,
      uncertified: [unit.serial],
    })
  })

  test('a part of it is a partial export, and no whole one', async () => {
    const text = await written(golden.slice(2))
    expect(await verified(text, { aesKey, partial: true })).toMatchObject({ valid: true, turnoverCents: 1239666n })
    expect((await verified(text)).findings.map((finding) => finding.id)).toContain('STATE_CASHBOX')
  })

  test('without receipts is an empty list of groups, which is not a DEP of a register', async () => {
    expect(await written([])).toBe('{"Belege-Gruppe":[]}')
    expect((await verified(await written([]))).valid).toBe(false)
  })

  test('is written while it is read: the first bytes leave long before the last receipt was asked for', async () => {
    let read = 0
    const many = function* () {
      for (; read < 10_000; read += 1) yield golden[1] ?? ''
    }
    for await (const chunk of writeDep7(many(), goldenCertificates)) {
      expect(chunk.length).toBeLessThan(100_000)
      if (read < 1000) break
    }
    expect(read).toBeLessThan(1000)
  })

  test('the material for the checking tool names the serial as field 11 does', () => {
    const material = JSON.parse(checkerMaterial(vectors.aes_key, new Map([['2a91f3c4', certificate]])))
    expect(material).toEqual({
      base64AESKey: vectors.aes_key,
      certificateOrPublicKeyMap: {
        '2a91f3c4': {
          id: '2a91f3c4',
          signatureDeviceType: 'CERTIFICATE',
          signatureCertificateOrPublicKey: vectors.unit.certificate_der_b64,
        },
      },
    })
  })
})

/** Another payload instead of that of receipt `index`, its signature as it was. */
function withPayload(index: number, change: (payload: string) => string | Buffer): string[] {
  return golden.map((jws, at) => {
    const [head, , signature] = jws.split('.')
    return at === index ? `${head}.${Buffer.from(change(payloadOfJws(jws))).toString('base64url')}.${signature}` : jws
  })
}

describe('a changed DEP is found out', () => {
  test.each([
    ['a receipt left out', golden.toSpliced(3, 1), 'DEP_CHAINING_VALUE'],
    ['two receipts exchanged', golden.with(2, golden[3] ?? '').with(3, golden[2] ?? ''), 'DEP_CHAINING_VALUE'],
    ['the Startbeleg left out', golden.slice(1), 'STATE_CASHBOX'],
    [
      'the Sammelbeleg left out and two sales after',
      golden.toSpliced(7, 1, golden[1] ?? '', golden[2] ?? ''),
      'DEP_STATE',
    ],
    [
      'the Sammelbeleg left out, one sale and the next outage',
      golden.toSpliced(7, 1, golden[1] ?? '', golden[6] ?? ''),
      'DEP_STATE',
    ],
    ['a receipt twice', golden.toSpliced(2, 0, golden[1] ?? ''), 'DEP_UNIQUE_RECEIPT_ID'],
    ['an amount', withPayload(1, (text) => text.replace('19,90', '18,90')), 'CRYPTO_SIGNATURE'],
    [
      'an amount of an unsigned receipt',
      withPayload(6, (text) => text.replace('0,99', '0,98')),
      'DEP_TURNOVER_COMPARE',
    ],
    ['an amount with a point', withPayload(1, (text) => text.replace('19,90', '19.90')), 'FORMAT_TAX_SET'],
    ['a negative zero', withPayload(2, (text) => text.replace('_0,00', '_-0,00')), 'FORMAT_TAX_SET'],
    ['an earlier time', withPayload(4, (text) => text.replace('T08:28', 'T08:20')), 'DEP_TIME_SEQUENCE'],
    [
      'an hour that does not exist',
      withPayload(7, (t) => t.replace('01-02T08', '03-29T02')),
      'FORMAT_CHECK_TIMEANDDATE',
    ],
    ['a day that does not exist', withPayload(7, (t) => t.replace('01-02T', '02-30T')), 'FORMAT_CHECK_TIMEANDDATE'],
    ['another Kassen-ID', withPayload(3, (text) => text.replace('GW-AT-001', 'GW-AT-002')), 'DEP_ONLY_ONE_CASHBOX_ID'],
    ['a closed system in between', withPayload(3, (text) => text.replace('AT1', 'AT0')), 'DEP_ONLY_ONE_SYTEM_TYPE'],
    ['another suite', withPayload(3, (text) => text.replace('R1-AT1', 'R2-AT1')), 'FORMAT_RK_SUITE'],
    ['a decimal serial', withPayload(3, (text) => text.replace('2a91f3c4', '71g4')), 'FORMAT_HEX_CHARS'],
    ['another serial', withPayload(3, (text) => text.replace('2a91f3c4', '2a91f3c5')), 'DEP_CERTIFICATES'],
    ['a short chain value', withPayload(3, (text) => text.replace(/_[^_]+$/, '_AAAA')), 'FORMAT_BASE64_CHARS'],
    ['a counter of four bytes', withPayload(3, (t) => t.replace('VFJB', 'AAAAAA==')), 'FORMAT_BASE64_CHARS'],
    ['an element too many', withPayload(3, (text) => `${text}_x`), 'BASICCONSTRAINTS_NUMBER_OF_ELEMENTS'],
    ['a code that is too long', withPayload(3, (t) => t.replace('_4_', `_${'9'.repeat(900)}_`)), 'FORMAT_LENGTH'],
    [
      'a number that is not UTF-8',
      withPayload(3, (text) => Buffer.from(text.replace('_4_', '_\xff_'), 'latin1')),
      'FORMAT_JWS',
    ],
    ['padding in the outage marker', golden.with(6, `${golden[6]}==`), 'FORMAT_JWS'],
    [
      'another header',
      golden.with(1, (golden[1] ?? '').replace('eyJhbGciOiJFUzI1NiJ9', 'eyJhbGciOiJFUzI1NiIgfQ')),
      'FORMAT_JWS',
    ],
  ] as const)('%s', async (_case, receipts, id) => {
    const report = await verified(await written(receipts).catch(() => asGroup(receipts)))
    expect(report.valid).toBe(false)
    expect(report.findings.map((finding) => finding.id)).toContain(id)
  })

  /** The certificate with one bit of its key turned. */
  const offCurve = (der: Buffer): string => {
    const changed = Buffer.from(der)
    const point = new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)
    const last = changed.indexOf(point) + point.length - 1
    changed.writeUInt8(changed.readUInt8(last) ^ 1, last)
    return changed.toString('base64')
  }

  /** A group that our own writer refuses to make. */
  const asGroup = (receipts: readonly string[]): string => JSON.stringify(depOf({ 'Belege-kompakt': receipts }))
  const depOf = (group: object) => ({
    'Belege-Gruppe': [
      {
        Signaturzertifikat: certificate.toString('base64'),
        Zertifizierungsstellen: [issuer.toString('base64')],
        ...group,
      },
    ],
  })

  test('a counter that cannot be read is reported once, as such', async () => {
    const report = await verified(asGroup(withPayload(3, (text) => text.replace('VFJB', 'U1RP\\n'))))
    const told = report.findings.filter(({ position }) => position === 4).map(({ id }) => id)
    expect(told).toEqual(['FORMAT_BASE64_CHARS', 'CRYPTO_SIGNATURE'])
  })

  test('a zero receipt with the marker is a warning: the ministry takes it, its tool does not', async () => {
    const marker = (golden[6] ?? '').split('.')[2]
    const last = (golden[7] ?? '')
      .split('.')
      .with(2, marker ?? '')
      .join('.')
    const report = await verified(asGroup(golden.with(7, last)))
    expect(report).toMatchObject({ valid: true, findings: [{ id: 'STATE_SIGDEVICE', level: 'warning', position: 8 }] })
  })

  test('the words of an unsigned receipt are the same for writer and checker, which share no code', () => {
    const jws = jwsOf(payloadOfJws(golden[6] ?? ''), OUTAGE_MARKER)
    expect(readReceipt(jws)).toMatchObject({ receipt: { isUnsigned: true }, flaws: [] })
    expect([OUTAGE_MARKER.toString(), FACTS.outageText]).toEqual([
      'Sicherheitseinrichtung ausgefallen',
      'Sicherheitseinrichtung ausgefallen',
    ])
  })

  test('a receipt in the future', async () => {
    const text = await written(golden)
    expect((await verified(text, { now: '2026-01-02T08:49:00' })).valid).toBe(true)
    const report = await verified(text, { now: '2026-01-02T08:48:59' })
    expect(report.findings).toMatchObject([{ id: 'DEP_TIME_SEQUENCE', position: 8, number: '8' }])
  })

  test.each([
    ['an extra member', { Zusatz: [{ a: null }] }, 'warning'],
    ['a list that is null', { 'Belege-kompakt': null }, 'error'],
    ['certificates that are null', { Signaturzertifikat: null }, 'error'],
    ['a missing member', { Zertifizierungsstellen: undefined }, 'error'],
  ] as const)('the structure: %s', async (_case, group, level) => {
    const report = await verified(JSON.stringify(depOf({ 'Belege-kompakt': golden, ...group })))
    expect(report.findings).toContainEqual(expect.objectContaining({ id: 'DEP_STRUCTURE', level }))
    expect(report.valid).toBe(level === 'warning')
  })

  test.each([
    ['an issuer that is none', { Zertifizierungsstellen: [certificate.toString('base64')] }],
    ['a certificate in PEM', { Signaturzertifikat: '-----BEGIN CERTIFICATE-----' }],
    ['a certificate that is none', { Signaturzertifikat: 'AAAA' }],
    ['a key that is no point of its curve', { Signaturzertifikat: offCurve(certificate) }],
    ['an issuer whose key is none', { Zertifizierungsstellen: [offCurve(issuer)] }],
  ] as const)('the certificates: %s', async (_case, group) => {
    const report = await verified(JSON.stringify(depOf({ ...group, 'Belege-kompakt': golden })))
    expect(report.findings).toContainEqual(expect.objectContaining({ id: 'DEP_CERTIFICATES', level: 'error' }))
  })

  test('a unit outside of the given ones: anyone can make a certificate of any serial', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const pointOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(-65)
    const forged = Buffer.from(certificate)
    pointOf(publicKey).copy(forged, forged.indexOf(pointOf(new X509Certificate(certificate).publicKey)))
    const signingInput = (golden[7] ?? '').split('.', 2).join('.')
    const signature = sign('sha256', Buffer.from(signingInput), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const groups = [
      [certificate, golden.slice(0, 7)] as const,
      [forged, [`${signingInput}.${signature.toString('base64url')}`]] as const,
    ].map(([der, receipts]) => ({
      Signaturzertifikat: der.toString('base64'),
      Zertifizierungsstellen: [],
      'Belege-kompakt': receipts,
    }))
    const text = JSON.stringify({ 'Belege-Gruppe': groups })
    expect(await verified(text)).toMatchObject({ valid: true })
    expect((await verified(text, { aesKey, certificates: [certificate] })).findings).toMatchObject([
      { id: 'DEP_CERTIFICATES', level: 'error' },
      { id: 'CRYPTO_SIGNATURE', level: 'error', position: 8 },
    ])
    const [other = certificate] = softUnit().certificates
    const foreign = await verified(await written(golden), { aesKey, certificates: [Buffer.from(other)] })
    expect(foreign.findings).toMatchObject([{ id: 'DEP_CERTIFICATES', level: 'error' }])
    const bare = await written(golden, () => ({ certificate: undefined, issuers: [] }))
    const unknown = await verified(bare, { aesKey, certificates: [Buffer.from(other)] })
    expect(unknown.findings).toContainEqual(expect.objectContaining({ id: 'CRYPTO_SIGNATURE', position: 1 }))
  })

  test('authorities given instead of units vouch for each certificate of the file that they issued, and for no other', async () => {
    const unit = softUnit()
    const [leaf, ...issuers] = unit.certificates
    const till = new SoftTill('KASSA-1', aesKey, unit)
    till.make(Date.parse('2026-03-02T08:00:00Z'), 'start')
    till.make(Date.parse('2026-03-02T09:00:00Z'), 'standard')
    const jws = till.receipts.map((receipt) => receipt.jws)
    const whole = await written(jws, certificatesOf([unit]))
    const alone = await written(jws, () => ({ certificate: leaf, issuers: [] }))
    const valid = { valid: true, signaturesVerified: 2, findings: [] }
    for (const authority of issuers)
      expect(await verified(whole, { aesKey, certificates: [authority] })).toMatchObject(valid)
    expect(await verified(alone, { aesKey, certificates: issuers })).toMatchObject(valid)
    const [, ...others] = softUnit().certificates
    const foreign = await verified(whole, { aesKey, certificates: others })
    expect(foreign.findings).toMatchObject([{ id: 'DEP_CERTIFICATES', level: 'error' }])
    // If the certificate of a unit is given too, its authority vouches for no other unit.
    const [another = new Uint8Array()] = softUnit().certificates
    const beside = await verified(whole, { aesKey, certificates: [another, ...issuers] })
    expect(beside.findings).toMatchObject([{ id: 'DEP_CERTIFICATES', level: 'error' }])
    const bare = await written(jws, () => ({ certificate: undefined, issuers: [] }))
    const unknown = await verified(bare, { aesKey, certificates: issuers })
    expect(unknown.findings.map(({ id }) => id)).toEqual(['CRYPTO_SIGNATURE', 'CRYPTO_SIGNATURE'])
  })

  test('a closed system, whose receipts name company and key: its certificates have other numbers', async () => {
    const unit = softUnit()
    const [der = new Uint8Array()] = unit.certificates
    const serial = 'U:ATU12345678-K1'
    const till = new SoftTill('KASSA-1', aesKey, { ...unit, serial })
    till.make(Date.parse('2026-03-02T08:00:00Z'), 'start')
    till.make(Date.parse('2026-03-02T09:00:00Z'), 'standard')
    const text = await written(
      till.receipts.map(({ jws }) => jws),
      () => ({ certificate: der, issuers: [] }),
    )
    const valid = { valid: true, signaturesVerified: 2, findings: [] }
    expect(await verified(text)).toMatchObject(valid)
    const key = new X509Certificate(der).publicKey
    expect(await verified(text, { aesKey, publicKeys: [{ serial, key }] })).toMatchObject(valid)
    const [other = new Uint8Array()] = softUnit().certificates
    const another = { serial, key: new X509Certificate(other).publicKey }
    const report = await verified(text, { aesKey, publicKeys: [another] })
    expect(report.findings.map(({ id }) => id)).toEqual(['DEP_CERTIFICATES', 'CRYPTO_SIGNATURE', 'CRYPTO_SIGNATURE'])
  })

  test.each([
    ['no JSON', 'Belege'],
    ['a byte order mark', '\ufeff{"Belege-Gruppe":[]}'],
    ['an end too early', '{"Belege-Gruppe":[{"Signaturzertifikat":"'],
    ['something behind the end', '{"Belege-Gruppe":[]}{}'],
    ['another top', '[]'],
    ['no groups', '{}'],
    ['deep nesting', `{"x":${'['.repeat(100)}`],
    ['an endless text', `{"x":"${'a'.repeat(600_000)}`],
  ])('no DEP at all: %s', async (_case, text) => {
    expect((await verified(text)).findings).toContainEqual(expect.objectContaining({ id: 'DEP_STRUCTURE' }))
  })

  test('findings are counted all and kept a hundred', async () => {
    const receipts = Array.from({ length: 300 }, () => golden[1] ?? '')
    const report = await verified(asGroup(receipts))
    expect(report.findings).toHaveLength(100)
    expect(report.findingsTotal).toBeGreaterThan(600)
  })
})
