import type { TseExportFilter, TseHealth, TseSignature } from '../ports/tse.ts'
import { plainSignature } from '../tr03151/ecdsa.ts'
import { LATEST_MS, LATEST_TRANSACTION } from '../tr03151/filter.ts'
import type { WormExport, WormFacts, WormSignature } from './worm-calls.ts'

export function healthOf(facts: WormFacts, clockSkewMs: number | undefined): TseHealth {
  return {
    memoryUsedPercent: facts.capacity === 0 ? 0 : (100 * facts.size) / facts.capacity,
    signaturesLeft: facts.remainingSignatures,
    certificateExpiresAtMs: facts.certificateExpirationDate * 1000,
    clockSkewMs,
    openTransactions: facts.startedTransactions,
    maxOpenTransactions: facts.maxStartedTransactions,
    initialised: facts.initializationState !== 0,
    disabled: facts.initializationState === 2,
    selfTestDueInMs: facts.hasPassedSelfTest ? facts.timeUntilNextSelfTest * 1000 : 0,
    timeHoldsMs: facts.maxTimeSynchronizationDelay * 1000,
    description: `Swissbit, ${facts.description}, firmware ${firmwareText(facts)}, library ${facts.version}`,
  }
}

/** From firmware 2 on a unit exports only everything, and has one user at a time. */
export function isSecondFirmware({ softwareVersion }: WormFacts): boolean {
  return softwareVersion >>> 16 >= 2
}

function firmwareText({ softwareVersion }: WormFacts): string {
  return [softwareVersion >>> 16, (softwareVersion >>> 8) & 0xff, softwareVersion & 0xff].join('.')
}

export function exportOf(filter: TseExportFilter): WormExport {
  const { clientId, transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  if (timeFromMs !== undefined || timeToMs !== undefined) {
    const to = Math.floor((timeToMs ?? LATEST_MS) / 1000)
    return { kind: 'time', from: Math.floor((timeFromMs ?? 0) / 1000), to, clientId }
  }
  if (transactionFrom === undefined && transactionTo === undefined && clientId === undefined)
    return { kind: 'all', from: 0, to: 0, clientId }
  return { kind: 'transactions', from: transactionFrom ?? 1, to: transactionTo ?? LATEST_TRANSACTION, clientId }
}

export function signatureOf({ logTime, signature, ...signed }: WormSignature): TseSignature {
  return { ...signed, logTimeMs: logTime * 1000, signature: plainSignature(Buffer.from(signature)) }
}
