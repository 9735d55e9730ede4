import { messageOf } from '../../base/thrown.ts'
import { readCredentials, UnusableCredentialsError } from './credentials.ts'
import type { FinanzOnlineContext, FinanzOnlineSettings } from './driver.ts'
import { transportOf } from './driver.ts'
import { LostError, reachService } from './transport.ts'

/** `problem`: undefined if it is as it must be. */
export type Probed = {
  readonly kind: 'files' | 'service'
  readonly what: string
  readonly problem: string | undefined
}

type Context = Pick<FinanzOnlineContext, 'clock' | 'readSecret' | 'readFile'>

/** Reads the files of each account, and reaches the service: name, connection, certificate. Tries no login. */
export async function probeFinanzOnline(settings: FinanzOnlineSettings, context: Context): Promise<Probed[]> {
  const { accounts, url } = settings.finanzonline
  const files = accounts.map(async ({ merchant, participantFile, userFile, pinFile }): Promise<Probed> => {
    const named = { participant: participantFile, user: userFile, pin: pinFile }
    const what = merchant === undefined ? 'credentials' : `credentials of ${merchant}`
    return { kind: 'files', what, problem: await problemOf(readCredentials(named, context.readSecret)) }
  })
  const reached = problemOf(reachService(transportOf(settings, context)))
  return [...(await Promise.all(files)), { kind: 'service', what: url, problem: await reached }]
}

async function problemOf(act: Promise<unknown>): Promise<string | undefined> {
  try {
    await act
    return undefined
  } catch (error) {
    if (error instanceof UnusableCredentialsError) return error.message
    return error instanceof LostError ? `${error.lost}: ${error.message}` : messageOf(error)
  }
}
