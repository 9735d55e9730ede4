import type { Clock } from '../../base/clock.ts'
import type { Authority, AuthorityMode, AuthorityTiming, CallResult } from '../ports/authority.ts'
import type { RkdbOperation } from '../ports/finanzonline.ts'
import type { Fingerprint } from '../ports/secrets.ts'
import { FinanzOnlineAccount } from './account.ts'
import { LoginPrints } from './credentials.ts'
import type { TransportOptions } from './transport.ts'

/** The section `authorities` of agent.json, as far as FinanzOnline needs it. */
export type FinanzOnlineSettings = {
  readonly proxy?: { readonly url: string; readonly credentialsFile?: string | undefined } | undefined
  readonly caFile?: string | undefined
  readonly finanzonline: {
    readonly mode: AuthorityMode
    readonly url: string
    readonly makerVatId: string
    readonly accounts: readonly {
      readonly merchant?: string | undefined
      readonly participantFile: string
      readonly userFile: string
      readonly pinFile: string
    }[]
    readonly timing: AuthorityTiming
  }
}

export type FinanzOnlineContext = {
  readonly clock: Clock
  /** A secret of one line. */
  readonly readSecret: (path: string) => Promise<string>
  readonly readFile: (path: string) => Promise<Uint8Array>
  /** A folder for the prints of refused and proven credentials. */
  readonly directory: string
  readonly fingerprint: Fingerprint
  /** Called after each call to the service. */
  readonly onCall?: ((operation: RkdbOperation, result: CallResult) => void) | undefined
}

/** The line to the service. */
export function transportOf(
  { proxy, caFile, finanzonline: { url, timing } }: FinanzOnlineSettings,
  { clock, readSecret, readFile }: Pick<FinanzOnlineContext, 'clock' | 'readSecret' | 'readFile'>,
): TransportOptions {
  const credentialsFile = proxy?.credentialsFile
  return {
    ...{ url, clock, callMs: timing.callMs },
    proxy: proxy && {
      url: proxy.url,
      credentials: credentialsFile === undefined ? undefined : () => readSecret(credentialsFile),
    },
    authority: caFile === undefined ? undefined : async () => Buffer.from(await readFile(caFile)).toString('utf8'),
  }
}

/** FinanzOnline with the accounts of the configuration; connects nothing. */
export function openFinanzOnline(settings: FinanzOnlineSettings, context: FinanzOnlineContext): Authority {
  const { mode, makerVatId, timing, accounts } = settings.finanzonline
  const transport = transportOf(settings, context)
  const { clock, readSecret, directory, fingerprint, onCall } = context
  // Test and production share them: they are one service with the same login.
  const prints = new LoginPrints(directory, fingerprint, clock)
  return {
    mode,
    timing,
    accounts: accounts.map(
      ({ merchant, participantFile, userFile, pinFile }) =>
        new FinanzOnlineAccount({
          ...{ clock, readSecret, prints, mode, makerVatId, transport, merchant, onCall },
          checkAgainMs: timing.checkAgainMs,
          files: { participant: participantFile, user: userFile, pin: pinFile },
        }),
    ),
  }
}
