import { X509Certificate } from 'node:crypto'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ReceiverCertificates } from '../../agent/cli/receiver/certificates.ts'
import type { ReceiverTls } from '../../receiver/open-receiver.ts'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { LogRecord, openRig } from '../sync/rig.ts'
import type { Issued } from '../sync/servers/certificates.ts'
import { Authority } from '../sync/servers/certificates.ts'

const NAME = 'IP:127.0.0.1'
const MINUTE = 60_000
const DAY = 86_400_000
let authority: Authority
beforeAll(() => {
  authority = new Authority()
})
afterAll(() => authority.remove())

async function filesOf(issued: Issued): Promise<{ certFile: string; keyFile: string }> {
  const folder = await temporaryDirectory()
  const files = { certFile: join(folder, 'receiver.crt'), keyFile: join(folder, 'receiver.key') }
  lay(issued, files)
  return files
}

function lay(issued: Issued, { certFile, keyFile }: { certFile: string; keyFile: string }): void {
  copyFileSync(issued.certFile, certFile)
  copyFileSync(issued.keyFile, keyFile)
}

function shown(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca: authority.ca }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? 'none')
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('a renewed certificate is served by the receiver that runs; half of one is not', async () => {
  const [first, second] = [authority.issue(NAME), authority.issue(NAME)]
  const serialOf = ({ cert }: Issued) => new X509Certificate(cert).serialNumber
  const files = await filesOf(first)
  const [clock, log] = [new ManualClock(), new LogRecord()]
  const certificates = new ReceiverCertificates(files, clock, log)
  onTestFinished(() => certificates.close())
  let take: (tls: ReceiverTls) => void = () => undefined
  const renewed = new Promise<ReceiverTls>((resolve) => {
    take = resolve
  })
  const tls = await certificates.open((taken) => take(taken))
  const rig = await openRig()
  onTestFinished(() => rig.close())
  const listen = { host: '127.0.0.1', port: 0 }
  const receiver = await openReceiver({ store: rig.store, listen, tls, clock, log })
  onTestFinished(() => receiver.close())
  expect(await shown(receiver.url)).toBe(serialOf(first))
  lay(second, files)
  await clock.advance(MINUTE)
  receiver.renew(await renewed)
  expect(await shown(receiver.url)).toBe(serialOf(second))
})

test('files that are not a certificate, key or authority are named before any client is accepted', async () => {
  const issued = authority.issue(NAME)
  const files = await filesOf(issued)
  const opened = (more: object) =>
    new ReceiverCertificates({ ...files, ...more }, new ManualClock(), new LogRecord()).open(() => undefined)
  await expect(opened({ keyFile: authority.issue(NAME).keyFile })).rejects.toThrow('tls.certFile and tls.keyFile')
  await expect(opened({ certFile: join(files.certFile, '..', 'none.crt') })).rejects.toThrow('none.crt cannot be read')
  const rubbish = join(files.certFile, '..', 'shops.crt')
  writeFileSync(rubbish, '01\n')
  await expect(opened({ clientCaFile: rubbish })).rejects.toThrow('shops.crt holds no certificate')
})

test('a certificate that ends is reported a month before, each day, and once it ended', async () => {
  const files = await filesOf(authority.issue(NAME, '260101000000Z', '260825100000Z'))
  const [clock, log] = [new ManualClock(Date.parse('2026-07-25T10:00:00Z')), new LogRecord()]
  const certificates = new ReceiverCertificates(files, clock, log)
  onTestFinished(() => certificates.close())
  await certificates.open(() => undefined)
  expect(log.lines).toEqual([])
  await clock.advance(2 * DAY)
  expect(log.lines.map(({ code }) => code)).toEqual(['certificate-soon'])
  await clock.advance(30 * DAY)
  expect(log.lines.at(-1)).toMatchObject({
    code: 'certificate-expired',
    message: expect.stringContaining('ended on 2026-08-25'),
  })
})
