import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CurveName } from '../../../drivers/tr03151/algorithms.ts'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain, pointOfCertificate, readCertificate } from '../../../drivers/tr03151/certificate.ts'
import { tlv } from '../../../drivers/tr03151/der.ts'
import { plainSignature, plainToDer, pointOfSpki, serialOfPoint, spkiOfPoint } from '../../../drivers/tr03151/ecdsa.ts'
import { certificateFileName } from '../../../drivers/tr03151/file-name.ts'
import type { LogFrame } from '../../../drivers/tr03151/log-message.ts'
import { parseLogMessage, sealed, transactionPart } from '../../../drivers/tr03151/log-message.ts'
import type { LogTimeFormat } from '../../../drivers/tr03151/log-time.ts'
import { tarEnd, tarEntry } from '../../../drivers/tr03151/tar.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { certified } from '../../certified-unit.ts'
import { execFileSync } from '../../waits.ts'

type File = { name: string; content: Uint8Array }
type Wanted = { curve?: CurveName; timeFormat?: LogTimeFormat; version?: 2 | 3; clientId?: string; from?: number }

const MTIME_S = 1_785_610_085
const info: File = { name: 'info.csv', content: Buffer.from('"description:","x","manufacturer:","y","version:","1"\n') }

/** An archive as another unit may make it: certificates and a start with its finish. */
function made({ curve = 'P-256', timeFormat = 'unixTime', version = 2, clientId = '03', from = 1 }: Wanted = {}) {
  const { namedCurve, algorithm } = curveByName(curve)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const chain = makeCertificateChain(point, curveByName(curve), Date.now())
  const logs = (['Start', 'Finish'] as const).map((operation, index): File => {
    const counter = from + index
    const frame: LogFrame = {
      version,
      serial: serialOfPoint(point),
      algorithm,
      counter,
      timeFormat,
      timeMs: MTIME_S * 1000,
    }
    const data = operation === 'Finish' ? Buffer.from('Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar') : Buffer.alloc(0)
    const type = operation === 'Finish' ? 'Kassenbeleg-V1' : ''
    const part = transactionPart({
      ...frame,
      operation,
      clientId,
      processData: data,
      processType: type,
      transaction: 7,
    })
    const hash = algorithm.slice('ecdsa-plain-'.length)
    const content = sealed(part, sign(hash, part, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
    const time = parseLogMessage(content).time.name
    return { name: `${time}_Sig-${counter}_Log-Tra_No-7_${operation}_Client-${clientId}.log`, content }
  })
  return { chain, logs, point }
}

function named(der: Uint8Array): File {
  return {
    name: certificateFileName(serialOfPoint(pointOfCertificate(readCertificate(der)).point).toString('hex')),
    content: der,
  }
}

function pem(der: Uint8Array): Buffer {
  return Buffer.from(readCertificate(der).toString())
}

function archive(files: readonly File[], end: Uint8Array = tarEnd): Buffer {
  return Buffer.concat([...files.map(({ name, content }) => tarEntry(name, content, MTIME_S)), end])
}

function check(bytes: Uint8Array) {
  return verifyTar(
    (async function* () {
      // In pieces that fit no block.
      for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777)
    })(),
  )
}

describe('an archive of another unit is verified', () => {
  test.each<[string, Wanted]>([
    ['brainpoolP256r1', { curve: 'brainpoolP256r1' }],
    ['P-384', { curve: 'P-384' }],
    ['brainpoolP384r1', { curve: 'brainpoolP384r1' }],
    ['brainpoolP512r1', { curve: 'brainpoolP512r1' }],
    ['P-521', { curve: 'P-521' }],
    ['UTC time', { timeFormat: 'utcTime' }],
    ['UTC time with seconds', { timeFormat: 'utcTimeWithSeconds' }],
    ['generalized time', { timeFormat: 'generalizedTime' }],
    ['generalized time with milliseconds', { timeFormat: 'generalizedTimeWithMilliseconds' }],
    ['version 3', { version: 3 }],
    ['a client of forty characters', { clientId: 'ERS 8c0b1d0e-6c29-4f5f-9a4e-2f6d8f2c1a7b' }],
    ['counters beyond 32 bits', { from: 5_000_000_000 }],
  ])('%s', async (_what, wanted) => {
    const { chain, logs } = made(wanted)
    const report = await check(archive([info, ...chain.map(named), ...logs]))
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ valid: true, sound: true, logs: 2, lastFinished: 7 })
  })
})

describe('certificates', () => {
  const { chain, logs, point } = made()
  const [leaf = new Uint8Array(), ...above] = chain
  const leafName = named(leaf).name
  test.each<[string, readonly File[]]>([
    ['as PEM', chain.map((der) => ({ name: named(der).name.replace('.cer', '.pem'), content: pem(der) }))],
    [
      'a whole chain as PEM in one file',
      [{ name: leafName.replace('.cer', '.pem'), content: Buffer.concat(chain.map(pem)) }],
    ],
    ['a whole chain as DER in one file', [{ name: leafName, content: Buffer.concat(chain) }]],
    ['the root first', [...chain].reverse().map(named)],
    [
      'numbered, where one of that key was there before',
      chain.map(named).flatMap((file) => [file, { ...file, name: file.name.replace('.cer', '_Fc-1.cer') }]),
    ],
    [
      'in capitals and as .crt',
      chain.map((der) => ({ name: named(der).name.toUpperCase().replace('.CER', '.crt'), content: der })),
    ],
  ])('%s', async (_what, certificates) => {
    expect((await check(archive([info, ...certificates, ...logs]))).findings).toEqual([])
  })

  test('say of the unit that signed, and of no other, that it is not certified; so may info.csv', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maker-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const spki = spkiOfPoint(point, curveByName('P-256'))
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    const makers = await certified(key.export({ type: 'spki', format: 'pem' }).toString(), folder)
    const signed = [...makers.map(named), ...chain.slice(1).map(named), ...logs]
    expect(await check(archive([info, ...signed]))).toMatchObject({ sound: true, uncertified: false })
    const says = { name: 'info.csv', content: Buffer.from('"description:","a key in a token, NOT CERTIFIED"\n') }
    expect(await check(archive([says, ...signed]))).toMatchObject({ sound: true, uncertified: true })
    expect(await check(archive([info, ...chain.map(named), ...logs]))).toMatchObject({ uncertified: true })
  })

  test.each([
    ['cert.pem', true],
    ['chain.pem', false],
    ['tse.crt', false],
  ])('a chain named %s is that of the logs; only a name of no key and no maker is a finding', async (name, isKnown) => {
    const report = await check(archive([info, { name, content: Buffer.concat(chain.map(pem)) }, ...logs]))
    const what = 'the name is not the hash of the key inside'
    expect(report.findings).toEqual(isKnown ? [] : [{ file: name, what, rule: 'TR-03151 App. C' }])
    expect(report).toMatchObject({ sound: true, valid: isKnown, certificates: 3 })
  })

  test('a signing key whose certificate may sign others is still the one that its serial number names', async () => {
    const own = made()
    // The chain of another unit before ours: the first leaf is not always the right one.
    const report = await check(archive([info, ...chain.map(named), ...own.chain.map(named), ...own.logs]))
    expect(report).toMatchObject({ valid: true, serial: serialOfPoint(own.point).toString('hex') })
  })

  test('without those above the key the logs are proven, and the archive is against the rules', async () => {
    const report = await check(archive([info, named(leaf), ...logs]))
    expect(report).toMatchObject({ valid: false, sound: true, findingCount: 1 })
    expect(above).toHaveLength(2)
  })
})

describe('card-verifiable certificates', () => {
  const { chain, logs, point } = made()
  const serial = serialOfPoint(point).toString('hex')
  /** TR-03110-3 App. C: body with profile, issuer, key, holder, role and dates; then a signature that is not looked at. */
  const cvcOf = (key: Uint8Array): Buffer => {
    const long = (tag: string, ...contents: Uint8Array[]): Buffer => {
      const [first = '', second = ''] = tag.match(/../g) ?? []
      return Buffer.concat([Buffer.from(first, 'hex'), tlv(Number.parseInt(second, 16), ...contents)])
    }
    const role = long('7f4c', tlv(0x06, Buffer.from('04007f000703010202', 'hex')), tlv(0x53, Buffer.of(0)))
    const publicKey = long('7f49', tlv(0x06, Buffer.from('04007f00070202020203', 'hex')), tlv(0x86, key))
    const issuer = tlv(0x42, Buffer.from('DECA00001'))
    const holder = long('5f20', Buffer.from('DETSE00001'))
    const dates = [long('5f25', Buffer.of(2, 6, 0, 1, 0, 1)), long('5f24', Buffer.of(3, 4, 0, 1, 0, 1))]
    const body = long('7f4e', long('5f29', Buffer.of(0)), issuer, publicKey, holder, role, ...dates)
    return long('7f21', body, long('5f37', Buffer.alloc(64, 1)))
  }
  const file: File = { name: `${serial}_CVC.der`, content: cvcOf(point) }

  test('next to the others are as good as those', async () => {
    const beside = [
      [...chain.map(named), file],
      [file, ...chain.map(named)],
    ]
    for (const certificates of beside)
      expect((await check(archive([info, ...certificates, ...logs]))).findings).toEqual([])
  })

  test('alone prove the logs; their issuer is reported as not checked', async () => {
    const report = await check(archive([info, file, ...logs]))
    expect(report).toMatchObject({ valid: false, sound: true, findingCount: 1, findings: [{ file: file.name }] })
    expect(report.findings[0]?.what).toContain('not checked')
  })

  test('of another key, or cut off, are reported', async () => {
    const [other, cut] = [cvcOf(made().point), file.content.subarray(0, 90)]
    for (const content of [other, cut])
      expect((await check(archive([info, ...chain.map(named), { ...file, content }, ...logs]))).findings).toHaveLength(
        1,
      )
  })
})

describe('wrapping', () => {
  const { chain, logs } = made({ clientId: 'x'.repeat(38) })
  const files = [info, ...chain.map(named), ...logs]

  test.each<[string, Uint8Array]>([
    ['no zero blocks', new Uint8Array()],
    ['one zero block', new Uint8Array(512)],
    ['half a zero block', new Uint8Array(300)],
    ['twenty of them', new Uint8Array(10_240)],
  ])('%s at the end', async (_what, end) => {
    expect((await check(archive(files, end))).findings).toEqual([])
  })

  test('a last log that is cut off is reported, not omitted', async () => {
    const whole = archive(files, new Uint8Array())
    const report = await check(whole.subarray(0, whole.length - 200))
    expect(report).toMatchObject({ sound: false, findings: [{ what: expect.stringContaining('ends inside') }] })
  })

  test.each(['gnu', 'pax', 'ustar', 'oldgnu'])(
    'repacked by tar in the format %s its logs stay proven',
    async (format) => {
      const folder = await mkdtemp(join(tmpdir(), 'tar-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const inner = join(folder, 'of-the-shop')
      await mkdir(inner)
      const long = 'n'.repeat(60)
      for (const { name, content } of files)
        await writeFile(
          join(inner, name.replace('.log', `${format === 'gnu' || format === 'pax' ? long : ''}.log`)),
          content,
        )
      const order = files.map(
        ({ name }) => `of-the-shop/${name.replace('.log', `${format === 'gnu' || format === 'pax' ? long : ''}.log`)}`,
      )
      execFileSync('tar', ['-C', folder, `--format=${format}`, '-cf', join(folder, 'a.tar'), ...order])
      const report = await check(await readFile(join(folder, 'a.tar')))
      expect(report).toMatchObject({ sound: true, logs: 2, certificates: 3, firstCounter: 1, lastCounter: 2 })
      expect(report.valid).toBe(false)
    },
  )
})

describe('a signature as a device answers it', () => {
  test.each<[CurveName]>([['P-256'], ['brainpoolP384r1'], ['brainpoolP512r1'], ['P-521']])(
    '%s, plain or in DER',
    (curve) => {
      const { namedCurve, size } = curveByName(curve)
      const { privateKey } = generateKeyPairSync('ec', { namedCurve })
      for (let tries = 0; tries < 20; tries += 1) {
        const plain = sign('sha256', Buffer.from(String(tries)), { key: privateKey, dsaEncoding: 'ieee-p1363' })
        expect(plainSignature(plain)).toHaveLength(2 * size)
        if (curve !== 'P-521') expect(Buffer.from(plainSignature(plainToDer(plain))).equals(plain)).toBe(true)
      }
    },
  )

  test('a value of neither kind stays unchanged', () => {
    for (const bytes of [Buffer.from('signature'), Buffer.alloc(0), Buffer.from('3003020101', 'hex')])
      expect(plainSignature(bytes)).toBe(bytes)
  })
})
