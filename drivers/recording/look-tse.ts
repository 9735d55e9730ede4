import { rfc3339 } from '../../base/clock.ts'
import type { Tse, TseHealth, TseIdentity } from '../ports/tse.ts'
import { readCertificate } from '../tr03151/certificate.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'

/** The answers of a TSE at a look; undefined after a refusal. */
export type SeenTse = { identity: TseIdentity | undefined; health: TseHealth | undefined }

/** Asks a TSE all that can be read. Throws if the line is lost. */
export async function lookAtTse(tse: Tse, say: Say): Promise<SeenTse> {
  await step(say, 'connects', async (report) => {
    await tse.open()
    report('connected')
  })
  const identity = await step(say, 'asks for identity and certificates', async (report) => {
    const read = await tse.identity()
    reportIdentity(read, report)
    return read
  })
  const health = await step(say, 'asks for its state', async (report) => {
    const read = await tse.health()
    reportHealth(read, report)
    return read
  })
  const clients = await step(say, 'asks for the clients', async (report) => {
    const read = await tse.clients()
    report(`clients: ${read.join(', ') || 'none'}`)
    return read
  })
  await step(say, 'asks for the open transactions', async (report) => {
    report(`open: ${(await tse.openTransactions()).join(', ') || 'none'}`)
  })
  const [client] = clients ?? []
  if (client === undefined || tse.lastLog === undefined) return { identity, health }
  await step(say, 'asks for the last log', async (report) => {
    const log = await tse.lastLog?.(undefined, client)
    report(log === undefined ? 'none of its first client' : `transaction ${log.transaction}, ${rfc3339(log.logTimeMs)}`)
  })
  return { identity, health }
}

function reportIdentity({ serial, algorithm, timeFormat, bsiId, certificates }: TseIdentity, report: Say): void {
  report(`serial ${serial}`)
  report(`${algorithm}, log times as ${timeFormat}${bsiId === undefined ? '' : `, certified as ${bsiId}`}`)
  if (certificates.length === 0)
    report('no certificate: before its self-test some units show none; let the till test it')
  for (const certificate of certificates.map(readCertificate))
    report(`certificate by ${oneLine(certificate.issuer)}, until ${rfc3339(certificate.validToDate.getTime())}`)
}

function reportHealth(health: TseHealth, report: Say): void {
  const { description, initialised, disabled, memoryUsedPercent, signaturesLeft, clockSkewMs } = health
  report(description)
  report(`${initialised ? 'set up' : 'not set up'}${disabled ? ', decommissioned' : ''}`)
  report(`memory ${memoryUsedPercent.toFixed(1)} % used, ${signaturesLeft} signatures left`)
  report(`${health.openTransactions} of ${health.maxOpenTransactions} transactions open`)
  if (health.certificateExpiresAtMs > 0) report(`certificate until ${rfc3339(health.certificateExpiresAtMs)}`)
  if (health.selfTestDueInMs !== undefined) report(`measured: self-test due in ${health.selfTestDueInMs / 1000} s`)
  if (clockSkewMs !== undefined) report(`measured: its clock differs by ${clockSkewMs} ms`)
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
