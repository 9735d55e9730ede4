import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain, pointOfCertificate, readCertificate } from '../../../drivers/tr03151/certificate.ts'
import { plainToDer, pointOfSpki, serialOfPoint } from '../../../drivers/tr03151/ecdsa.ts'
import { certificateFileName, nameFitsLog, nameOfLog } from '../../../drivers/tr03151/file-name.ts'
import { infoCsv } from '../../../drivers/tr03151/info-csv.ts'
import {
  auditPart,
  parseLogMessage,
  sealed,
  systemPart,
  transactionPart,
} from '../../../drivers/tr03151/log-message.ts'
import { selfTestLog, skippedAudit } from '../../../drivers/tr03151/system-log.ts'
import type { TarEntry } from '../../../drivers/tr03151/tar.ts'
import { readTar, tarEnd, tarEntry } from '../../../drivers/tr03151/tar.ts'
import type { TarExpectation, TarReport } from '../../../verify/tse/verify-tar.ts'
import { certificatesAhead, verifyTar } from '../../../verify/tse/verify-tar.ts'
import { unsortedArchive } from '../../drivers/tr03151/unsorted-archive.ts'
import { fc } from '../../properties.ts'
import { heavy } from '../../tags.ts'
import { execFileSync } from '../../waits.ts'

type File = { name: string; content: Uint8Array }

const MTIME_S = 1_785_610_085
const unit = (() => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  return {
    privateKey,
    point,
    chain: makeCertificateChain(point, curveByName('brainpoolP256r1'), Date.now()),
  }
})()

function frameOf(counter: number) {
  return {
    serial: serialOfPoint(unit.point),
    algorithm: 'ecdsa-plain-SHA256',
    counter,
    timeFormat: 'unixTime',
    timeMs: (MTIME_S + counter) * 1000,
  } as const
}

function signedFile(part: Uint8Array): File {
  const content = sealed(part, sign('sha256', part, { key: unit.privateKey, dsaEncoding: 'ieee-p1363' }))
  return { name: nameOfLog(parseLogMessage(content)), content }
}

function auditOf(counter: number): File {
  return signedFile(auditPart(skippedAudit({ from: 2, to: counter - 1 }), frameOf(counter)))
}

function logOf(counter: number, clientId = 'Client-03', act: 'Start' | 'Finish' = 'Start'): File {
  const frame = frameOf(counter)
  const { operation, data } = selfTestLog('unit', frame.timeFormat, frame.timeMs)
  const processData = Buffer.alloc(0)
  const start = { ...frame, operation: act, clientId, processData, processType: '', transaction: counter } as const
  return signedFile(counter % 3 === 0 ? systemPart(operation, data, frame) : transactionPart(start))
}

/** Its signature is wrong, and nothing else. */
function changed(content: Uint8Array): Uint8Array {
  return Uint8Array.from(content, (byte, at) => (at === content.length - 1 ? byte ^ 1 : byte))
}

const certificates: readonly File[] = unit.chain.map((content) => ({
  name: certificateFileName(serialOfPoint(pointOfCertificate(readCertificate(content)).point).toString('hex')),
  content,
}))
const info: File = {
  name: 'info.csv',
  content: Buffer.from(infoCsv({ description: 'a "small" unit', manufacturer: 'nobody', version: '1' })),
}
const logs = [1, 2, 3, 4, 5, 6].map((counter) => logOf(counter))
const good = [info, ...certificates, ...logs]

function archive(files: readonly File[], end: Uint8Array = tarEnd): Buffer {
  return Buffer.concat([...files.map(({ name, content }) => tarEntry(name, content, MTIME_S)), end])
}

async function* pieces(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function check(files: readonly File[], expectation?: TarExpectation): Promise<TarReport> {
  return verifyTar(pieces(archive(files)), expectation)
}

async function read(bytes: Uint8Array, size?: number): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = []
  for await (const entry of readTar(pieces(bytes, size))) entries.push(entry)
  return entries
}

describe('the archive', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'archive-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test('opens with GNU tar and its signatures verify with OpenSSL', async () => {
    const path = join(directory, 'export.tar')
    await writeFile(path, archive(good))
    const listed = execFileSync('tar', ['-tf', path]).toString().trim().split('\n')
    expect(listed).toEqual(good.map((file) => file.name))
    execFileSync('tar', ['-xf', path, '-C', directory])
    const keyPath = join(directory, 'key.pem')
    await writeFile(
      keyPath,
      execFileSync('openssl', [
        'x509',
        '-inform',
        'der',
        '-in',
        join(directory, certificates[0]?.name ?? ''),
        '-pubkey',
        '-noout',
      ]),
    )
    for (const { name } of logs) {
      const log = parseLogMessage(await readFile(join(directory, name)))
      await writeFile(join(directory, 'part'), log.signedPart)
      await writeFile(join(directory, 'signature'), plainToDer(log.signature))
      const args = [
        'dgst',
        '-sha256',
        '-verify',
        keyPath,
        '-signature',
        join(directory, 'signature'),
        join(directory, 'part'),
      ]
      expect(execFileSync('openssl', args).toString()).toContain('Verified OK')
    }
  })

  test('is plain ustar: typeflag 0, magic, version, no prefix, whole blocks', () => {
    const entry = Buffer.from(tarEntry('info.csv', Buffer.from('x'), MTIME_S))
    expect(entry).toHaveLength(1024)
    expect(entry.toString('latin1', 156, 157)).toBe('0')
    expect(entry.toString('latin1', 257, 265)).toBe('ustar\u000000')
    expect(entry.subarray(265, 512).every((byte) => byte === 0)).toBe(true)
    expect(() => tarEntry('n'.repeat(101), Buffer.alloc(0), MTIME_S)).toThrowError(/100 bytes/)
  })

  test('is read in pieces of any size, with or without the zero blocks after its last entry', async () => {
    const names = good.map((file) => file.name)
    for (const size of [1, 511, 512, 513, 100_000]) {
      const entries = await read(archive(good, size % 2 === 0 ? tarEnd : new Uint8Array()), size)
      expect(entries.map((entry) => entry.name)).toEqual(names)
      expect(entries.every((entry) => entry.flaw === undefined)).toBe(true)
    }
  })

  test('every written log is read back', async () => {
    const file = fc.record({
      name: fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/),
      content: fc.uint8Array({ maxLength: 2000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), async (files) => {
        const entries = await read(archive(files))
        expect(entries.map((entry) => ({ name: entry.name, content: Buffer.from(entry.content ?? []) }))).toEqual(
          files.map(({ name, content }) => ({ name, content: Buffer.from(content) })),
        )
      }),
    )
  })

  test('a broken end, a broken header and bytes after the end are refused', async () => {
    const whole = archive(good)
    await expect(read(whole.subarray(0, 700))).rejects.toThrowError(/ends inside/)
    await expect(read(whole.subarray(0, 300))).rejects.toThrowError(/ends inside/)
    const flipped = Buffer.from(whole)
    flipped[5] = 0x41
    await expect(read(flipped)).rejects.toThrowError(/checksum/)
    await expect(read(Buffer.concat([whole, Buffer.from('more')]))).rejects.toThrowError(/follows the end/)
  })
})

describe('the verification of an archive', () => {
  const [first, second, third, fourth, ...others] = logs
  if (!first || !second || !third || !fourth) throw new Error('six logs were expected')

  test('finds nothing in a good one', async () => {
    expect(await check(good)).toEqual({
      valid: true,
      sound: true,
      logs: 6,
      kinds: { starts: 4, finishes: 0, updates: 0, others: 2 },
      firstCounter: 1,
      lastCounter: 6,
      firstTimeMs: (MTIME_S + 1) * 1000,
      lastTimeMs: (MTIME_S + 6) * 1000,
      hasGaps: false,
      hasEnd: true,
      lastFinished: undefined,
      serial: serialOfPoint(unit.point).toString('hex'),
      algorithm: 'ecdsa-plain-SHA256',
      info: '"description:","a ""small"" unit","manufacturer:","nobody","version:","1"\n',
      certificates: 3,
      uncertified: true,
      findings: [],
      findingCount: 0,
    })
  })

  test('finds a changed byte, whichever it is', async () => {
    const content = Buffer.from(second.content)
    for (let at = 0; at < content.length; at += 7) {
      const changed = Buffer.from(content)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      const report = await check([info, ...certificates, first, { ...second, content: changed }, third])
      expect(report.valid).toBe(false)
      expect(report.findings.some((finding) => finding.file === second.name || finding.file === third.name)).toBe(true)
    }
  })

  test('finds a missing log, and allows it in a filtered archive', async () => {
    const files = [info, ...certificates, first, third, fourth]
    expect((await check(files)).findings).toEqual([
      { file: third.name, what: 'counters 2 to 2 are missing', rule: 'TR-03153-1 §9.2' },
    ])
    expect((await check(files, { filtered: true })).valid).toBe(true)
  })

  test('a gap before an audit log is reported and casts no doubt on the existing logs', async () => {
    const report = await check([info, ...certificates, first, auditOf(4), ...others.slice(0, 1)])
    expect(report).toMatchObject({ valid: false, sound: true, findings: [{ file: auditOf(4).name }] })
    expect(report.findings[0]?.what).toBe('counters 2 to 3 are missing, which this audit log has to explain')
    const later = await check([info, ...certificates, first, third, auditOf(4)])
    expect(later).toMatchObject({ sound: false, findings: [{ what: 'counters 2 to 2 are missing' }] })
  })

  test('takes the logs in any order and still reports missing and duplicate ones', async () => {
    const whats = async (files: readonly File[]) => (await check(files)).findings.map(({ file, what }) => [file, what])
    const shuffled = [info, ...certificates, ...others, second, fourth, first, third]
    const { findings, ...report } = await check(shuffled)
    expect(findings).toEqual([])
    expect({ ...report, findings }).toEqual(await check(good))
    expect(await whats([...shuffled, first])).toEqual([[first.name, 'counter 1 exists twice']])
    expect(await whats([info, ...certificates, fourth, ...others, first])).toEqual([
      [fourth.name, 'counters 2 to 3 are missing'],
    ])
  })

  test('a genuine archive whose files are in no order is whole, and less one log it is not', async () => {
    const report = await check(unsortedArchive)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ valid: true, logs: 4, firstCounter: 679, lastCounter: 682, certificates: 3 })
    expect(report).toMatchObject({ firstTimeMs: 1_630_751_759_000, lastTimeMs: 1_630_765_452_000 })
    const less = unsortedArchive.filter(({ name }) => !name.includes('Sig-680'))
    expect((await check(less)).findings.map(({ what }) => what)).toEqual(['counters 680 to 680 are missing'])
  })

  test('the last finished transaction is the one with the highest counter, in any position', async () => {
    const finishes = [7, 8].map((counter) => logOf(counter, 'Client-03', 'Finish'))
    const report = await check([info, ...certificates, ...finishes.reverse(), ...logs])
    expect(report).toMatchObject({ valid: true, lastFinished: 8 })
  })

  test('finds a name that is not the content', async () => {
    const report = await check([info, ...certificates, { ...first, name: second.name }])
    expect(report.findings).toEqual([
      { file: second.name, what: `the content says ${first.name}`, rule: 'TR-03151 App. C' },
    ])
  })

  test('finds strangers, a missing info.csv, missing and foreign certificates', async () => {
    const whats = async (files: readonly File[]) => (await check(files)).findings.map((finding) => finding.what)
    expect(await whats([...good, { name: 'readme.txt', content: Buffer.from('hello') }])).toEqual([
      'the file does not belong into an archive',
    ])
    expect(await whats([...certificates, ...logs])).toEqual(['the file is missing'])
    expect(await whats([info, ...logs])).toEqual(['the certificate of the signing key is missing'])
    expect((await whats([info, ...certificates.slice(0, 2), ...logs]))[0]).toContain(
      'no certificate in the archive has issued',
    )
    const foreign = generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }).publicKey
    const { point, curve } = pointOfSpki(foreign.export({ type: 'spki', format: 'der' }))
    const strangers = makeCertificateChain(point, curve, Date.now()).map((content) => ({
      name: certificateFileName(serialOfPoint(pointOfCertificate(readCertificate(content)).point).toString('hex')),
      content,
    }))
    expect(await whats([info, ...strangers, first])).toEqual([
      'the serial number of the logs is not the hash of this key',
    ])
  })

  test('verifies logs that come before their certificate', async () => {
    expect((await check([...logs, ...certificates, info])).valid).toBe(true)
    const forged = { ...second, content: changed(second.content) }
    expect((await check([first, forged, ...certificates, info])).findings[0]?.file).toBe(second.name)
  })

  test('thousands of logs before their certificate are verified if the reader can read ahead', heavy(), async () => {
    const many = [...Array.from({ length: 4100 }, (_, index) => logOf(index + 1)), info, ...certificates]
    expect((await check(many)).findings[0]?.what).toBe('no certificate precedes the log')
    const ahead = await certificatesAhead(pieces(archive(many)))
    const forged = many.map((file, index) => (index === 7 ? { ...file, content: changed(file.content) } : file))
    const report = await check(forged, { certificates: ahead })
    expect(report).toMatchObject({ logs: 4100, certificates: 3, findingCount: 1 })
    expect(report.findings[0]).toMatchObject({ file: many[7]?.name, what: 'the signature does not fit the content' })
    expect(await certificatesAhead(pieces(Buffer.alloc(2000, 'no archive')))).toEqual([])
  })

  test('reports the first twenty findings and counts the rest', async () => {
    const strangers = Array.from({ length: 50 }, (_, i) => ({ name: `${i}.txt`, content: Buffer.alloc(0) }))
    const report = await check([...good, ...strangers])
    expect(report.findings).toHaveLength(20)
    expect(report.findingCount).toBe(50)
  })

  test('reports input that is not an archive', async () => {
    const report = await verifyTar(pieces(Buffer.alloc(2000, 'no archive')))
    expect(report).toMatchObject({ valid: false, logs: 0 })
    expect(report.findings[0]?.rule).toBe('POSIX.1-1988 ustar')
    expect(others).toHaveLength(2)
  })
})

describe('the name of a log', () => {
  const long = parseLogMessage(logOf(1, 'Kasse 1/Ecke Hof, Strasse: (links)').content)

  test('fits 100 bytes and no file system refuses it', () => {
    expect(nameOfLog(long)).toBe(
      'Unixt_1785610086_Sig-1_Log-Tra_No-1_Start_Client-Kasse 1_Ecke Hof, Strasse_ (links).log',
    )
    const huge = parseLogMessage(logOf(1, 'x'.repeat(80)).content)
    expect(nameOfLog(huge)).toHaveLength(100)
    expect(nameFitsLog(nameOfLog(huge), huge)).toBe(true)
  })

  test('may differ in capitals, replaced characters and a mark of repetition, in nothing else', () => {
    const log = parseLogMessage(logOf(1).content)
    expect(nameFitsLog(nameOfLog(log).replace('_Start_', '_start_'), log)).toBe(true)
    expect(nameFitsLog(nameOfLog(log).replace('.log', '_Fc-1.log'), log)).toBe(true)
    expect(nameFitsLog(nameOfLog(log).replace('Client-03', 'Client-04'), log)).toBe(false)
    expect(nameFitsLog(nameOfLog(log).replace('No-1', 'No-2'), log)).toBe(false)
    expect(nameFitsLog(nameOfLog(log).replace('Sig-1', 'Sig-11'), log)).toBe(false)
    expect(nameFitsLog(nameOfLog(long).replace('Kasse 1_', 'Kasse-1-'), long)).toBe(true)
  })
})
