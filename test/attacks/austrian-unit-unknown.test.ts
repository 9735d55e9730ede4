// @module-tag heavy
import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, sign } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { signingInputOf } from '../../agent/laws/austria/jws.ts'
import { curveByName } from '../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain } from '../../drivers/tr03151/certificate.ts'
import { pointOfSpki } from '../../drivers/tr03151/ecdsa.ts'
import { audited } from '../cli/audited.ts'
import { austrianTill, ONE_CARD, sell } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import type { SoftUnit } from '../laws/austria/year.ts'
import { softUnit } from '../laws/austria/year.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Sign } from './austrian-insider.ts'
import { chainedAgain, inFiles, turnoverKey, verifiedFiles } from './austrian-insider.ts'
import { linesOf, rewriteEvents, withoutOperation } from './insider.ts'

// The insider cannot use the card (another has it, or it is locked), and signs the chain that he made again with a key of
// his own.

function signedBy(key: KeyObject): Sign {
  return (payload) => sign('sha256', Buffer.from(signingInputOf(payload)), { key, dsaEncoding: 'ieee-p1363' })
}

/** A shop from which a sale was cut out, with the chain made again by such a unit. */
async function cutAndSigned(bench: Bench, { key }: Pick<SoftUnit, 'key'>, serial?: string): Promise<string> {
  const register = await austrianTill(bench)
  const { id } = await sell(register, '4.50')
  await sell(register, '3.00')
  const turnover = await turnoverKey(bench, register.id)
  await bench.restart(async () => {
    const { state } = bench.config
    const shortened = await chainedAgain(withoutOperation(linesOf(state), id), turnover, signedBy(key), serial)
    await rewriteEvents(state, () => shortened)
  })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ books: 'consistent', codes: [] })
  return register.id
}

test('receipts that name a unit which the journal never enrolled are found, in verify and in the audit', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const unit = softUnit()
  const register = await cutAndSigned(bench, unit, unit.serial)
  await inFiles(bench, register, async ({ directory, dep7, journal }) => {
    const { code, together } = await verifiedFiles(dep7, journal)
    expect(code).toBe(1)
    const { serial } = unit
    expect(together.codes).toMatchObject([
      { code: 'rksv_unit_unknown', register, serial, facts: { number: 1 } },
      { code: 'rksv_unit_unknown', register, serial, facts: { number: 2 } },
    ])
    const { code: auditCode, parts } = await audited(bench, directory)
    expect(auditCode).toBe(1)
    expect(parts.find(({ name }) => name === 'DEP7 / Journal')?.findings).toContain(
      `Kasse ${register}: Beleg 2 nennt die Signatureinheit ${serial}; bis dahin ist sie nicht aufgezeichnet. (rksv_unit_unknown)`,
    )
  })
})

test('a DEP7 with a made-up certificate of the same serial is sound alone, and is not signed by the enrolled unit', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const register = await cutAndSigned(bench, { key: privateKey })
  await inFiles(bench, register, async ({ dep7, journal }) => {
    const { 'Belege-Gruppe': groups } = JSON.parse(await readFile(dep7, 'utf8')) as {
      'Belege-Gruppe': { Signaturzertifikat: string; Zertifizierungsstellen: string[]; 'Belege-kompakt': string[] }[]
    }
    const [group] = groups
    // The Startbeleg is still the card's own: he omits it, as a part of the chain.
    const receipts = group?.['Belege-kompakt'].slice(1) ?? []
    const enrolled = Buffer.from(group?.Signaturzertifikat ?? '', 'base64')
    const likeness = certificateLike(enrolled, publicKey.export({ type: 'spki', format: 'der' }))
    const forged = {
      Signaturzertifikat: likeness.toString('base64'),
      Zertifizierungsstellen: [],
      'Belege-kompakt': receipts,
    }
    await writeFile(dep7, JSON.stringify({ 'Belege-Gruppe': [forged] }))
    const { code, told, together } = await verifiedFiles(dep7, journal, '--partial')
    expect(told.find(({ kind }) => kind === 'dep7')).toMatchObject({ valid: true, findings: [] })
    expect([code, together.valid]).toEqual([1, false])
    expect(together.codes).toMatchObject([{ code: 'rksv_signature_wrong', register, facts: { number: 2 } }])
  })
})

test('a certificate with the same serial that was enrolled later makes no key of the unit', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const register = await cutAndSigned(bench, { key: privateKey })
  await bench.restart(async () => {
    const { state } = bench.config
    await rewriteEvents(state, (lines) => {
      const at = lines.findIndex(({ kind }) => kind === 'unit.enrolled')
      const line = lines[at]
      const set = (line?.body['set'] ?? {}) as { certificates: string[] }
      const spki = publicKey.export({ type: 'spki', format: 'der' })
      const likeness = certificateLike(Buffer.from(set.certificates[0] ?? '', 'base64'), spki).toString('base64')
      const again = line && { ...line, body: { ...line.body, set: { ...set, certificates: [likeness] } } }
      return again === undefined ? lines : lines.toSpliced(at + 1, 0, again)
    })
  })
  await inFiles(bench, register, async ({ dep7, journal }) => {
    const { code, together } = await verifiedFiles(dep7, journal)
    expect(code).toBe(1)
    expect(together.codes).toMatchObject([{ code: 'rksv_signature_wrong', register, facts: { number: 2 } }])
  })
})

/** The same certificate with another key in it: a reader of it alone asks no authority. */
function certificateLike(certificate: Buffer, spki: Buffer): Buffer {
  const { point } = pointOfSpki(spki)
  const [own = Buffer.alloc(0)] = makeCertificateChain(point, curveByName('P-256'), Date.parse('2026-01-01T00:00:00Z'))
  const [at, from] = [pointAt(certificate), pointAt(Buffer.from(own))]
  const copy = Buffer.from(certificate)
  Buffer.from(own).copy(copy, at, from, from + POINT_BYTES)
  return copy
}

const POINT_BYTES = 65

/** The start of an uncompressed point, after the header of its BIT STRING. */
function pointAt(certificate: Buffer): number {
  return certificate.indexOf(Buffer.from('03420004', 'hex')) + 3
}
